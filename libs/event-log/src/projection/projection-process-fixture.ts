import { setTimeout as sleep } from 'node:timers/promises';
import { createMemoryUnitKeys } from '../unit-keys.js';
import { openSharedLog, parcels, type SharedIdentity } from './projection-fixture.js';
import { startProjections } from './projections.js';

/** A process that keeps the parcels up, slowly, until it is killed. Arguments: database URL, shared identity, ms for each batch. */
const [url = '', shared = '', batchMs = '0'] = process.argv.slice(2);

const { log } = await openSharedLog(url, JSON.parse(shared) as SharedIdentity, createMemoryUnitKeys());
const { project, ...rest } = parcels();
startProjections({
  log,
  limits: { batchRowsMax: 10, leaseMs: 1_000 },
  definitions: [
    {
      ...rest,
      project: async (events, scope) => {
        await project(events, scope);
        await sleep(Number(batchMs)); // Most of its life is spent inside the transaction: that is where the kill hits.
      },
    },
  ],
});
