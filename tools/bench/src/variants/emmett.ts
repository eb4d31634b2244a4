import pg from 'pg';
import { runClosedLoop } from '../load/closed-loop.js';
import type { Measurement } from '../measurement.js';
import type { BenchDatabase, VariantOptions } from '../variant.js';
import { countStored } from '../workload/count-stored.js';
import { fromPeers } from '../workload/peer-modules.js';
import { requisitionKey, requisitionLine, type RequisitionLine } from '../workload/requisition.js';

/** What is used of the peer; its own types stand in its own tree. */
interface EmmettEvent {
  readonly type: string;
  readonly data: RequisitionLine;
}
interface EmmettStore {
  appendToStream(
    stream: string,
    events: readonly EmmettEvent[],
    options: { expectedStreamVersion: bigint | string },
  ): Promise<unknown>;
  readonly schema: { migrate(): Promise<unknown> };
  close(): Promise<void>;
}
interface EmmettPostgres {
  getPostgreSQLEventStore(url: string, options: object): EmmettStore;
}

/** Its store on a pool of ours: tried with 10 (its default), 32 and 64 connections; it is bound by its own processor time from 10 on. */
export function openEmmett(
  folder: string,
  url: string,
  poolSize: number,
): { readonly store: EmmettStore; readonly pool: pg.Pool } {
  const { getPostgreSQLEventStore } = fromPeers<EmmettPostgres>(folder, '@event-driven-io/emmett-postgresql');
  const { Pool } = fromPeers<typeof pg>(folder, 'pg');
  const pool = new Pool({ connectionString: url, max: poolSize });
  const store = getPostgreSQLEventStore(url, {
    schema: { autoMigration: 'None' },
    connectionOptions: { connectionString: url, pooled: true, pool },
  });
  return { store, pool };
}

/** Its own migrations, once; it has no notion of an app role, so it stays the owner. */
export async function prepareEmmett(folder: string, { ownerUrl }: BenchDatabase): Promise<void> {
  const { store, pool } = openEmmett(folder, ownerUrl, 2);
  await store.schema.migrate();
  await store.close();
  if (!pool.ended) await pool.end();
}

/** `appendToStream` of emmett-postgresql: one transaction per call. */
export async function measureEmmett(options: VariantOptions): Promise<Measurement> {
  const { parameters, database, concurrency } = options;
  const poolSize = Number(parameters['poolSize']);
  const eventsPerCommand = Number(parameters['eventsPerCommand'] ?? 1);
  const { store } = openEmmett(String(parameters['peers']), database?.ownerUrl ?? '', poolSize);
  let made = 0;
  const load = await runClosedLoop({
    options,
    call: async () => {
      const index = made;
      made += 1;
      const events = Array.from({ length: eventsPerCommand }, (_, line) => ({
        type: 'LineRequested',
        data: requisitionLine(index, line),
      }));
      await store.appendToStream(`requisition/${requisitionKey(index)}`, events, {
        expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
      });
      return events.length;
    },
  });
  const { acknowledged, ...figures } = load;
  const { bytesPerEvent, ...verification } = await countStored(database?.ownerUrl ?? '', acknowledged, EMMETT_STORED);
  return {
    variant: options.variant,
    concurrency,
    ...figures,
    ...verification,
    stores: `${bytesPerEvent} bytes on disk per event: message (two JSON columns), stream row`,
    settings: { pool: poolSize },
  };
}

export const EMMETT_STORED = {
  events: 'select count(*) from emt_messages',
  doubled: 'select count(*) - count(distinct (stream_id, stream_position)) from emt_messages',
  streamsWithGaps: `select count(*) from (select from emt_messages group by stream_id
    having min(stream_position) <> 1 or max(stream_position) <> count(*)) g`,
};
