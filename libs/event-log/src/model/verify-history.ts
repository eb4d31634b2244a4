import type { LogRow } from '../log-reader.js';
import type { CommandKey, LoadedStream, PreparedCommand, StoredCommand } from '../log-store.js';
import { broken } from './broken-history.js';
import type { Attempt } from './history.js';
import { keyOf, ReferenceStore, type ModelCommand, type StreamFacts } from './reference-store.js';

/** What the store shows after everything is over. */
export interface StoreEvidence {
  /** Every row from `base` on. */
  readonly rows: readonly LogRow[];
  findCommand(key: CommandKey): Promise<StoredCommand | undefined>;
  loadStream(streamId: string, fromSequence: bigint): Promise<LoadedStream>;
  nextInboxSequence(source: string, subject: string): Promise<bigint>;
}

/** A command that is stored, with the ticks between which that happened. */
interface Stored {
  readonly command: ModelCommand;
  readonly position: bigint;
  readonly invokedAt: number;
  /** When somebody was first told that it is stored. */
  readonly knownAt: number;
}

/**
 * Judges a history against the log it left:
 * - dense positions, each row the row of exactly one command, each command's rows all there together or not at all (I1, I2, I4);
 * - replayed in the order of the log, the reference stores each of these commands, at the same position (I3, and every guard);
 * - every refusal was right at some moment between call and answer, and nothing known to be stored comes after what was asked later;
 * - streams, idempotency and inbox of the store say in the end what the reference says.
 *
 * @param base size of the log before the history began
 * @throws BrokenHistory
 */
export async function verifyHistory(
  attempts: readonly Attempt[],
  evidence: StoreEvidence,
  base: bigint,
): Promise<ReferenceStore> {
  const stored = storedCommands(attempts, evidence.rows, base);
  const reference = replay(stored, attempts, base);
  if (reference.size !== base + BigInt(evidence.rows.length)) broken('the log holds more or less than its commands');
  await compareStreams(reference, evidence);
  await compareCommands(attempts, stored, evidence);
  await compareInbox(reference, evidence);
  return reference;
}

function storedCommands(attempts: readonly Attempt[], rows: readonly LogRow[], base: bigint): readonly Stored[] {
  const positions = new Map<string, bigint>();
  for (const [index, { position, eventId }] of rows.entries()) {
    if (position !== base + BigInt(index)) broken('positions are not dense', { position });
    if (positions.has(eventId)) broken('an event stands twice', { eventId });
    positions.set(eventId, position);
  }
  const found: Stored[] = [];
  let claimed = 0;
  for (const [command, of] of Map.groupBy(attempts, (attempt) => attempt.command)) {
    const position = positionOf(command.prepared, of, positions);
    if (position === undefined) continue;
    claimed += command.prepared.events.length;
    found.push({ command, position, invokedAt: firstCallOf(of), knownAt: firstAnswerOf(of) });
  }
  if (claimed !== rows.length) broken('the log holds rows of no command', { claimed, rows: rows.length });
  return found.toSorted(inLogOrder);
}

/** Where a command's events stand; undefined if they are not there. All of them or none, one after the other. */
function positionOf(
  { events, commandId }: PreparedCommand,
  attempts: readonly Attempt[],
  positions: ReadonlyMap<string, bigint>,
): bigint | undefined {
  const told = attempts.map(({ outcome }) => outcome).find(({ kind }) => kind === 'appended');
  const toldPosition = told?.kind === 'appended' ? told.firstPosition : undefined;
  if (events.length === 0) return toldPosition;
  const at = events.map(({ eventId }) => positions.get(eventId));
  const [first] = at;
  const isWhole = at.every((position, index) => position === (first === undefined ? undefined : first + BigInt(index)));
  if (!isWhole) broken('a command is stored in part', { commandId });
  if (toldPosition !== undefined && toldPosition !== first)
    broken('an acknowledged command is lost or elsewhere', { commandId, toldPosition, first });
  if (first !== undefined) requireMayBeStored(attempts, commandId);
  return first;
}

function requireMayBeStored(attempts: readonly Attempt[], commandId: string): void {
  const outcomes = attempts.map(({ outcome }) => outcome.kind);
  if (!outcomes.includes('appended') && !outcomes.includes('unknown'))
    broken('a refused command is stored', { commandId, outcomes });
}

/** Commands without events stand before the one that took their position. */
function inLogOrder(one: Stored, other: Stored): number {
  if (one.position !== other.position) return one.position < other.position ? -1 : 1;
  const hasEvents = ({ command }: Stored): number => Math.min(1, command.prepared.events.length);
  return hasEvents(one) - hasEvents(other) || one.knownAt - other.knownAt;
}

/** Goes through the log, and asks at every moment which refusals were right then. */
function replay(stored: readonly Stored[], attempts: readonly Attempt[], base: bigint): ReferenceStore {
  const reference = new ReferenceStore(base);
  const pending = new Map(attempts.filter(isRefusal).map((attempt) => [attempt, windowOf(attempt, stored)]));
  for (let index = 0; index <= stored.length; index += 1) {
    for (const [attempt, { from, to }] of pending) {
      if (index >= from && index <= to && wasRight(attempt, reference)) pending.delete(attempt);
    }
    const next = stored[index];
    if (next) apply(reference, next, stored.slice(index + 1));
  }
  for (const [{ outcome, command }, window] of pending)
    broken('a refusal was never right', { outcome: outcome.kind, commandId: command.prepared.commandId, window });
  return reference;
}

function apply(reference: ReferenceStore, { command, position, invokedAt }: Stored, later: readonly Stored[]): void {
  const { commandId } = command.prepared;
  const allowed = reference.allowed(command);
  if (!allowed.includes('appended')) broken('a command is stored that had to be refused', { commandId, allowed, position });
  const expected = reference.store(command.prepared);
  if (expected !== position) broken('a command stands at another position', { commandId, position, expected });
  if (later.some(({ knownAt }) => knownAt < invokedAt)) broken('the order of the log is not the order in time', { commandId });
}

function isRefusal({ outcome }: Attempt): boolean {
  return !['appended', 'unknown', 'refused'].includes(outcome.kind);
}

/** How many stored commands may have come before the answer: those known before the call did, those asked for after the answer did not. */
function windowOf(
  { invokedAt, respondedAt }: Attempt,
  stored: readonly Stored[],
): { readonly from: number; readonly to: number } {
  const from = stored.findLastIndex(({ knownAt }) => knownAt < invokedAt) + 1;
  const after = stored.findIndex((other) => other.invokedAt > respondedAt);
  return { from, to: after < 0 ? stored.length : after };
}

function wasRight({ command, outcome }: Attempt, reference: ReferenceStore): boolean {
  if (!reference.allowed(command).some((kind) => kind === outcome.kind)) return false;
  return outcome.kind !== 'conflict' || reference.staleStreams(command.prepared).includes(outcome.streamId);
}

async function compareStreams(reference: ReferenceStore, { rows, loadStream }: StoreEvidence): Promise<void> {
  const sequences = Map.groupBy(rows, ({ streamId }) => streamId);
  const compare = async ([streamId, { next, lastDigest }]: [string, StreamFacts]): Promise<void> => {
    const loaded = await loadStream(streamId, next);
    if (loaded.nextSequence !== next || hexOf(loaded.lastDigest) !== hexOf(lastDigest))
      broken('a stream head differs', { streamId, is: loaded.nextSequence, expected: next });
    const of = sequences.get(streamId) ?? [];
    if (BigInt(of.length) !== next || of.some(({ sequence }, index) => sequence !== BigInt(index)))
      broken('a stream is not contiguous', { streamId, next, sequences: of.map(({ sequence }) => sequence) });
  };
  await Promise.all([...reference.streams].map(compare));
}

async function compareInbox(reference: ReferenceStore, { nextInboxSequence }: StoreEvidence): Promise<void> {
  const compare = async ([key, next]: [string, bigint]): Promise<void> => {
    const [source = '', subject = ''] = JSON.parse(key) as string[];
    if ((await nextInboxSequence(source, subject)) !== next) broken('the inbox differs', { key });
  };
  await Promise.all([...reference.subjects].map(compare));
}

/** The idempotency row is there exactly if the rows are. */
async function compareCommands(attempts: readonly Attempt[], stored: readonly Stored[], evidence: StoreEvidence): Promise<void> {
  const byKey = new Map(stored.map(({ command }) => [commandKeyOf(command.prepared), command.prepared]));
  const compare = async (prepared: PreparedCommand): Promise<void> => {
    const found = await evidence.findCommand(prepared);
    const expected = byKey.get(commandKeyOf(prepared));
    const [told, ids] = [found?.recorded, expected?.events].map((events) => events?.map(({ eventId }) => eventId).join());
    if (told !== ids) broken('the idempotency row does not match the log', { commandId: prepared.commandId });
  };
  // One that appends nothing is stored in no row; what became of it may be known to nobody.
  const sent = new Set(attempts.map(({ command }) => command.prepared).filter(({ events }) => events.length > 0));
  await Promise.all([...sent].map(compare));
}

function commandKeyOf({ principalId, commandId }: PreparedCommand): string {
  return keyOf(principalId, commandId);
}

function firstCallOf(attempts: readonly Attempt[]): number {
  return Math.min(
    ...attempts
      .filter(({ outcome }) => outcome.kind === 'appended' || outcome.kind === 'unknown')
      .map(({ invokedAt }) => invokedAt),
  );
}

function firstAnswerOf(attempts: readonly Attempt[]): number {
  return Math.min(...attempts.filter(({ outcome }) => outcome.kind === 'appended').map(({ respondedAt }) => respondedAt));
}

function hexOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('hex');
}
