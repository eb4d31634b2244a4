import { DomainError } from '@countersign/kernel';
import type pg from 'pg';
import type { InboxEntry } from '../journal.js';
import type { AppendOutcome, NewEvent, PreparedCommand, StreamGuard } from '../log-store.js';
import { APPEND_CODES } from './append-rules.js';
import { binaryArray } from './binary-array.js';
import { sqlStateOf } from './connections.js';

/**
 * To be asked before a command shares a batch with others.
 *
 * @throws DomainError INTERNAL for a row of a stream that the command does not guard: a programming error
 */
export function requireGuarded(command: PreparedCommand): void {
  const { events, readers, links, unitKeys } = command;
  for (const { streamId } of [...events, ...readers, ...links, ...unitKeys]) {
    if (guardIndexOf(command, streamId) < 0)
      throw new DomainError('INTERNAL', { rule: 'a command writes only to streams it guards' });
  }
}

/** A statement that is parsed once per connection. */
interface Append {
  readonly name: string;
  readonly text: string;
}

const APPEND = statement(
  'event-log-append',
  (parameters) => `SELECT first_position, outcomes, details FROM event_log.append(${parameters})`,
  31,
);
const APPEND_EACH = statement(
  'event-log-append-each',
  (parameters) => `SELECT first_position, outcomes FROM event_log.append_each(${parameters})`,
  19,
);
const APPEND_ONE = statement('event-log-append-one', (parameters) => `SELECT event_log.append_one(${parameters}) AS answer`, 17);

function statement(name: string, textOf: (parameters: string) => string, count: number): Append {
  return { name, text: textOf(Array.from({ length: count }, (_, index) => `$${index + 1}`).join(', ')) };
}

interface AppendColumns {
  readonly first_position: string;
  readonly outcomes: readonly number[];
  /** Per command the stream that it conflicts on; absent where a command has but one. */
  readonly details?: readonly (string | null)[];
}

/**
 * Sends a batch in one round trip. What it throws is the driver's error. A batch of which nothing is stored because its commands
 * stand in each other's way, or because of a row, is refused with an error of `isRowError`.
 */
export async function submitBatch(
  client: Pick<pg.ClientBase, 'query'>,
  batch: readonly PreparedCommand[],
  timeoutMs: number,
): Promise<readonly AppendOutcome[]> {
  const [first] = batch;
  const arePlain = batch.every(isPlain);
  if (arePlain && batch.length === 1 && first) return [await submitOne(client, first, timeoutMs)];
  const [answer] = arePlain
    ? await submitEach(client, batch, timeoutMs)
    : await send(client, APPEND, parametersOf(batch), timeoutMs);
  if (!answer || answer.outcomes.length !== batch.length)
    throw new DomainError('INTERNAL', { rule: 'the append answered for another batch' });
  return outcomesOf(batch, answer);
}

/** Whether the short forms of the append can take it: one event at the end of the one stream it opened. */
function isPlain({ guards, events, inbox }: PreparedCommand): boolean {
  const [guard] = guards;
  return guards.length === 1 && events.length === 1 && inbox === undefined && events[0]?.sequence === guard?.expected;
}

async function submitOne(
  client: Pick<pg.ClientBase, 'query'>,
  command: PreparedCommand,
  timeoutMs: number,
): Promise<AppendOutcome> {
  const [row] = await send<{ readonly answer: readonly string[] }>(client, APPEND_ONE, parametersOfOne(command), timeoutMs);
  const [code, position] = row?.answer ?? [];
  return outcomeOf(APPEND_CODES[Number(code ?? -1)], BigInt(position ?? 0), command.guards[0]?.streamId ?? '');
}

const UNIQUE_VIOLATION = '23505';

/** Commands that begin their streams are taken at their word; if a key says otherwise, nothing is stored and they are looked at. */
async function submitEach(
  client: Pick<pg.ClientBase, 'query'>,
  batch: readonly PreparedCommand[],
  timeoutMs: number,
): Promise<AppendColumns[]> {
  const columns = columnsOfEach(batch);
  const isFresh = batch.every(({ guards }) => guards[0]?.expected === 0n);
  try {
    return await send(client, APPEND_EACH, [isFresh, ...columns], timeoutMs);
  } catch (error) {
    if (!isFresh || sqlStateOf(error) !== UNIQUE_VIOLATION) throw error;
    return send(client, APPEND_EACH, [false, ...columns], timeoutMs);
  }
}

async function send<Row extends pg.QueryResultRow = AppendColumns>(
  client: Pick<pg.ClientBase, 'query'>,
  append: Append,
  values: unknown[],
  timeoutMs: number,
): Promise<Row[]> {
  // The driver reads `query_timeout` per query; its types know it per client only.
  const query: pg.QueryConfig & { readonly query_timeout: number } = { ...append, values, query_timeout: timeoutMs };
  return (await client.query<Row>(query)).rows;
}

/** In the order of the function's parameters. Buffers, arrays of them too, travel as they are. */
function parametersOfOne(command: PreparedCommand): unknown[] {
  const { guards, events, links } = rowsOf([command]);
  const [{ guard, readers, keys }, { event }] = [guards[0] as GuardRow, events[0] as BatchRows['events'][number]];
  const { text } = binaryArray;
  return [
    command.principalId,
    command.commandId,
    command.requestDigest,
    command.result,
    guard.streamId,
    String(guard.expected),
    guard.lastDigest,
    readers,
    keys,
    event.eventId,
    event.type,
    event.header,
    event.entry,
    event.disclosures,
    ...(links.length === 0
      ? [null, null, null]
      : [
          text(links.map(({ link }) => link.kind)),
          text(links.map(({ link }) => link.value)),
          text(links.map(({ link }) => link.role)),
        ]),
  ];
}

/** In the order of the function's parameters, after the first; of plain commands, whose rows all have the number of their command. */
function columnsOfEach(batch: readonly PreparedCommand[]): (Buffer | null)[] {
  const { text, bytea, int8, uuid } = binaryArray;
  const { guards, events, links } = rowsOf(batch);
  return [
    text(batch.map(({ principalId }) => principalId)),
    text(batch.map(({ commandId }) => commandId)),
    bytea(batch.map(({ requestDigest }) => requestDigest)),
    text(batch.map(({ result }) => result)),
    text(guards.map(({ guard }) => guard.streamId)),
    int8(guards.map(({ guard }) => guard.expected)),
    bytea(guards.map(({ guard }) => guard.lastDigest ?? null)),
    text(guards.map(({ readers }) => readers)),
    text(guards.map(({ keys }) => keys)),
    uuid(events.map(({ event }) => event.eventId)),
    text(events.map(({ event }) => event.type)),
    bytea(events.map(({ event }) => event.header)),
    bytea(events.map(({ event }) => event.entry)),
    bytea(events.map(({ event }) => event.disclosures)),
    ...(links.length === 0 ? NO_LINKS : linkColumns(links)),
  ];
}

/** In the order of the function's parameters. */
function parametersOf(batch: readonly PreparedCommand[]): (Buffer | null)[] {
  const { text, bytea, int4, int8, uuid } = binaryArray;
  const { guards, events, links, messages } = rowsOf(batch);
  return [
    text(batch.map(({ principalId }) => principalId)),
    text(batch.map(({ commandId }) => commandId)),
    bytea(batch.map(({ requestDigest }) => requestDigest)),
    text(batch.map(({ result }) => result)),
    int4(batch.map(({ events }) => events.length)),
    int4(guards.map(({ command }) => command)),
    text(guards.map(({ guard }) => guard.streamId)),
    int8(guards.map(({ guard }) => guard.expected)),
    int8(guards.map(({ guard }) => guard.next)),
    bytea(guards.map(({ guard }) => guard.lastDigest ?? null)),
    int4(guards.map(({ first }) => first)),
    text(guards.map(({ readers }) => readers)),
    text(guards.map(({ keys }) => keys)),
    int4(events.map(({ guard }) => guard)),
    int4(events.map(({ offset }) => offset)),
    int8(events.map(({ event }) => event.sequence)),
    uuid(events.map(({ event }) => event.eventId)),
    text(events.map(({ event }) => event.streamId)),
    text(events.map(({ event }) => event.type)),
    bytea(events.map(({ event }) => event.header)),
    bytea(events.map(({ event }) => event.entry)),
    bytea(events.map(({ event }) => event.disclosures)),
    ...(links.length === 0 ? NO_LINKS : linkColumns(links)),
    ...(messages.length === 0 ? NO_MESSAGES : messageColumns(messages)),
  ];
}

// An array costs the server a few microseconds, also if it is empty; a null costs nothing.
const NO_LINKS = [null, null, null, null];
const NO_MESSAGES = [null, null, null, null, null];

/** By guard, which is the command where each has one. */
function linkColumns(links: BatchRows['links']): Buffer[] {
  const { text, int4 } = binaryArray;
  return [
    int4(links.map(({ guard }) => guard)),
    text(links.map(({ link }) => link.kind)),
    text(links.map(({ link }) => link.value)),
    text(links.map(({ link }) => link.role)),
  ];
}

function messageColumns(messages: BatchRows['messages']): Buffer[] {
  const { text, int4, int8 } = binaryArray;
  return [
    int4(messages.map(({ command }) => command)),
    text(messages.map(({ inbox }) => inbox.source)),
    text(messages.map(({ inbox }) => inbox.eventId)),
    text(messages.map(({ inbox }) => inbox.subject)),
    int8(messages.map(({ inbox }) => inbox.sequence)),
  ];
}

interface GuardRow {
  /** 1-based number of its command. */
  readonly command: number;
  readonly guard: StreamGuard;
  /** Where its stream's events begin within the command. */
  readonly first: number;
  readonly readers: string | null;
  readonly keys: string | null;
}

interface BatchRows {
  readonly guards: GuardRow[];
  /** `guard`: 1-based number of the guard of its stream. */
  readonly events: { readonly guard: number; readonly offset: number; readonly event: NewEvent }[];
  readonly links: { readonly guard: number; readonly link: PreparedCommand['links'][number] }[];
  readonly messages: { readonly command: number; readonly inbox: InboxEntry }[];
}

/** The rows of all commands, each with the number of what it belongs to. */
function rowsOf(batch: readonly PreparedCommand[]): BatchRows {
  const rows: BatchRows = { guards: [], events: [], links: [], messages: [] };
  for (const [index, command] of batch.entries()) {
    const before = rows.guards.length;
    const guardOf = (streamId: string): number => before + 1 + guardIndexOf(command, streamId);
    for (const guard of command.guards) rows.guards.push(guardRowOf(command, guard, index + 1));
    for (const [offset, event] of command.events.entries()) rows.events.push({ guard: guardOf(event.streamId), offset, event });
    for (const link of command.links) rows.links.push({ guard: guardOf(link.streamId), link });
    if (command.inbox) rows.messages.push({ command: index + 1, inbox: command.inbox });
  }
  return rows;
}

function guardIndexOf({ guards }: PreparedCommand, streamId: string): number {
  return guards.findIndex((guard) => guard.streamId === streamId);
}

function guardRowOf(command: PreparedCommand, guard: StreamGuard, number: number): GuardRow {
  const { streamId } = guard;
  const readers = command.readers.filter((reader) => reader.streamId === streamId);
  const keys = command.unitKeys.filter((key) => key.streamId === streamId);
  return {
    command: number,
    guard,
    first: Math.max(
      0,
      command.events.findIndex((event) => event.streamId === streamId),
    ),
    readers: readers.length === 0 ? null : textArrayLiteral(readers.map(({ organisationId }) => organisationId)),
    keys:
      keys.length === 0
        ? null
        : JSON.stringify(Object.fromEntries(keys.map(({ group, keyId }) => [group, Buffer.from(keyId).toString('hex')]))),
  };
}

/** The outer form of a `text[]` (PostgreSQL manual, 8.15.6). */
function textArrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

function outcomesOf(batch: readonly PreparedCommand[], { first_position, outcomes, details }: AppendColumns): AppendOutcome[] {
  let position = BigInt(first_position);
  return batch.map((command, index) => {
    const outcome = outcomeOf(
      APPEND_CODES[outcomes[index] ?? -1],
      position,
      details?.[index] ?? command.guards[0]?.streamId ?? '',
    );
    if (outcome.kind === 'appended') position += BigInt(command.events.length);
    return outcome;
  });
}

function outcomeOf(kind: (typeof APPEND_CODES)[number] | undefined, firstPosition: bigint, streamId: string): AppendOutcome {
  switch (kind) {
    case 'appended':
      return { kind, firstPosition };
    case 'conflict':
      return { kind, streamId };
    case undefined:
      throw new DomainError('INTERNAL', { rule: 'the append answered with an unknown outcome' });
    default:
      return { kind };
  }
}
