import type { Cosignature, CosignatureStore, CosignedSize } from './cosignature-store.js';
import { onlyRow, type Query } from './query.js';
import type { LogNo } from './stores.js';

interface CosignatureRow {
  readonly size: string;
  readonly name: string;
  readonly key_id: string;
  readonly cosigned_at: string;
  readonly line: string;
}

const COLUMNS = 'size, name, key_id, cosigned_at, line';

/** Cosignatures in PostgreSQL. */
export class PostgresCosignatureStore implements CosignatureStore {
  constructor(private readonly query: Query) {}

  async add(logNo: LogNo, size: number, { name, keyId, time, line }: Cosignature): Promise<void> {
    await this.query('SELECT anchoring.add_cosignature($1, $2, $3, $4, $5, $6)', [logNo, size, name, keyId, time, line]);
  }

  async at(logNo: LogNo, size: number): Promise<readonly Cosignature[]> {
    const rows = await this.query<CosignatureRow>(
      `SELECT ${COLUMNS} FROM anchoring.cosignature WHERE log_no = $1 AND size = $2 ORDER BY cosignature_no`,
      [logNo, size],
    );
    return rows.map(cosignatureOf);
  }

  async latest(logNo: LogNo, limit: number): Promise<readonly CosignedSize[]> {
    const rows = await this.query<CosignatureRow>(
      `SELECT ${COLUMNS} FROM anchoring.cosignature WHERE log_no = $1 AND size IN (
        SELECT DISTINCT size FROM anchoring.cosignature WHERE log_no = $1 ORDER BY size DESC LIMIT $2)
        ORDER BY size DESC, cosignature_no`,
      [logNo, limit],
    );
    return [...Map.groupBy(rows, ({ size }) => Number(size))].map(([size, group]) => ({
      size,
      cosignatures: group.map(cosignatureOf),
    }));
  }

  async latestOf(logNo: LogNo, name: string, keyId: number): Promise<number> {
    const rows = await this.query<{ size: string }>(
      'SELECT coalesce(max(size), 0) AS size FROM anchoring.cosignature WHERE log_no = $1 AND name = $2 AND key_id = $3',
      [logNo, name, keyId],
    );
    return Number(onlyRow(rows).size);
  }
}

function cosignatureOf({ name, key_id, cosigned_at, line }: CosignatureRow): Cosignature {
  return { name, keyId: Number(key_id), time: Number(cosigned_at), line };
}
