import { createEvmChain } from '@countersign/chain';
import type { ServiceDefinition } from '@countersign/host';
import { anchoringV1 } from '@countersign/proto';
import { Anchoring } from './anchoring.js';
import { AppModule } from './app.module.js';
import { readWitnessPolicy } from './cosigning/asked-witness.js';
import { readPublisherKey } from './log/read-logs.js';
import { readAnchoringSettings } from './settings.js';

/** Anchoring, as the host runs it: no log of its own, the trees of all others. */
export const ANCHORING: ServiceDefinition = {
  name: 'anchoring',
  module: AppModule,
  grpcServices: [anchoringV1.LogService, anchoringV1.ProofService],
  start: async ({ app, environment, keystore, bus, config, onStop }) => {
    const { commitIntervalMs, heartbeatMs, ...chain } = readAnchoringSettings(environment);
    const publisherKey = await readPublisherKey(keystore);
    const witnessPolicy = await readWitnessPolicy(environment);
    const stop = app.get(Anchoring).run({
      bus,
      topicPrefix: config.topicPrefix,
      chain: (broadcasts) => createEvmChain({ ...chain, publisherKey, broadcasts }),
      commitIntervalMs,
      heartbeatMs,
      ...(witnessPolicy === undefined ? {} : { witnessPolicy }),
    });
    onStop('anchoring', stop);
  },
};
