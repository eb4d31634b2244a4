import { runClosedLoop } from '../load/closed-loop.js';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { countStored } from '../workload/count-stored.js';
import { fromPeers } from '../workload/peer-modules.js';
import { EVENT_AND_OUTBOX_STORED } from '../workload/plain-tables.js';
import { requisitionKey, requisitionLine } from '../workload/requisition.js';

interface TypeOrm {
  readonly DataSource: new (options: object) => TypeOrmSource;
  readonly EntitySchema: new (options: object) => object;
}
interface TypeOrmSource {
  initialize(): Promise<TypeOrmSource>;
  destroy(): Promise<void>;
  transaction<Result>(work: (manager: TypeOrmManager) => Promise<Result>): Promise<Result>;
}
interface TypeOrmManager {
  save(
    target: object,
    entity: object,
    options: { readonly reload?: boolean; readonly transaction: boolean },
  ): Promise<{ position: string }>;
}

/** No transaction within the transaction; what the database made is read back by RETURNING, and only where it is needed. */
const SAVE = { transaction: false } as const;

/**
 * Two `save()` calls in one transaction: the event, and its outbox row. At its best: keys are made by the database, so that no
 * SELECT goes before an INSERT; pools of 10, 32 and 64 connections were tried (the last two are alike).
 */
export async function measureTypeorm(options: VariantOptions): Promise<Measurement> {
  const { parameters, database, concurrency } = options;
  const peers = String(parameters['peers']);
  const poolSize = Number(parameters['poolSize']);
  const { DataSource, EntitySchema } = fromPeers<TypeOrm>(peers, 'typeorm');
  const event = new EntitySchema({
    name: 'event',
    columns: {
      position: { type: 'bigint', primary: true, generated: 'identity' },
      stream_id: { type: 'text' },
      version: { type: 'bigint' },
      type: { type: 'text' },
      payload: { type: 'jsonb' },
    },
  });
  const outbox = new EntitySchema({
    name: 'outbox',
    columns: { id: { type: 'bigint', primary: true, generated: 'identity' }, position: { type: 'bigint' } },
  });
  const source = await new DataSource({
    type: 'postgres',
    url: database?.ownerUrl,
    poolSize,
    entities: [event, outbox],
  }).initialize();
  let made = 0;
  const load = await runClosedLoop({
    options,
    call: async () => {
      const index = made;
      made += 1;
      const streamId = `requisition/${requisitionKey(index)}`;
      await source.transaction(async (manager) => {
        const row = { stream_id: streamId, version: '1', type: 'LineRequested', payload: requisitionLine(index) };
        const { position } = await manager.save(event, row, SAVE);
        await manager.save(outbox, { position }, { ...SAVE, reload: false });
      });
      return 1;
    },
  });
  await source.destroy();
  const { acknowledged, ...figures } = load;
  const { bytesPerEvent, ...verification } = await countStored(database?.ownerUrl ?? '', acknowledged, EVENT_AND_OUTBOX_STORED);
  return {
    variant: options.variant,
    concurrency,
    ...figures,
    ...verification,
    stores: `${bytesPerEvent} bytes on disk per event: event (one JSON column, stream and version unique), outbox row`,
    settings: { pool: poolSize },
  };
}
