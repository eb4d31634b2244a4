import { afterAll, beforeAll } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { journalContract } from '../journal-contract.js';
import { suiteLogs, type SuiteLogs } from './log-fixture.js';

let database: TestDatabase;
let logs: SuiteLogs | undefined;
beforeAll(async () => {
  database = await createTestDatabase();
  logs = await suiteLogs(database);
}, 60_000);
afterAll(async () => {
  await logs?.closeAll();
  await database.drop();
});

journalContract('PostgreSQL', async () => {
  const log = await logs!.open();
  return {
    journal: log.journal,
    reader: log,
    unitKeys: logs!.unitKeys,
    another: async (limits) => (await logs!.open({ ...(limits && { limits }) })).journal,
  };
});
