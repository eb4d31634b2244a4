import { createLogDataSource } from '@countersign/event-log';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';

import { inboxProgress, type InboxProgress, type Passage } from './inbox-progress.js';
import { runMigrations } from './run-migrations.js';

describe('the progress of an inbox', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let inbox: InboxProgress;

  beforeAll(async () => {
    database = await createTestDatabase();
    const { ownerUrl, appUrl, appRole } = database;
    expect(await runMigrations({ ownerUrl, appRole })).toContain('PassMessages1763800000040');
    expect(await runMigrations({ ownerUrl, appRole })).toEqual([]);
    dataSource = await createLogDataSource({ url: appUrl, applicationName: 'test' }).initialize();
    inbox = inboxProgress(dataSource.manager);
  }, 30_000);

  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  const pass = (subject: string, ...sequences: number[]): Promise<readonly Passage[]> =>
    inbox.pass(sequences.map((sequence) => ({ source: 'o', subject, sequence: BigInt(sequence) })));

  it('goes one sequence at a time, from 0', async () => {
    expect(await pass('a', 1)).toEqual(['gap']);
    expect(await pass('a', 0, 1, 2)).toEqual(['passed', 'passed', 'passed']);
    expect(await pass('a', 2, 0, 4, 3)).toEqual(['recorded-before', 'recorded-before', 'gap', 'passed']);
  });

  it('is kept for each source and subject', async () => {
    expect(await pass('b', 0)).toEqual(['passed']);
    expect(await inbox.pass([{ source: 'other', subject: 'b', sequence: 0n }])).toEqual(['passed']);
    expect(await inbox.pass([])).toEqual([]);
  });

  it('is taken back with the transaction it was made in', async () => {
    const failing = dataSource.transaction(async (manager) => {
      expect(await inboxProgress(manager).pass([{ source: 'o', subject: 'c', sequence: 0n }])).toEqual(['passed']);
      throw new Error('the effect failed');
    });
    await expect(failing).rejects.toThrow('the effect failed');
    expect(await pass('c', 0)).toEqual(['passed']);
  });

  it('is made by one of several that try at once', async () => {
    const passages = await Promise.all(Array.from({ length: 8 }, () => pass('d', 0)));
    expect(passages.flat().filter((passage) => passage === 'passed')).toHaveLength(1);
    expect(await pass('d', 1)).toEqual(['passed']);
  });

  it('cannot be set by the service in any other way', async () => {
    await expect(dataSource.query(`INSERT INTO event_log.inbox_subject VALUES ('o', 'e', 5)`)).rejects.toThrow(
      'permission denied',
    );
    await expect(dataSource.query(`UPDATE event_log.inbox_subject SET last_sequence = 99`)).rejects.toThrow('permission denied');
  });
});
