import { afterAll } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { appendModelSuite } from './append-model-suite.js';

const databases: TestDatabase[] = [];
afterAll(() => Promise.all(databases.map((database) => database.drop())));

const newDatabase = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase();
  databases.push(database);
  return database;
};

appendModelSuite(newDatabase, { clean: { count: 40 }, faulty: { count: 8 } }, 60_000);
