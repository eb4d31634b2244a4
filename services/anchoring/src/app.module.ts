import { KEYSTORE, LOGGER, type Keystore } from '@countersign/host';
import type { Logger } from '@countersign/observability';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Anchoring } from './anchoring.js';
import { LogController } from './log.controller.js';
import { readKnownLogs } from './log/read-logs.js';
import { ProofController } from './proof.controller.js';
import { openStores } from './storage/open-stores.js';

/** The composition root of what the doors need; `service.ts` starts the loops. */
@Module({
  controllers: [LogController, ProofController],
  providers: [
    {
      provide: Anchoring,
      inject: [DataSource, KEYSTORE, LOGGER],
      useFactory: async (dataSource: DataSource, keystore: Keystore, logger: Logger): Promise<Anchoring> => {
        const logs = await readKnownLogs(keystore);
        return Anchoring.open(logs, await openStores(dataSource, logs), logger);
      },
    },
  ],
})
export class AppModule {}
