import { createEvmChain } from '@countersign/chain';
import type { ServiceDefinition } from '@countersign/host';
import { anchoringV1 } from '@countersign/proto';
import { Anchoring } from './anchoring.js';
import { AppModule } from './app.module.js';
import { readWitnessPolicy } from './cosigning/asked-witness.js';
import { readPublisherKey } from './log/read-logs.js';
import { readAnchoringSettings } from './settings.js';
import { openStaticDoor } from './static/static-door.js';

/** Anchoring, as the host runs it: no log of its own, the trees of all others. */
export const ANCHORING: ServiceDefinition = {
  name: 'anchoring',
  module: AppModule,
  grpcServices: [anchoringV1.LogService, anchoringV1.ProofService],
  start: async ({ app, environment, keystore, bus, config, logger, onStop }) => {
    const { commitIntervalMs, heartbeatMs, staticAddress, ...chain } = readAnchoringSettings(environment);
    const publisherKey = await readPublisherKey(keystore);
    const witnessPolicy = await readWitnessPolicy(environment);
    const anchoring = app.get(Anchoring);
    const stop = anchoring.run({
      bus,
      topicPrefix: config.topicPrefix,
      chain: (broadcasts) => createEvmChain({ ...chain, publisherKey, broadcasts }),
      commitIntervalMs,
      heartbeatMs,
      ...(witnessPolicy === undefined ? {} : { witnessPolicy }),
    });
    onStop('anchoring', stop);
    if (staticAddress === undefined) return;
    const trees = anchoring.servedTrees();
    const door = await openStaticDoor({ ...staticAddress, trees, tiles: anchoring.stores.trees, logger });
    logger.info('static-door-open', { address: door.url });
    onStop('static door', door.close);
  },
};
