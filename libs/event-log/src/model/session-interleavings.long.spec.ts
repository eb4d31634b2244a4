import { afterAll } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { sessionInterleavingsSuite } from './interleavings-suite.js';
import { LONG_LIMIT_MS, longRuns } from './long-runs.js';

const databases: TestDatabase[] = [];
afterAll(() => Promise.all(databases.map((database) => database.drop())));

const newDatabase = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase();
  databases.push(database);
  return database;
};

sessionInterleavingsSuite(newDatabase, longRuns(10_000), LONG_LIMIT_MS);
