import type { InboxEntry } from '../journal.js';
import type { NewEvent, PreparedCommand, StreamGuard } from '../log-store.js';
import { binaryArray } from './binary-array.js';

/** In the order of the function's parameters. Buffers, arrays of them too, travel as they are. */
export function parametersOfOne(command: PreparedCommand): unknown[] {
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

/** Of the columns below. */
export const EXPECTED_AT = 5;

/** In the order of the function's parameters; of plain commands, whose rows all have the number of their command. */
export function columnsOfEach(batch: readonly PreparedCommand[]): (Buffer | null)[] {
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
export function parametersOf(batch: readonly PreparedCommand[]): (Buffer | null)[] {
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

/** -1 if it does not guard that stream. */
export function guardIndexOf({ guards }: PreparedCommand, streamId: string): number {
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
