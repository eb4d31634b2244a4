import { emptyRoot, formatForkProof, parseForkProof, sha256, type ForkProof } from '@countersign/merkle';
import { onlyRow, type Query } from '../storage/query.js';
import { WITNESS_LIMITS } from './config.js';
import type { KeptFork, WitnessedHead, WitnessStore } from './witness-store.js';

interface HeadRow {
  readonly size: string;
  readonly root: Buffer;
  readonly note: string;
}

/** A witness's memory in its own PostgreSQL. */
export class PostgresWitnessStore implements WitnessStore {
  constructor(private readonly query: Query) {}

  async head(origin: string): Promise<WitnessedHead> {
    const rows = await this.query<HeadRow>(
      'SELECT c.size, c.root, c.note FROM witness.log l JOIN witness.checkpoint c USING (origin, size) WHERE l.origin = $1',
      [origin],
    );
    return rows[0] === undefined ? { size: 0, root: Buffer.from(emptyRoot), note: '' } : headOf(rows[0]);
  }

  async headAt(origin: string, size: number): Promise<WitnessedHead | undefined> {
    const rows = await this.query<HeadRow>('SELECT size, root, note FROM witness.checkpoint WHERE origin = $1 AND size = $2', [
      origin,
      size,
    ]);
    return rows[0] && headOf(rows[0]);
  }

  async advance(origin: string, from: Pick<WitnessedHead, 'size' | 'root'>, next: WitnessedHead): Promise<boolean> {
    const rows = await this.query<{ advanced: boolean }>('SELECT witness.advance($1, $2, $3, $4, $5, $6) AS advanced', [
      origin,
      from.size,
      from.root,
      next.size,
      next.root,
      next.note,
    ]);
    return onlyRow(rows).advanced;
  }

  async keepFork(origin: string, proof: ForkProof): Promise<boolean> {
    const text = formatForkProof(proof);
    const rows = await this.query<{ kept: boolean }>('SELECT witness.keep_fork($1, $2, $3, $4) AS kept', [
      origin,
      sha256(Buffer.from(text)),
      text,
      WITNESS_LIMITS.forksKeptMax,
    ]);
    return onlyRow(rows).kept;
  }

  async forks(origin?: string): Promise<readonly KeptFork[]> {
    const rows = await this.query<{ origin: string; proof: string; detected_at: Date }>(
      'SELECT origin, proof, detected_at FROM witness.fork WHERE $1::text IS NULL OR origin = $1 ORDER BY fork_no',
      [origin ?? null],
    );
    return rows.map((row) => ({ origin: row.origin, proof: parseForkProof(row.proof), detectedAt: row.detected_at }));
  }
}

function headOf({ size, root, note }: HeadRow): WitnessedHead {
  return { size: Number(size), root, note };
}
