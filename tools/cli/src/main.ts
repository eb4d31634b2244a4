import { Command, CommanderError } from 'commander';
import { keepExitCodes, runCommand } from './commands/exit.js';
import { tailOptions, type TailOptions } from './commands/tail-options.js';
import { verifyCommand, type VerifyCommandOptions } from './commands/verify.js';
import type { OnlineOptions } from './commands/online.js';
import type { ProjectionOptions } from './commands/projection.js';

const program = new Command('countersign')
  .description('Evidence of defence logistics: verify it offline, audit it online.')
  .addHelpText('after', '\nExit codes: 0 = holds, 1 = does not hold, 2 = unreadable input or wrong usage.')
  .exitOverride();

program
  .command('verify')
  .description('verify a proof bundle from files alone; opens no connection')
  .argument('<bundle>', 'proof bundle file')
  .requiredOption('--trust <file>', 'the pinned log ids, keys and policy to verify with')
  .option('--at <time>', 'judge the age of the evidence by this time (RFC 3339); needs maxAgeSeconds in the trust file')
  .option('--json', 'print the report as JSON')
  .option('--sign <key.pem>', 'print the report as JSON, signed with this Ed25519 key')
  .action((bundle: string, options: VerifyCommandOptions) => runCommand(() => verifyCommand(bundle, options)));

online('audit', 'compare every stored record of every log with what was committed, and with the chain').action(
  (options: OnlineOptions) => runCommand(async () => (await import('./commands/online.js')).auditCommand(options)),
);

online('trace', 'every event of an item or document, with its evidence')
  .argument('<item>', 'UII, document number, RTD reference, PIID or TCN')
  .action((item: string, options: OnlineOptions) =>
    runCommand(async () => (await import('./commands/online.js')).traceCommand(item, options)),
  );

online('proof', 'write the proof bundle of an item or document')
  .argument('<item>', 'UII, document number, RTD reference, PIID or TCN')
  .requiredOption('-o, --output <file>', 'file to write')
  .action((item: string, options: OnlineOptions & { output: string }) =>
    runCommand(async () => (await import('./commands/online.js')).proofCommand(item, options)),
  );

tailOptions(program.command('tail')).action((service: string, options: TailOptions) =>
  runCommand(async () => (await import('./commands/tail.js')).tailCommand(service, options)),
);

const projection = program
  .command('projection')
  .description('read models: how they are, made anew from the log, compared with it')
  .addHelpText(
    'after',
    '\nExit codes: list and rebuild 0 = done; compare 0 = the same, 1 = differs; 2 = could not be done or wrong usage.',
  );

onProjections('list', 'every read model: its version, how far it is behind the log, what stops it').action(
  (options: ProjectionOptions) =>
    runCommand(async () => (await import('./commands/projection.js')).listProjectionsCommand(options)),
);

onProjections('rebuild', 'make a read model anew from the log while the old one answers; goes on if you leave')
  .argument('<name>', 'read model, e.g. stock-on-hand')
  .action((name: string, options: ProjectionOptions) =>
    runCommand(async () => (await import('./commands/projection.js')).rebuildProjectionCommand(name, options)),
  );

onProjections('compare', 'compare a read model row by row with what the log says; changes nothing')
  .argument('<name>', 'read model, e.g. stock-on-hand')
  .action((name: string, options: ProjectionOptions) =>
    runCommand(async () => (await import('./commands/projection.js')).compareProjectionCommand(name, options)),
  );

function onProjections(name: string, description: string): Command {
  return projection
    .command(name)
    .description(description)
    .option('--service <name>', 'the service that keeps it (default: whichever does)')
    .option(
      '--profile <file>',
      'where the platform is and who calls (default: the auditor of the one that npm start wrote last; rebuild: its operator)',
    )
    .option('--json', 'print JSON');
}

function online(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--profile <file>', 'where the platform is and who calls (default: the one that npm start wrote last)')
    .option('--trust <file>', 'the pinned log ids, keys and policy (default: those of that platform)')
    .option('--json', 'print JSON');
}

keepExitCodes();
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
