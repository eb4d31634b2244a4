import { DomainError } from '@countersign/kernel';
import type { HeadsAppend, HeadsStore } from './heads-store.js';
import { onlyRow, type Query } from './query.js';
import type { LogNo, TreeHead } from './stores.js';

interface CheckpointRow {
  readonly size: string;
  readonly root: Buffer;
  readonly note: string;
}

const REFERENCE_SIZE = 8;

/** Item maps and heads logs in PostgreSQL. */
export class PostgresHeadsStore implements HeadsStore {
  constructor(private readonly query: Query) {}

  async append(append: HeadsAppend): Promise<boolean> {
    const { headsNo, baseNo, index, entry, next, tiles, fromSize, previous, pages, versionsKept } = append;
    const row = onlyRow(
      await this.query<{ appended: boolean }>(
        `SELECT anchoring.append_heads($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS appended`,
        [
          headsNo,
          baseNo,
          index,
          entry,
          next.root,
          next.note,
          tiles.map(({ level }) => level),
          tiles.map((tile) => tile.index),
          tiles.map(({ hashes }) => hashes),
          fromSize,
          encodeReferences(previous),
          pages.map(({ name }) => name),
          pages.map(({ content }) => content),
          versionsKept,
        ],
      ),
    );
    return row.appended;
  }

  async entries(headsNo: LogNo, from: number, to: number): Promise<readonly Buffer[]> {
    const rows = await this.query<{ entry: Buffer }>(
      'SELECT entry FROM anchoring.heads_entry WHERE log_no = $1 AND index >= $2 AND index < $3 ORDER BY index',
      [headsNo, from, to],
    );
    if (rows.length !== to - from) {
      throw new DomainError('RECORD_ALTERED', { field: 'headsEntry', rule: 'stored entries are dense', context: { from, to } });
    }
    return rows.map(({ entry }) => entry);
  }

  async indexOf(headsNo: LogNo, baseSize: number): Promise<number | undefined> {
    const rows = await this.query<{ index: string }>(
      'SELECT index FROM anchoring.heads_entry WHERE log_no = $1 AND base_size = $2',
      [headsNo, baseSize],
    );
    return rows[0] && Number(rows[0].index);
  }

  async newestConfirmed(headsNo: LogNo, baseLogId: Uint8Array): Promise<number | undefined> {
    const rows = await this.query<{ index: string }>(
      `SELECT h.index FROM anchoring.confirmed_head c JOIN anchoring.heads_entry h ON h.log_no = $1 AND h.base_size = c.size
        WHERE c.log_id = $2 AND c.rewound_at IS NULL ORDER BY c.size DESC LIMIT 1`,
      [headsNo, baseLogId],
    );
    return rows[0] && Number(rows[0].index);
  }

  async pages(baseNo: LogNo, index: number, names: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    const rows = await this.query<{ content: Buffer | null }>(
      `SELECT p.content FROM unnest($3::text[]) WITH ORDINALITY AS n (name, number)
        LEFT JOIN LATERAL (SELECT m.content FROM anchoring.map_page m
          WHERE m.log_no = $1 AND m.name = n.name AND m.version <= $2 ORDER BY m.version DESC LIMIT 1) p ON true
        ORDER BY n.number`,
      [baseNo, index, names],
    );
    return rows.map(({ content }) => content ?? undefined);
  }

  async positions(baseNo: LogNo, lastIndex: number, count: number): Promise<readonly number[]> {
    const { positions } = onlyRow(
      await this.query<{ positions: string[] }>('SELECT anchoring.item_positions($1, $2, $3) AS positions', [
        baseNo,
        lastIndex,
        count,
      ]),
    );
    return positions.map(Number).reverse();
  }

  async nextBase(baseNo: LogNo, above: number, upTo: number, entriesMax: number): Promise<TreeHead | undefined> {
    const rows = await this.query<CheckpointRow>(
      `(SELECT size, root, note FROM anchoring.checkpoint WHERE log_no = $1 AND size > $2 AND size <= least($3::int8, $2::int8 + $4::int8)
          ORDER BY size DESC LIMIT 1)
        UNION ALL
        (SELECT size, root, note FROM anchoring.checkpoint WHERE log_no = $1 AND size > $2 AND size <= $3 ORDER BY size LIMIT 1)`,
      [baseNo, above, upTo, entriesMax],
    );
    return rows[0] && { size: Number(rows[0].size), root: rows[0].root, note: rows[0].note };
  }
}

function encodeReferences(previous: readonly number[]): Buffer {
  const bytes = Buffer.alloc(previous.length * REFERENCE_SIZE);
  for (const [index, position] of previous.entries()) bytes.writeBigInt64BE(BigInt(position), index * REFERENCE_SIZE);
  return bytes;
}
