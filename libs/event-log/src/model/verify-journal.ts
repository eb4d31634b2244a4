import type { ErrorCode } from '@countersign/kernel';
import type { IntactRow } from '../row-opening.js';
import { broken, textOf } from './broken-history.js';
import { correlationOf, type Call } from './journal-client.js';
import { decide, openedBy, type Submission } from './operations.js';
import { ReferenceJournal } from './reference-journal.js';

/** The records of one submission, with the ticks between which they were stored. */
interface Block {
  readonly submission: Submission;
  readonly calls: readonly Call[];
  readonly rows: readonly IntactRow[];
  readonly invokedAt: number;
  readonly knownAt: number;
}

/** How many blocks may have been stored at the moment a call was decided. */
interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * Judges what clients were told against the log they left: in the order of the log every decision is made again by the reference and
 * must append exactly the records that stand there; every answer must have been right at some moment between call and answer.
 *
 * @param rows every record from `base` on, opened
 * @returns the reference after the last record
 * @throws BrokenHistory
 */
export function verifyJournal(calls: readonly Call[], rows: readonly IntactRow[], base: bigint): ReferenceJournal {
  requireDense(rows, base);
  const blocks = blocksOf(calls, rows);
  const states = statesOf(blocks);
  for (const [index, block] of blocks.entries()) verifyBlock(block, states[index] ?? broken('no state'), blocks.slice(index + 1));
  for (const call of calls) verifyAnswer(call, blocks, states);
  verifyLooks(calls, blocks, states);
  return states.at(-1) ?? broken('no state');
}

function requireDense(rows: readonly IntactRow[], base: bigint): void {
  const heads = new Map<string, { readonly next: bigint; readonly digest: Uint8Array }>();
  for (const [index, { row, header, recordDigest }] of rows.entries()) {
    const head = heads.get(row.streamId);
    if (row.position !== base + BigInt(index)) broken('positions are not dense', { position: row.position });
    if (row.sequence !== (head?.next ?? 0n))
      broken('a stream is not contiguous', { streamId: row.streamId, sequence: row.sequence });
    if (hexOf(header.prev) !== hexOf(head?.digest))
      broken('the chain of digests is broken', { streamId: row.streamId, sequence: row.sequence });
    heads.set(row.streamId, { next: row.sequence + 1n, digest: recordDigest });
  }
}

/** Records that stand together; a submission has one such block or none. */
function blocksOf(calls: readonly Call[], rows: readonly IntactRow[]): readonly Block[] {
  const byName = Map.groupBy(calls, ({ submission }) => correlationOf(submission));
  const blocks = new Map<string, Block & { readonly rows: IntactRow[] }>();
  let last = '';
  for (const row of rows) {
    const name = row.header.correlationId;
    const block = blocks.get(name);
    if (block && name !== last) broken('a command is recorded in two places', { name });
    if (block) block.rows.push(row);
    else blocks.set(name, blockOf(byName.get(name) ?? broken('a record of no command', { name }), row));
    last = name;
  }
  return [...blocks.values()];
}

function blockOf(calls: readonly Call[], row: IntactRow): Block & { readonly rows: IntactRow[] } {
  const [first] = calls;
  if (!first) return broken('a record of no command');
  const effective = calls.filter(({ answer }) => answer.kind === 'done' || answer.kind === 'unknown');
  if (effective.length === 0) broken('a refused command is recorded', { calls });
  return {
    submission: first.submission,
    calls,
    rows: [row],
    invokedAt: Math.min(...effective.map(({ invokedAt }) => invokedAt)),
    knownAt: Math.min(...effective.filter(({ answer }) => answer.kind === 'done').map(({ respondedAt }) => respondedAt)),
  };
}

/** The reference before the first block and after each. */
function statesOf(blocks: readonly Block[]): readonly ReferenceJournal[] {
  let state = new ReferenceJournal();
  const states = [state];
  for (const { submission } of blocks) {
    const verdict = state.verdict(submission);
    if (verdict.kind !== 'done') return broken('a command is recorded that had to be refused', { submission, verdict });
    state = state.after(submission, verdict.decision);
    states.push(state);
  }
  return states;
}

function verifyBlock({ submission, rows, calls, invokedAt }: Block, before: ReferenceJournal, later: readonly Block[]): void {
  const verdict = before.verdict(submission);
  if (verdict.kind !== 'done') return broken('a command is recorded that had to be refused', { submission, verdict });
  const expected = verdict.decision.appended.map(({ parcel, event }) => [`parcel/${parcel}`, event.type, event.data.pieces]);
  const found = rows.map(({ row, data }) => [row.streamId, row.type.split('.')[2], data['pieces']]);
  if (textOf(found) !== textOf(expected)) broken('other records than the decision made', { submission, found, expected });
  if (later.some(({ knownAt }) => knownAt < invokedAt)) broken('the order of the log is not the order in time', { submission });
  const recorded = rows.map(({ row, recordDigest }) => [row.eventId, row.position, row.sequence, hexOf(recordDigest)]);
  for (const { answer } of calls) {
    if (answer.kind !== 'done') continue;
    const told = answer.outcome.recorded.map((event) => [
      event.eventId,
      event.position,
      event.sequence,
      hexOf(event.recordDigest),
    ]);
    if (textOf(told) !== textOf(recorded)) broken('a client was told of other records', { submission, told, recorded });
    if (textOf(answer.outcome.result) !== textOf(verdict.decision.seen))
      broken('a decision rested on another state', {
        submission,
        result: answer.outcome.result,
        expected: verdict.decision.seen,
      });
  }
  if (calls.filter(({ answer }) => answer.kind === 'done' && !answer.outcome.replayed).length > 1)
    broken('two calls were told that they recorded it', { submission });
}

function verifyAnswer(call: Call, blocks: readonly Block[], states: readonly ReferenceJournal[]): void {
  const { answer, submission } = call;
  if (answer.kind === 'done') {
    const isStored = blocks.some((block) => correlationOf(block.submission) === correlationOf(submission));
    if (submission.operation.kind !== 'look' && !isStored) broken('an acknowledged command is lost', { submission });
    return;
  }
  if (answer.kind === 'unknown' || (answer.kind === 'failed' && answer.code === 'OVERLOADED')) return;
  const window = windowOf(call, blocks);
  if (answer.kind === 'refused') return requireRefusable(submission, window, states);
  const { code } = answer;
  const moments = states.slice(window.from, window.to + 1);
  const wasRight = code === 'VERSION_CONFLICT' ? moments.length > 1 : moments.some((state) => isRight(code, submission, state));
  if (!wasRight)
    broken('a refusal was never right', { submission, code, verdicts: moments.map((state) => state.verdict(submission)) });
}

/** Whoever sends a message that is recorded meanwhile may be told so before anybody looks at his command id. */
function isRight(code: ErrorCode, submission: Submission, state: ReferenceJournal): boolean {
  const turn = submission.inbox && state.turnOf(submission.inbox);
  if (code === 'MESSAGE_CONSUMED') return turn === 'consumed';
  if (code === 'MESSAGE_GAP') return turn === 'gap';
  return code === 'COMMAND_ID_REUSED' && state.verdict(submission).kind === 'reused';
}

/** A decision that throws is checked against nothing: each stream it opened was as it saw it at some moment, not all at one. */
function requireRefusable(submission: Submission, { from, to }: Window, states: readonly ReferenceJournal[]): void {
  const { operation } = submission;
  const [one = '', other = one] = openedBy(operation);
  // Once it is recorded itself, or out of turn, nobody asks the rules any more.
  const seen = states.slice(from, to + 1).filter((state) => ['done', 'refused'].includes(state.verdict(submission).kind));
  const refusable = seen.some((first) =>
    seen.some(
      (second) =>
        decide(operation, (parcel) => (parcel === one ? first : second).piecesIn(parcel === one ? one : other)) === undefined,
    ),
  );
  if (!refusable) broken('a rule refused what it allows', { submission });
}

/** What appends nothing has a result that was right once, and the same ever after. */
function verifyLooks(calls: readonly Call[], blocks: readonly Block[], states: readonly ReferenceJournal[]): void {
  const looks = calls.filter(({ submission, answer }) => submission.operation.kind === 'look' && answer.kind === 'done');
  for (const of of Map.groupBy(looks, ({ submission }) => correlationOf(submission)).values()) {
    const [first] = of.toSorted((a, b) => a.respondedAt - b.respondedAt);
    if (!first) continue;
    const results = new Set(of.map(({ answer }) => textOf(answer.kind === 'done' ? answer.outcome.result : [])));
    if (results.size > 1) broken('a repeated command has another result', { submission: first.submission });
    const invokedAt = Math.min(
      ...calls
        .filter(({ submission }) => correlationOf(submission) === correlationOf(first.submission))
        .map((call) => call.invokedAt),
    );
    const { from, to } = windowOf({ ...first, invokedAt }, blocks);
    const possible = states
      .slice(from, to + 1)
      .map((state) => decide(first.submission.operation, (parcel) => state.piecesIn(parcel)));
    if (!possible.some((decision) => results.has(textOf(decision?.seen))))
      broken('a result was never right', { submission: first.submission });
  }
}

function windowOf({ invokedAt, respondedAt }: Pick<Call, 'invokedAt' | 'respondedAt'>, blocks: readonly Block[]): Window {
  const from = blocks.findLastIndex(({ knownAt }) => knownAt < invokedAt) + 1;
  const after = blocks.findIndex((block) => block.invokedAt > respondedAt);
  return { from, to: after < 0 ? blocks.length : after };
}

function hexOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('hex');
}
