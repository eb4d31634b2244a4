import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { journalContract } from '../journal-contract.js';
import { envelopeOf, packed, PARCEL, taken } from '../parcel-fixture.js';
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

it('A stream longer than a page is folded in pages, and from where a process left off', async () => {
  const [log, other] = [await logs!.open(), await logs!.open()];
  const count = 1_203;
  await log.journal.execute(envelopeOf(), async (unit) => {
    (await unit.open(PARCEL, 'long')).append(packed({ pieces: 10_000 }), ...Array.from({ length: count }, () => taken(1)));
  });
  expect(await other.journal.read(PARCEL, 'long')).toMatchObject({ pieces: 10_000 - count });
  await log.journal.execute(envelopeOf(), async (unit) => (await unit.open(PARCEL, 'long')).append(taken(1)));
  expect(await other.journal.read(PARCEL, 'long')).toMatchObject({ pieces: 10_000 - count - 1 });
  expect(await other.readStreamRows('parcel/long')).toHaveLength(count + 2);
});
