import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogDataSource, eventLogMigrations, openLogStore } from '@countersign/event-log';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import pg from 'pg';
import { counts } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { appendUnderLoad, measureAppend } from '../variants/append.js';
import { measureCommand } from '../variants/command.js';
import { openNewLog } from './opened-log.js';
import { writeSealedCommands } from './sealed-commands.js';
import { verifyLog } from './verify-log.js';

let scratch: string;
let database: TestDatabase;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'bench-'));
  writeSealedCommands(join(scratch, 'sealed'), 2_000, 1);
});
afterAll(() => rmSync(scratch, { recursive: true }));
beforeEach(async () => {
  database = await createTestDatabase();
  const owner = createLogDataSource({
    url: database.ownerUrl,
    applicationName: 'migrate',
    migrations: eventLogMigrations(database),
  });
  await owner.initialize();
  await owner.runMigrations();
  await owner.destroy();
});
afterEach(() => database.drop());

function optionsOf(parameters: VariantOptions['parameters'] = {}): VariantOptions {
  return {
    variant: 'append',
    warmUpSeconds: 0.05,
    seconds: 0.3,
    concurrency: 8,
    round: 1,
    database,
    scratch,
    parameters: { file: join(scratch, 'sealed'), ...parameters },
  };
}

describe('a variant, for a fraction of a second', () => {
  it('appends sealed records and is verified', async () => {
    const measurement = await measureAppend(optionsOf());
    expect(measurement).toMatchObject({ lost: 0, doubled: 0, errors: 0, verified: true });
    expect(measurement.p50Ms).toBeGreaterThan(0);
    expect(counts(measurement)).toBe(true);
  });

  it('settles conflicting and poisoned commands by themselves', async () => {
    const measurement = await measureAppend(optionsOf({ conflicts: 2, poisoned: 1 }));
    expect(measurement.errors).toBeGreaterThan(0);
    expect(counts(measurement)).toBe(true);
  });

  it('executes whole commands', async () => {
    expect(counts(await measureCommand(optionsOf({ workload: 'hot' })))).toBe(true);
  });
});

describe('a log that lost or changed something', () => {
  async function appended(): Promise<Map<string, bigint>> {
    const acknowledged = new Map<string, bigint>();
    const log = await openNewLog(optionsOf());
    const store = openLogStore(log.dataSource);
    await appendUnderLoad(optionsOf(), store, acknowledged);
    await store.close();
    await log.close();
    await log.dataSource.destroy();
    return acknowledged;
  }

  /** As only somebody with the superuser's rights could. */
  async function meddle(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: database.superuserUrl });
    await client.connect();
    await client.query('alter table event_log.event disable trigger all');
    await client.query(statement);
    await client.end();
  }

  it('has no number when an acknowledged event is gone', async () => {
    const acknowledged = await appended();
    expect(await verifyLog(database.appUrl, acknowledged)).toMatchObject({ verified: true, lost: 0 });
    await meddle('delete from event_log.event where position = (select max(position) from event_log.event)');
    expect(await verifyLog(database.appUrl, acknowledged)).toMatchObject({ verified: false, lost: 1 });
  });

  it('has no number when a position is missing in its middle', async () => {
    const acknowledged = await appended();
    await meddle('delete from event_log.event where position = 3');
    const { verified, refused } = await verifyLog(database.appUrl, acknowledged);
    expect({ verified, refused }).toEqual({ verified: false, refused: 'position 3 is not in the log' });
  });

  it('has no number when an event stands at another position than was told', async () => {
    const acknowledged = await appended();
    const [first = ''] = acknowledged.keys();
    acknowledged.set(first, 1_000_000n);
    expect((await verifyLog(database.appUrl, acknowledged)).verified).toBe(false);
  });

  it('has no number when something was stored that nobody was told of', async () => {
    const acknowledged = await appended();
    const [first = ''] = acknowledged.keys();
    acknowledged.delete(first);
    expect((await verifyLog(database.appUrl, acknowledged)).refused).toBe('1 events are stored that nobody was told of');
  });

  it('has no number when a record is not what its entry says', async () => {
    const acknowledged = await appended();
    await meddle("update event_log.event set header = header || ' '::bytea where position = 0");
    expect((await verifyLog(database.appUrl, acknowledged)).verified).toBe(false);
  });
});
