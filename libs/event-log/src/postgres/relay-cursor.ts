import type pg from 'pg';
import { queryRows } from './connections.js';

/** Whether this process leads, and what the cursor says. */
export interface Lead {
  readonly leads: boolean;
  readonly epoch: bigint;
  readonly position: bigint;
  readonly logSize: bigint;
}

export interface CursorTerms {
  readonly name: string;
  /** UUID of this relay run. */
  readonly holder: string;
  readonly leaseMs: number;
}

const LEAD = {
  name: 'event-log-relay-lead',
  text: 'SELECT leads, epoch, position, log_size FROM event_log.relay_lead($1, $2, $3)',
};
const ADVANCE = { name: 'event-log-relay-advance', text: 'SELECT event_log.relay_advance($1, $2, $3, $4) AS moved' };
const RELEASE = { name: 'event-log-relay-release', text: 'SELECT event_log.relay_release($1, $2)' };

/** A relay's cursor and lease in the database, whose clock alone counts. */
export class RelayCursor {
  constructor(
    private readonly pool: pg.Pool,
    private readonly terms: CursorTerms,
  ) {}

  /** Takes the lead if nobody has it, or renews the own lease. */
  async lead(): Promise<Lead> {
    const { name, holder, leaseMs } = this.terms;
    const [row] = await queryRows<{ leads: boolean; epoch: string; position: string; log_size: string }>(this.pool, LEAD, [
      name,
      holder,
      leaseMs,
    ]);
    return {
      leads: row?.leads ?? false,
      epoch: BigInt(row?.epoch ?? 0),
      position: BigInt(row?.position ?? 0),
      logSize: BigInt(row?.log_size ?? 0),
    };
  }

  /** False if the epoch is over or the lease has run out: the caller leads no more. */
  async advance(epoch: bigint, position: bigint): Promise<boolean> {
    const { name, leaseMs } = this.terms;
    const [row] = await queryRows<{ moved: boolean }>(this.pool, ADVANCE, [name, String(epoch), String(position), leaseMs]);
    return row?.moved ?? false;
  }

  async release(epoch: bigint): Promise<void> {
    await queryRows(this.pool, RELEASE, [this.terms.name, String(epoch)]);
  }
}
