import { afterAll } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { relaySuite } from './relay-suite.js';

const databases: TestDatabase[] = [];
afterAll(() => Promise.all(databases.map((database) => database.drop())));

const newDatabase = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase();
  databases.push(database);
  return database;
};

relaySuite(newDatabase, { count: 25 }, 60_000);
