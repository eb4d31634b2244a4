import { afterAll } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { LONG_LIMIT_MS, longScale } from './long-runs.js';
import { replicasSuite } from './replicas-suite.js';

const databases: TestDatabase[] = [];
afterAll(() => Promise.all(databases.map((database) => database.drop())));

const newDatabase = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase();
  databases.push(database);
  return database;
};

replicasSuite(newDatabase, { replicas: 4, faults: Math.ceil(10 * longScale()) }, LONG_LIMIT_MS);
