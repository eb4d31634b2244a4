import { KEYSTORE, LOGGER, type Keystore } from '@countersign/host';
import type { Logger } from '@countersign/observability';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { readCosigner, readFollowedLogs } from './followed-logs.js';
import { openWitnessStore } from './open-witness-store.js';
import { WITNESS_STORE, type WitnessStore } from './witness-store.js';
import { WitnessController } from './witness.controller.js';
import { Witness } from './witness.js';

/** The composition root of a witness. */
@Module({
  controllers: [WitnessController],
  providers: [
    {
      provide: WITNESS_STORE,
      inject: [DataSource],
      useFactory: openWitnessStore,
    },
    {
      provide: Witness,
      inject: [WITNESS_STORE, KEYSTORE, LOGGER],
      useFactory: async (store: WitnessStore, keystore: Keystore, logger: Logger): Promise<Witness> =>
        new Witness({ store, cosigner: await readCosigner(keystore), logs: await readFollowedLogs(keystore), logger }),
    },
  ],
})
export class WitnessModule {}
