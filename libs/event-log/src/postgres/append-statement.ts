import { DomainError } from '@countersign/kernel';
import type pg from 'pg';
import type { AppendOutcome, PreparedCommand } from '../log-store.js';
import { APPEND_CODES } from './append-function.js';
import { binaryArray } from './binary-array.js';

const PARAMETERS = Array.from({ length: 34 }, (_, index) => `$${index + 1}`).join(', ');

const APPEND = {
  name: 'event-log-append',
  text: `SELECT first_position, outcomes, details FROM event_log.append(${PARAMETERS})`,
};

interface AppendColumns {
  readonly first_position: string;
  readonly outcomes: readonly number[];
  readonly details: readonly (string | null)[];
}

/** Sends a batch in one round trip. What it throws is the driver's error. */
export async function submitBatch(
  client: pg.ClientBase,
  batch: readonly PreparedCommand[],
  timeoutMs: number,
): Promise<readonly AppendOutcome[]> {
  // The driver reads `query_timeout` per query; its types know it per client only.
  const query: pg.QueryConfig & { readonly query_timeout: number } = {
    ...APPEND,
    values: parametersOf(batch),
    query_timeout: timeoutMs,
  };
  const { rows } = await client.query<AppendColumns>(query);
  const [answer] = rows;
  if (!answer || answer.outcomes.length !== batch.length)
    throw new DomainError('INTERNAL', { rule: 'the append answered for another batch' });
  return outcomesOf(batch, answer);
}

/** In the order of the function's parameters. */
function parametersOf(batch: readonly PreparedCommand[]): Buffer[] {
  const { text, bytea, int4, int8, uuid } = binaryArray;
  const guards = rowsOf(batch, ({ guards }) => guards);
  const events = rowsOf(batch, ({ events }) => events);
  const readers = rowsOf(batch, ({ readers }) => readers);
  const links = rowsOf(batch, ({ links }) => links);
  const keys = rowsOf(batch, ({ unitKeys }) => unitKeys);
  return [
    text(batch.map(({ principalId }) => principalId)),
    text(batch.map(({ commandId }) => commandId)),
    bytea(batch.map(({ requestDigest }) => requestDigest)),
    text(batch.map(({ result }) => result)),
    int4(batch.map(({ events }) => events.length)),
    text(batch.map(({ inbox }) => inbox?.source ?? null)),
    text(batch.map(({ inbox }) => inbox?.eventId ?? null)),
    text(batch.map(({ inbox }) => inbox?.subject ?? null)),
    int8(batch.map(({ inbox }) => inbox?.sequence ?? null)),
    int4(guards.numbers),
    text(guards.rows.map(({ streamId }) => streamId)),
    int8(guards.rows.map(({ expected }) => expected)),
    int8(guards.rows.map(({ next }) => next)),
    bytea(guards.rows.map(({ lastDigest }) => lastDigest ?? null)),
    int4(events.numbers),
    text(events.rows.map(({ streamId }) => streamId)),
    int8(events.rows.map(({ sequence }) => sequence)),
    uuid(events.rows.map(({ eventId }) => eventId)),
    text(events.rows.map(({ type }) => type)),
    bytea(events.rows.map(({ header }) => header)),
    bytea(events.rows.map(({ entry }) => entry)),
    bytea(events.rows.map(({ disclosures }) => disclosures)),
    int4(readers.numbers),
    text(readers.rows.map(({ streamId }) => streamId)),
    text(readers.rows.map(({ organisationId }) => organisationId)),
    int4(links.numbers),
    text(links.rows.map(({ streamId }) => streamId)),
    text(links.rows.map(({ kind }) => kind)),
    text(links.rows.map(({ value }) => value)),
    text(links.rows.map(({ role }) => role)),
    int4(keys.numbers),
    text(keys.rows.map(({ streamId }) => streamId)),
    text(keys.rows.map(({ group }) => group)),
    bytea(keys.rows.map(({ keyId }) => keyId)),
  ];
}

/** The rows of all commands, each with the 1-based number of its command. */
function rowsOf<Row>(
  batch: readonly PreparedCommand[],
  select: (command: PreparedCommand) => readonly Row[],
): { readonly numbers: number[]; readonly rows: Row[] } {
  const numbers: number[] = [];
  const rows: Row[] = [];
  for (const [index, command] of batch.entries()) {
    for (const row of select(command)) {
      numbers.push(index + 1);
      rows.push(row);
    }
  }
  return { numbers, rows };
}

function outcomesOf(batch: readonly PreparedCommand[], { first_position, outcomes, details }: AppendColumns): AppendOutcome[] {
  let position = BigInt(first_position);
  return batch.map((command, index) => {
    const kind = APPEND_CODES[outcomes[index] ?? -1];
    const detail = details[index] ?? '';
    switch (kind) {
      case 'appended': {
        const firstPosition = position;
        position += BigInt(command.events.length);
        return { kind, firstPosition };
      }
      case 'conflict':
        return { kind, streamId: detail };
      case 'poisoned':
        return { kind, reason: detail };
      case undefined:
        throw new DomainError('INTERNAL', { rule: 'the append answered with an unknown outcome' });
      default:
        return { kind };
    }
  });
}
