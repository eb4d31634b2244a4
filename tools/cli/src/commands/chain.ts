import { createRegistryMembers, type MembersProposal, type RegistryMembers } from '@countersign/chain';
import { Unreadable } from '@countersign/verifier';
import { membersTable, proposalLines } from '../chain-tables.js';
import { readUpTo } from '../files.js';
import { findProfile, readProfile } from '../platform/profile.js';
import { parseChange } from './chain-change.js';
import { printJson, type ExitCode } from './exit.js';

export interface ChainOptions {
  /** Default: as `findProfile` says. */
  readonly profile?: string;
  readonly json?: boolean;
}

export interface DecidingOptions extends ChainOptions {
  /** File with a member's private key: 0x and 64 hex digits. */
  readonly key: string;
}

const KEY_BYTES_MAX = 128;
const CHANGE_BYTES_MAX = 64 * 1024;
const DAY_SECONDS = 86_400;
const DAYS_MAX = 30;

/** `chain members`: who decides about the registry. */
export async function membersCommand(options: ChainOptions): Promise<ExitCode> {
  const registry = registryOf(options);
  const [identity, listing] = [await registry.identity(), await registry.membership()];
  if (options.json === true) printJson({ identity, ...listing });
  else process.stdout.write(`${membersTable(identity, listing)}\n`);
  return 0;
}

/** `chain proposal <id>`: what it changes, and how it stands. */
export async function proposalCommand(id: string, options: ChainOptions): Promise<ExitCode> {
  const proposal = await registryOf(options).proposal(idOf(id));
  if (proposal === undefined) throw new Unreadable('nobody proposed this');
  return print(proposal, options);
}

/** `chain propose <file>`: proposes the change that the file spells out, and approves it. */
export async function proposeCommand(file: string, options: DecidingOptions & { readonly days: string }): Promise<ExitCode> {
  if (!/^[1-9]\d?$/.test(options.days) || Number(options.days) > DAYS_MAX)
    throw new Unreadable(`--days must be a number from 1 to ${DAYS_MAX}`);
  const text = readUpTo(file, CHANGE_BYTES_MAX, 'the change');
  if (text.length > CHANGE_BYTES_MAX) throw new Unreadable('the change is too large');
  const change = parseChange(text.toString('utf8'));
  // A block's time runs ahead of the clock by less than a minute; the longest time would else be refused now and then.
  const seconds = Number(options.days) * DAY_SECONDS - 60;
  return print(await registryOf(options, keyOf(options)).propose(change, seconds), options);
}

/** `chain approve <id>`: approves exactly what `chain proposal` shows. */
export async function approveCommand(id: string, options: DecidingOptions): Promise<ExitCode> {
  return print(await registryOf(options, keyOf(options)).approve(idOf(id)), options);
}

function registryOf({ profile = findProfile() }: ChainOptions, memberKey?: Uint8Array): RegistryMembers {
  const { chain } = readProfile(profile);
  if (chain === undefined) throw new Unreadable('the profile names no chain node');
  return createRegistryMembers({ ...chain, memberKey });
}

function keyOf({ key }: DecidingOptions): Uint8Array {
  const text = readUpTo(key, KEY_BYTES_MAX, 'the key').toString('utf8').trim();
  if (!/^0x[0-9a-f]{64}$/i.test(text)) throw new Unreadable('the key is not 0x and 64 hex digits');
  return Buffer.from(text.slice(2), 'hex');
}

function idOf(id: string): Uint8Array {
  if (!/^(0x)?[0-9a-f]{64}$/i.test(id)) throw new Unreadable('a proposal is named by 64 hex digits');
  return Buffer.from(id.replace(/^0x/i, ''), 'hex');
}

function print(proposal: MembersProposal, { json }: ChainOptions): ExitCode {
  if (json === true) printJson(proposal);
  else process.stdout.write(`${proposalLines(proposal)}\n`);
  return 0;
}
