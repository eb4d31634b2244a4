import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, eventually, type TestDatabase } from '@countersign/testing';
import type { EntityManager } from 'typeorm';
import type { EventLog } from './event-log.js';
import { envelopeOf, packed, PARCEL, taken } from './parcel-fixture.js';
import { suiteLogs, type SuiteLogs } from './postgres/log-fixture.js';
import { runProjection, type Projection, type ProjectionHandler, type ProjectionOptions } from './projection.js';

let database: TestDatabase;
let logs: SuiteLogs;
let log: EventLog;
beforeAll(async () => {
  database = await createTestDatabase();
  logs = await suiteLogs(database);
  log = await logs.open();
  const owner = await logs.connect(database.ownerUrl);
  await owner.query('CREATE TABLE public.piece_count (name text PRIMARY KEY, pieces int8 NOT NULL, rows int8 NOT NULL)');
  await owner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON public.piece_count TO ${database.appRole}`);
}, 60_000);
afterAll(async () => {
  await logs.closeAll();
  await database.drop();
});

/** Counts pieces; adding is not idempotent, so a row that takes effect twice shows. */
function counter(name: string, before: () => void = () => undefined): ProjectionHandler {
  const add =
    'INSERT INTO public.piece_count VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET pieces = piece_count.pieces + $2, rows = piece_count.rows + $3';
  return {
    project: async (rows, manager) => {
      const pieces = rows
        .map(({ data }) => (typeof data['pieces'] === 'number' ? data['pieces'] : 0))
        .reduce((sum, value) => sum + value, 0);
      await manager.query(add, [name, pieces, rows.length]);
      before();
    },
    clear: (manager: EntityManager) => manager.query('DELETE FROM public.piece_count WHERE name = $1', [name]),
  };
}

const append = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index += 1) {
    await log.journal.execute(envelopeOf(), async (unit) =>
      (await unit.open(PARCEL, randomUUID())).append(packed({ pieces: 5 }), taken(1)),
    );
  }
};
const countOf = async (name: string): Promise<{ pieces: number; rows: number }> => {
  const [row] = await log.dataSource.query('SELECT pieces, rows FROM public.piece_count WHERE name = $1', [name]);
  return { pieces: Number(row?.pieces ?? 0), rows: Number(row?.rows ?? 0) };
};
const running: Projection[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((projection) => projection.stop()));
});
const start = (name: string, options: Partial<ProjectionOptions> = {}): Projection => {
  const projection = runProjection({
    name,
    log,
    handler: counter(name),
    limits: { batchRowsMax: 3, pollMs: 60_000, retryPauseMs: 1 },
    ...options,
  });
  running.push(projection);
  return projection;
};

async function requireCounted(name: string): Promise<void> {
  await eventually(async () => {
    const size = Number(await log.size());
    expect(await countOf(name)).toEqual({ rows: size, pieces: ((size - 1) / 2) * 6 });
  });
}

describe('A projection', () => {
  it('follows the log, each row once', async () => {
    await append(4);
    const projection = start('followed');
    await requireCounted('followed');
    await append(3);
    await requireCounted('followed');
    expect(projection.position()).toBe(await log.size());
    await projection.stop();
  });

  it('that fails in the middle leaves nothing of the batch, and repeats it', async () => {
    let failures = 3;
    const handler = counter('failing', () => {
      if (failures-- > 0) throw new Error('refused');
    });
    const reported: unknown[] = [];
    const projection = start('failing', { handler, onFailure: (error) => reported.push(error) });
    await requireCounted('failing');
    expect(reported).toHaveLength(3);
    await projection.stop();
  });

  it('is rebuilt from the log', async () => {
    const projection = start('rebuilt');
    await requireCounted('rebuilt');
    await log.dataSource.query(`UPDATE public.piece_count SET pieces = 0 WHERE name = 'rebuilt'`);
    await projection.rebuild();
    await requireCounted('rebuilt');
    await projection.stop();
  });

  it('run by two processes takes effect once', async () => {
    const other = await logs.open();
    const pair = [start('paired'), start('paired', { log: other })];
    await append(10);
    await requireCounted('paired');
    await Promise.all(pair.map((projection) => projection.stop()));
    await requireCounted('paired');
  });
});
