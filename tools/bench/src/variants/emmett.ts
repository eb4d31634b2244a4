import type pg from 'pg';
import { runClosedLoop } from '../load/closed-loop.js';
import type { Measurement } from '../measurement.js';
import type { BenchDatabase, VariantOptions } from '../variant.js';
import { countStored } from '../workload/count-stored.js';
import { fromPeers } from '../workload/peer-modules.js';
import { REQUISITION, type RequisitionLine, type RequisitionState } from '../workload/requisition.js';
import { targetsOf, type Target } from '../workload/targets.js';

/** What is used of the peer; its own types stand in its own tree. */
interface EmmettEvent {
  readonly type: 'LineRequested';
  readonly data: RequisitionLine;
}
interface EmmettStore {
  appendToStream(stream: string, events: readonly EmmettEvent[], options: { expectedStreamVersion: string }): Promise<unknown>;
  readonly schema: { migrate(): Promise<unknown> };
  close(): Promise<void>;
}
interface EmmettPostgres {
  getPostgreSQLEventStore(url: string, options: object): EmmettStore;
}
interface Emmett {
  CommandHandler(options: {
    readonly evolve: (state: RequisitionState, event: EmmettEvent) => RequisitionState;
    readonly initialState: () => RequisitionState;
    readonly retry: { readonly onVersionConflict: number };
  }): (store: EmmettStore, id: string, handle: (state: RequisitionState) => EmmettEvent[]) => Promise<unknown>;
}

/** As often as our journal tries. */
const CONFLICT_RETRIES = 9;

/** Its store on a pool of ours, so that its size can be chosen. */
function openEmmett(folder: string, url: string, poolSize: number): { readonly store: EmmettStore; readonly pool: pg.Pool } {
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

/** `appendToStream`: one transaction per call. */
export function measureEmmett(options: VariantOptions): Promise<Measurement> {
  return measureStore(
    options,
    (store) =>
      ({ key, lines }) =>
        store.appendToStream(`${REQUISITION.category}/${key}`, lines.map(eventOf), {
          expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
        }),
  );
}

/** Its command handling: reads the stream, decides, appends; again where it conflicts. */
export function measureEmmettCommand(options: VariantOptions): Promise<Measurement> {
  const { CommandHandler } = fromPeers<Emmett>(String(options.parameters['peers']), '@event-driven-io/emmett');
  const handle = CommandHandler({
    evolve: REQUISITION.evolve,
    initialState: () => REQUISITION.initial,
    retry: { onVersionConflict: CONFLICT_RETRIES },
  });
  return measureStore(
    options,
    (store) =>
      ({ key, lines }) =>
        handle(store, `${REQUISITION.category}/${key}`, () => lines.map(eventOf)),
  );
}

async function measureStore(
  options: VariantOptions,
  work: (store: EmmettStore) => (target: Target) => Promise<unknown>,
): Promise<Measurement> {
  const { parameters, database, concurrency } = options;
  const poolSize = Number(parameters['poolSize']);
  const { store } = openEmmett(String(parameters['peers']), database?.ownerUrl ?? '', poolSize);
  const next = targetsOf(options);
  const perform = work(store);
  const load = await runClosedLoop({
    options,
    call: async () => {
      const target = next();
      await perform(target);
      return target.lines.length;
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

function eventOf(data: RequisitionLine): EmmettEvent {
  return { type: 'LineRequested', data };
}

const EMMETT_STORED = {
  events: 'select count(*) from emt_messages',
  doubled: 'select count(*) - count(distinct (stream_id, stream_position)) from emt_messages',
  streamsWithGaps: `select count(*) from (select from emt_messages group by stream_id
    having min(stream_position) <> 1 or max(stream_position) <> count(*)) g`,
};
