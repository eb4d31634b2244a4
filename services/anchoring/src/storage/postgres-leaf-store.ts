import { DomainError } from '@countersign/kernel';
import { ENTRY_SIZE } from '@countersign/record';
import { onlyRow, type Query } from './query.js';
import type { LeafStore, LogNo, ReceiveOutcome, SignedLeaves } from './stores.js';

interface ReceivedRow {
  readonly outcome: ReceiveOutcome['kind'];
  readonly received: string;
  readonly conflict_at: string | null;
}

/** Entries in PostgreSQL. */
export class PostgresLeafStore implements LeafStore {
  constructor(private readonly query: Query) {}

  async receive(logNo: LogNo, messages: readonly SignedLeaves[]): Promise<readonly ReceiveOutcome[]> {
    if (messages.length === 0) return [];
    const rows = await this.query<ReceivedRow>(
      'SELECT outcome, received, conflict_at FROM anchoring.receive_messages($1, $2, $3, $4, $5)',
      [
        logNo,
        messages.map(({ firstPosition }) => firstPosition),
        messages.map(({ entries }) => entries.length),
        messages.map(({ entries }) => Buffer.concat(entries)),
        messages.map(({ signature }) => Buffer.from(signature)),
      ],
    );
    return rows.map(outcomeOf);
  }

  async received(logNo: LogNo): Promise<number> {
    return Number(
      onlyRow(await this.query<{ received: string }>('SELECT received FROM anchoring.log WHERE log_no = $1', [logNo])).received,
    );
  }

  async readEntries(logNo: LogNo, from: number, to: number): Promise<readonly Buffer[]> {
    const { entries } = onlyRow(
      await this.query<{ entries: Buffer | null }>(
        `SELECT string_agg(entry, ''::bytea ORDER BY position) AS entries FROM anchoring.entry
          WHERE log_no = $1 AND position >= $2 AND position < $3`,
        [logNo, from, to],
      ),
    );
    const bytes = entries ?? Buffer.alloc(0);
    if (bytes.length !== (to - from) * ENTRY_SIZE) {
      throw new DomainError('RECORD_ALTERED', { field: 'entry', rule: 'stored entries are dense', context: { from, to } });
    }
    return Array.from({ length: to - from }, (_, index) => bytes.subarray(index * ENTRY_SIZE, (index + 1) * ENTRY_SIZE));
  }

  async entriesAt(logNo: LogNo, positions: readonly number[]): Promise<readonly Buffer[]> {
    const rows = await this.query<{ entry: Buffer | null }>(
      `SELECT e.entry FROM unnest($2::int8[]) WITH ORDINALITY AS p (position, number)
        LEFT JOIN anchoring.entry e ON e.log_no = $1 AND e.position = p.position ORDER BY p.number`,
      [logNo, positions],
    );
    return rows.map(({ entry }, index) => {
      if (entry !== null) return entry;
      throw new DomainError('RECORD_ALTERED', {
        field: 'entry',
        rule: 'stored entries are dense',
        context: { position: positions[index] ?? 0 },
      });
    });
  }

  async receivedAt(logNo: LogNo, position: number): Promise<Date | undefined> {
    const rows = await this.query<{ received_at: Date }>(
      `SELECT m.received_at FROM anchoring.leaves_message m JOIN anchoring.log l USING (log_no)
        WHERE m.log_no = $1 AND m.first_new_position <= $2 AND l.received > $2 ORDER BY m.first_new_position DESC LIMIT 1`,
      [logNo, position],
    );
    return rows[0]?.received_at;
  }

  async isFrozen(logNo: LogNo): Promise<boolean> {
    return onlyRow(await this.query<{ frozen: boolean }>('SELECT frozen FROM anchoring.log WHERE log_no = $1', [logNo])).frozen;
  }
}

function outcomeOf({ outcome, received: total, conflict_at }: ReceivedRow): ReceiveOutcome {
  const received = Number(total);
  return outcome === 'conflict' ? { kind: 'conflict', received, position: Number(conflict_at) } : { kind: outcome, received };
}
