import type { Command } from 'commander';
import type { ChainOptions, DecidingOptions } from './chain.js';
import { runCommand } from './exit.js';

/** Adds `chain members | proposal | propose | approve`; what they need is loaded when one of them runs. */
export function chainCommands(program: Command): void {
  const chain = program
    .command('chain')
    .description('what the member organisations of the log registry decide together')
    .addHelpText('after', '\nExit codes: 0 = done, 2 = refused, not reached, or wrong usage.');
  const add = (name: string, description: string): Command =>
    chain
      .command(name)
      .description(description)
      .option('--profile <file>', 'where the chain is (default: the platform that npm start wrote last)')
      .option('--json', 'print JSON');

  add('members', 'who they are, how many of them decide, and the least quorum of a log').action((options: ChainOptions) =>
    runCommand(async () => (await import('./chain.js')).membersCommand(options)),
  );
  add('proposal', 'what a proposal changes, and how it stands')
    .argument('<id>', 'the proposal, 64 hex digits')
    .action((id: string, options: ChainOptions) =>
      runCommand(async () => (await import('./chain.js')).proposalCommand(id, options)),
    );
  add('propose', 'propose a change of members, of a publisher, of a quorum, or to close a log; and approve it')
    .argument('<file>', 'the change as JSON (docs/chain-members.md)')
    .requiredOption('--key <file>', "the member's private key, 0x and 64 hex digits")
    .option('--days <days>', 'for how long it can be approved', '7')
    .action((file: string, options: DecidingOptions & { days: string }) =>
      runCommand(async () => (await import('./chain.js')).proposeCommand(file, options)),
    );
  add('approve', 'approve exactly what `chain proposal` shows; the last approval needed puts it into effect')
    .argument('<id>', 'the proposal, 64 hex digits')
    .requiredOption('--key <file>', "the member's private key, 0x and 64 hex digits")
    .action((id: string, options: DecidingOptions) =>
      runCommand(async () => (await import('./chain.js')).approveCommand(id, options)),
    );
}
