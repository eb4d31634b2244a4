import { emptyRoot } from '@countersign/merkle';
import { onlyRow, type Query } from './query.js';
import type { LogNo, Tile, TreeHead, TreeStore } from './stores.js';

interface CheckpointRow {
  readonly size: string;
  readonly root: Buffer;
  readonly note: string;
}

/** Trees and checkpoints in PostgreSQL. */
export class PostgresTreeStore implements TreeStore {
  constructor(private readonly query: Query) {}

  async head(logNo: LogNo): Promise<TreeHead> {
    const rows = await this.query<CheckpointRow>(
      'SELECT c.size, c.root, c.note FROM anchoring.log l JOIN anchoring.checkpoint c USING (log_no, size) WHERE l.log_no = $1',
      [logNo],
    );
    return rows[0] === undefined ? { size: 0, root: Buffer.from(emptyRoot), note: '' } : headOf(rows[0]);
  }

  async checkpointAt(logNo: LogNo, size: number): Promise<TreeHead | undefined> {
    const rows = await this.query<CheckpointRow>(
      'SELECT size, root, note FROM anchoring.checkpoint WHERE log_no = $1 AND size = $2',
      [logNo, size],
    );
    return rows[0] && headOf(rows[0]);
  }

  async tile(logNo: LogNo, level: number, index: number): Promise<Buffer | undefined> {
    const rows = await this.query<{ hashes: Buffer }>(
      'SELECT hashes FROM anchoring.tile WHERE log_no = $1 AND level = $2 AND index = $3',
      [logNo, level, index],
    );
    return rows[0]?.hashes;
  }

  async advance(logNo: LogNo, fromSize: number, next: TreeHead, tiles: readonly Tile[]): Promise<boolean> {
    const row = onlyRow(
      await this.query<{ advanced: boolean }>('SELECT anchoring.advance_head($1, $2, $3, $4, $5, $6, $7, $8) AS advanced', [
        logNo,
        fromSize,
        next.size,
        next.root,
        next.note,
        tiles.map(({ level }) => level),
        tiles.map(({ index }) => index),
        tiles.map(({ hashes }) => hashes),
      ]),
    );
    return row.advanced;
  }
}

function headOf({ size, root, note }: CheckpointRow): TreeHead {
  return { size: Number(size), root, note };
}
