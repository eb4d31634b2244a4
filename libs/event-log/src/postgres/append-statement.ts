import { DomainError } from '@countersign/kernel';
import type pg from 'pg';
import type { AppendOutcome, PreparedCommand } from '../log-store.js';
import { columnsOfEach, EXPECTED_AT, guardIndexOf, parametersOf, parametersOfOne } from './append-parameters.js';
import { APPEND_CODES } from './append-rules.js';
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
  18,
);
const APPEND_FRESH = statement(
  'event-log-append-fresh',
  (parameters) => `SELECT event_log.append_fresh(${parameters}) AS first_position`,
  17,
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
  const answer = arePlain
    ? await submitEach(client, batch, timeoutMs)
    : (await send(client, APPEND, parametersOf(batch), timeoutMs))[0];
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
): Promise<AppendColumns | undefined> {
  const columns = columnsOfEach(batch);
  if (batch.every(({ guards }) => guards[0]?.expected === 0n)) {
    try {
      const fresh = columns.toSpliced(EXPECTED_AT, 1);
      const [answer] = await send<Pick<AppendColumns, 'first_position'>>(client, APPEND_FRESH, fresh, timeoutMs);
      return answer && { ...answer, outcomes: batch.map(() => APPEND_CODES.indexOf('appended')) };
    } catch (error) {
      if (sqlStateOf(error) !== UNIQUE_VIOLATION) throw error;
    }
  }
  const [answer] = await send(client, APPEND_EACH, columns, timeoutMs);
  return answer;
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
