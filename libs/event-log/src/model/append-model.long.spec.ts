import { afterAll } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { appendModelSuite } from './append-model-suite.js';
import { LONG_LIMIT_MS, longRuns } from './long-runs.js';

const databases: TestDatabase[] = [];
afterAll(() => Promise.all(databases.map((database) => database.drop())));

const newDatabase = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase();
  databases.push(database);
  return database;
};

appendModelSuite(newDatabase, { clean: longRuns(2_000), faulty: longRuns(500) }, LONG_LIMIT_MS);
