import type { Broadcast, Head } from '@countersign/chain';
import { DomainError } from '@countersign/kernel';
import { EQUIVOCATION_STATE } from './functions.js';
import { sqlStateOf, type Query } from './query.js';
import type { AnchorStore, ConfirmedHead } from './stores.js';

interface ConfirmedRow {
  readonly log_id: Buffer;
  readonly size: string;
  readonly root: Buffer;
  readonly height: string;
  readonly block_time: string;
  readonly chain: string;
  readonly finality: string;
  readonly transaction: Buffer;
}

const COLUMNS = 'log_id, size, root, height, block_time, chain, finality, transaction';

/** Bound heads, broadcasts and confirmed heads in PostgreSQL. */
export class PostgresAnchorStore implements AnchorStore {
  constructor(private readonly query: Query) {}

  async record({ heads, transaction, raw, nonce }: Broadcast): Promise<void> {
    try {
      await this.query('SELECT anchoring.record_broadcast($1, $2, $3, $4, $5, $6)', [
        heads.map(({ logId }) => Buffer.from(logId)),
        heads.map(({ size }) => size),
        heads.map(({ root }) => Buffer.from(root)),
        transaction,
        raw,
        nonce,
      ]);
    } catch (error) {
      if (sqlStateOf(error) === EQUIVOCATION_STATE) throw new DomainError('HEAD_EQUIVOCATION', {}, { cause: error });
      throw error;
    }
  }

  async lastBroadcast(): Promise<{ readonly heads: readonly Head[]; readonly transaction: Buffer } | undefined> {
    const rows = await this.query<{ log_id: Buffer; size: string; root: Buffer; transaction: Buffer }>(
      `SELECT h.log_id, h.size, h.root, b.transaction
        FROM (SELECT broadcast_no, transaction FROM anchoring.broadcast ORDER BY broadcast_no DESC LIMIT 1) b
        JOIN anchoring.broadcast_head USING (broadcast_no) JOIN anchoring.bound_head h USING (log_id, size)
        ORDER BY h.log_id`,
    );
    const [first] = rows;
    if (first === undefined) return undefined;
    const heads = rows.map(({ log_id, size, root }) => ({ logId: log_id, size: Number(size), root }));
    return { heads, transaction: first.transaction };
  }

  async confirm(heads: readonly ConfirmedHead[]): Promise<void> {
    for (const head of heads) {
      const { logId, size, root, height, blockTime, chain, finality, transaction } = head;
      await this.query('SELECT anchoring.confirm_head($1, $2, $3, $4, $5, $6, $7, $8)', [
        logId,
        size,
        root,
        height.toString(),
        blockTime,
        chain,
        finality,
        transaction,
      ]);
    }
  }

  async latestConfirmed(logId: Uint8Array): Promise<ConfirmedHead | undefined> {
    const rows = await this.query<ConfirmedRow>(
      `SELECT ${COLUMNS} FROM anchoring.confirmed_head WHERE log_id = $1 AND rewound_at IS NULL ORDER BY size DESC LIMIT 1`,
      [logId],
    );
    return rows[0] && confirmedOf(rows[0]);
  }

  async confirmedAt(logId: Uint8Array, size: number): Promise<ConfirmedHead | undefined> {
    const rows = await this.query<ConfirmedRow>(
      `SELECT ${COLUMNS} FROM anchoring.confirmed_head WHERE log_id = $1 AND size = $2 AND rewound_at IS NULL`,
      [logId, size],
    );
    return rows[0] && confirmedOf(rows[0]);
  }

  async firstCovering(logId: Uint8Array, indexes: readonly number[]): Promise<ReadonlyMap<number, ConfirmedHead>> {
    const rows = await this.query<ConfirmedRow & { index: string }>(
      `SELECT i.index, h.* FROM unnest($2::int8[]) AS i (index) CROSS JOIN LATERAL (
        SELECT ${COLUMNS} FROM anchoring.confirmed_head c
          WHERE c.log_id = $1 AND c.size > i.index AND c.rewound_at IS NULL ORDER BY c.size LIMIT 1) h`,
      [logId, indexes],
    );
    return new Map(rows.map((row) => [Number(row.index), confirmedOf(row)]));
  }

  async confirmedAbove(logId: Uint8Array, size: number, limit: number): Promise<readonly ConfirmedHead[]> {
    const rows = await this.query<ConfirmedRow>(
      `SELECT ${COLUMNS} FROM anchoring.confirmed_head WHERE log_id = $1 AND size > $2 AND rewound_at IS NULL ORDER BY size LIMIT $3`,
      [logId, size, limit],
    );
    return rows.map(confirmedOf);
  }

  async rewind(logId: Uint8Array, sizes: readonly number[]): Promise<void> {
    await this.query('SELECT anchoring.rewind_heads($1, $2)', [logId, sizes]);
  }

  async rewindOtherChains(chain: string): Promise<void> {
    await this.query('SELECT anchoring.rewind_other_chains($1)', [chain]);
  }
}

function confirmedOf(row: ConfirmedRow): ConfirmedHead {
  const { log_id: logId, root, chain, finality, transaction } = row;
  return {
    logId,
    size: Number(row.size),
    root,
    height: BigInt(row.height),
    blockTime: row.block_time,
    chain,
    finality,
    transaction,
  };
}
