import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DomainEvent, StreamDefinition } from '@countersign/kernel';
import { createTestDatabase, eventually, type TestDatabase } from '@countersign/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventLog } from '../event-log.js';
import { envelopeOf, OLD_PARCEL, packed, PARCEL, taken } from '../parcel-fixture.js';
import type { ProjectionDefinition } from './definition.js';
import {
  appendParcels,
  expectedAt,
  openProjectionSuite,
  parcels,
  ParcelRow,
  readParcels,
  type ProjectionSuite,
} from './projection-fixture.js';
import { startProjections, type Projections, type ProjectionsOptions } from './projections.js';
import { changeRows } from './row-changes.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

let database: TestDatabase;
let suite: ProjectionSuite;
let log: EventLog;
const running: Projections[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  suite = await openProjectionSuite(database);
  log = await suite.open();
}, 60_000);

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map((projections) => projections.stop()));
  await suite.close();
  await database.drop();
}, 60_000);

function start(definition: ProjectionDefinition = parcels(), options: Partial<ProjectionsOptions> = {}): Projections {
  const projections = startProjections({
    log,
    definitions: [definition],
    ...options,
    limits: {
      batchRowsMax: 7,
      pollMs: 200,
      retryPauseMs: 1,
      retryPauseMaxMs: 50,
      progressMs: 5,
      batchPauseMs: 1,
      leaseMs: 2_000,
      ...options.limits,
    },
  });
  running.push(projections);
  return projections;
}

async function requireFollowed(): Promise<void> {
  await eventually(async () => expect(await readParcels(log)).toEqual(expectedAt(Number(await log.size()))));
}

async function stepsOf<Step>(steps: AsyncIterable<Step>): Promise<readonly Step[]> {
  const all: Step[] = [];
  for await (const step of steps) all.push(step);
  return all;
}

const statusOf = async (projections: Projections) => (await projections.list())[0]!;
const generations = (): Promise<{ generation: number; state: string; version: number; position: string }[]> =>
  suite.superuser.query('SELECT generation, state, version, position FROM event_log.projection ORDER BY generation');
const rowsByGeneration = (): Promise<{ generation: number }[]> =>
  suite.superuser.query('SELECT DISTINCT generation FROM parcels.parcel');

describe('A read model', () => {
  it('follows the log, each record once, also when two processes do it', async () => {
    await appendParcels(log, 4);
    const projections = start();
    await requireFollowed();
    start(parcels(), { log: await suite.open() });
    await appendParcels(log, 15);
    await requireFollowed();
    expect(await statusOf(projections)).toMatchObject({
      state: 'following',
      version: 1,
      liveVersion: 1,
      position: await log.size(),
      head: await log.size(),
    });
  });

  it('that fails in the middle of a batch leaves nothing of it, says so, and repeats it', async () => {
    await appendParcels(log, 4);
    let broken = true;
    const { project, ...rest } = parcels();
    const projections = start({
      ...rest,
      project: async (events, scope) => {
        await project(events, scope);
        if (broken) throw new Error('refused');
      },
    });
    await eventually(async () => expect(await statusOf(projections)).toMatchObject({ state: 'stopped', failure: 'INTERNAL' }));
    expect(await rowsByGeneration()).toEqual([]);
    broken = false;
    await requireFollowed();
    await eventually(async () => expect((await statusOf(projections)).state).toBe('following'));
  });

  it('is not there before it is built, and then is there as a whole', async () => {
    await appendParcels(log, 30);
    const gate = Promise.withResolvers<void>();
    const { project, ...rest } = parcels();
    const projections = start({
      ...rest,
      project: async (events, scope) => {
        if (events.some(({ position }) => position > 40n)) await gate.promise;
        await project(events, scope);
      },
    });
    await eventually(async () => expect((await statusOf(projections)).beside?.position).toBeGreaterThan(30n));
    expect((await statusOf(projections)).state).toBe('building');
    await expect(readParcels(log)).rejects.toMatchObject({ code: 'PROJECTION_NOT_BUILT' });
    gate.resolve();
    await eventually(async () => expect(await readParcels(log)).toEqual(expectedAt(61)));
  });

  it('answers for a position when it has reached it, or says that it has not', async () => {
    start();
    await requireFollowed();
    const { recorded } = await log.journal.execute(envelopeOf(), async (unit) => {
      (await unit.open(PARCEL, 'own')).append(packed({ pieces: 5 }), taken(1));
      return null;
    });
    const atLeastPosition = recorded.at(-1)!.position;
    expect(await readParcels(log, { atLeastPosition })).toEqual(expectedAt(Number(atLeastPosition) + 1));
    await expect(readParcels(log, { atLeastPosition: atLeastPosition + 1n, waitMs: 50 })).rejects.toMatchObject({
      code: 'PROJECTION_BEHIND',
    });
  });
});

describe('A rebuild', () => {
  it('beside four writers and a reader never shows an empty or half answer, and never goes back', async () => {
    await appendParcels(log, 200);
    const projections = start(parcels(), { limits: { batchRowsMax: 100 } });
    await requireFollowed();
    const [before] = await generations();
    const writing = new AbortController();
    const writers = Array.from({ length: 4 }, async () => {
      const own = await suite.open();
      while (!writing.signal.aborted) await appendParcels(own, 1);
    });
    let reads = 0;
    let latest = 0;
    const reader = (async () => {
      const own = await suite.open();
      while (!writing.signal.aborted) {
        const answer = await readParcels(own);
        expect(answer).toEqual(expectedAt(answer.asOf));
        expect(answer.asOf).toBeGreaterThanOrEqual(latest);
        latest = answer.asOf;
        reads += 1;
      }
    })();
    try {
      for (let round = 0; round < 3; round += 1) {
        const readBefore = reads;
        const steps = await stepsOf(projections.rebuild('parcels'));
        expect(steps.at(-1)).toMatchObject({ phase: 'switched', joined: false });
        expect(reads).toBeGreaterThan(readBefore);
      }
    } finally {
      writing.abort();
      await Promise.all([...writers, reader]);
    }
    await requireFollowed();
    await eventually(async () => {
      const left = await generations();
      expect(left).toMatchObject([{ state: 'live' }]);
      expect(left[0]!.generation).toBeGreaterThan(before!.generation);
      expect(await rowsByGeneration()).toEqual([{ generation: left[0]!.generation }]);
    });
    expect(latest).toBeGreaterThan(400);
  }, 60_000);

  it('makes good what somebody changed', async () => {
    await appendParcels(log, 5);
    const projections = start();
    await requireFollowed();
    await suite.superuser.query('UPDATE parcels.parcel SET pieces = 99');
    await stepsOf(projections.rebuild('parcels'));
    expect(await readParcels(log)).toEqual(expectedAt(11));
  });

  it('whose process is killed goes on where it stood, in another one', async () => {
    await appendParcels(log, 100);
    const script = fileURLToPath(new URL('projection-process-fixture.ts', import.meta.url));
    const args = [
      '--import',
      `${ROOT}scripts/typescript-hooks.mjs`,
      script,
      database.appUrl,
      JSON.stringify(suite.shared),
      '100',
    ];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    children.push(child);
    const building = await eventually(
      async () => {
        const [first] = await generations();
        expect(Number(first?.position ?? 0)).toBeGreaterThan(40);
        return first!;
      },
      { limitMs: 30_000 },
    );
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const [left] = await generations();
    expect(left).toMatchObject({ generation: building.generation, state: 'building' });
    expect(Number(left!.position)).toBeLessThan(190);
    const seen: bigint[] = [];
    const { project, ...rest } = parcels();
    const projections = start({
      ...rest,
      project: (events, scope) => {
        seen.push(...events.map(({ position }) => position));
        return project(events, scope);
      },
    });
    await requireFollowed();
    expect(seen[0]).toBe(BigInt(left!.position));
    expect((await generations())[0]).toMatchObject({ generation: building.generation, state: 'live' });
    expect(await stepsOf(projections.compare('parcels'))).toContainEqual(
      expect.objectContaining({ comparison: expect.objectContaining({ differing: 0n }) }),
    );
  }, 60_000);

  it('asked for twice is one rebuild', async () => {
    await appendParcels(log, 50);
    const one = start();
    const other = start(parcels(), { log: await suite.open() });
    await requireFollowed();
    const [first, second] = await Promise.all([stepsOf(one.rebuild('parcels')), stepsOf(other.rebuild('parcels'))]);
    expect([first.at(-1)?.joined, second.at(-1)?.joined].sort()).toEqual([false, true]);
    await requireFollowed();
    await eventually(async () => expect(await generations()).toHaveLength(1));
  });

  it('that was suspended past its lease writes nothing when it wakes up', async () => {
    await appendParcels(log, 50);
    const gate = Promise.withResolvers<void>();
    let suspended = false;
    let switchedAt = 0n;
    const late: bigint[] = [];
    const { project, ...rest } = parcels();
    // Suspended after reading, before its transaction: the worst moment.
    const sleepy: EventLog = {
      ...log,
      openRows: async (rows, mayOpen) => {
        const opened = await log.openRows(rows, mayOpen);
        if (rows.some(({ position }) => position > 30n)) {
          suspended = true;
          await gate.promise;
        }
        return opened;
      },
    };
    start(
      {
        ...rest,
        project: (events, scope) => {
          if (switchedAt > 0n) late.push(...events.map(({ position }) => position));
          return project(events, scope);
        },
      },
      { log: sleepy, limits: { leaseMs: 300 } },
    );
    await eventually(() => expect(suspended).toBe(true));
    start(parcels(), { log: await suite.open(), limits: { leaseMs: 300 } });
    await requireFollowed();
    switchedAt = await log.size();
    gate.resolve();
    await appendParcels(log, 20);
    await requireFollowed();
    expect(late.filter((position) => position < switchedAt)).toEqual([]);
    const [live] = await generations();
    expect(live).toMatchObject({ state: 'live' });
    expect(await rowsByGeneration()).toEqual([{ generation: live!.generation }]);
  }, 30_000);

  it('of a read model that is not there is refused', async () => {
    await expect(stepsOf(start().rebuild('nothing'))).rejects.toMatchObject({ code: 'PROJECTION_UNKNOWN' });
  });
});

describe('A new version', () => {
  const doubled = (): ProjectionDefinition =>
    parcels({
      version: 2,
      project: (events, scope) =>
        changeRows(
          scope,
          ParcelRow,
          events.map(({ key }) => ({ key, change: (row) => ({ pieces: (row?.pieces ?? 0) + 1, contents: 'v2' }) })),
        ),
    });

  it('is built by itself, while the earlier one is served; an earlier build then leaves it alone', async () => {
    await appendParcels(log, 40);
    const earlier = start();
    await requireFollowed();
    const gate = Promise.withResolvers<void>();
    const { project, ...rest } = doubled();
    const later = start(
      {
        ...rest,
        project: async (events, scope) => {
          await gate.promise;
          await project(events, scope);
        },
      },
      { log: await suite.open() },
    );
    await eventually(async () =>
      expect(await statusOf(later)).toMatchObject({ state: 'rebuilding', liveVersion: 1, version: 2 }),
    );
    await appendParcels(log, 5);
    await requireFollowed(); // by the earlier build
    gate.resolve();
    await eventually(async () => expect((await statusOf(later)).state).toBe('following'));
    expect((await statusOf(earlier)).state).toBe('superseded');
    await appendParcels(log, 5);
    const size = Number(await log.size());
    await eventually(async () => expect(await readParcels(log)).toEqual({ asOf: size, parcels: 50, pieces: 100 }));
    expect(await generations()).toMatchObject([{ state: 'live', version: 2 }]);
    await expect(stepsOf(earlier.compare('parcels'))).rejects.toMatchObject({ code: 'PROJECTION_NOT_BUILT' });
  }, 30_000);
});

describe('Comparing with the log', () => {
  const compared = async (projections: Projections) => {
    const last = (await stepsOf(projections.compare('parcels'))).at(-1);
    if (last?.phase !== 'compared') throw new Error('no comparison');
    return last.comparison;
  };

  it('finds exactly what was changed, deleted and added, and changes nothing', async () => {
    await appendParcels(log, 30);
    const projections = start();
    await requireFollowed();
    expect(await compared(projections)).toEqual({ position: 61n, rowsCompared: 30n, differing: 0n, differences: [] });
    const [changed, deleted]: { generation: number; key: string }[] = await suite.superuser.query(
      `SELECT r.generation, r.key FROM parcels.parcel r JOIN event_log.projection p USING (generation) WHERE p.state = 'live' ORDER BY r.key LIMIT 2`,
    );
    await suite.superuser.query('UPDATE parcels.parcel SET pieces = 3 WHERE key = $1', [changed!.key]);
    await suite.superuser.query('DELETE FROM parcels.parcel WHERE key = $1', [deleted!.key]);
    await suite.superuser.query(`INSERT INTO parcels.parcel VALUES ($1, 'zz-invented', 7, 'gold')`, [changed!.generation]);
    const { differing, differences } = await compared(projections);
    expect(differing).toBe(3n);
    expect(differences).toEqual([
      { table: 'parcels.parcel', key: changed!.key, kind: 'changed', columns: [{ column: 'pieces', live: '3', rebuilt: '4' }] },
      { table: 'parcels.parcel', key: deleted!.key, kind: 'missing', columns: [{ column: 'pieces', rebuilt: '4' }] },
      {
        table: 'parcels.parcel',
        key: 'zz-invented',
        kind: 'added',
        columns: [
          { column: 'contents', live: 'gold' },
          { column: 'pieces', live: '7' },
        ],
      },
    ]);
    await eventually(async () => {
      expect(await generations()).toMatchObject([{ state: 'live' }]);
      expect(await rowsByGeneration()).toHaveLength(1);
    });
    expect((await readParcels(log)).parcels).toBe(30);
    await stepsOf(projections.rebuild('parcels'));
    expect((await compared(projections)).differing).toBe(0n);
  });

  it('compares at one position while others append, and finds a cursor that somebody moved', async () => {
    await appendParcels(log, 50);
    const projections = start();
    await requireFollowed();
    const writing = new AbortController();
    const writer = (async () => {
      const own = await suite.open();
      while (!writing.signal.aborted) await appendParcels(own, 1);
    })();
    const { differing, position } = await compared(projections);
    writing.abort();
    await writer;
    expect(differing).toBe(0n);
    expect(position).toBeGreaterThan(100n);
    await requireFollowed();
    await projections.stop();
    await appendParcels(log, 3);
    await suite.superuser.query(`UPDATE event_log.projection SET position = position + 2 WHERE state = 'live'`);
    expect(await compared(start())).toMatchObject({ differing: 1n, differences: [{ kind: 'missing' }] });
  }, 30_000);

  it('is one at a time, and leaves nothing behind when nobody listens any more', async () => {
    await appendParcels(log, 50);
    const projections = start();
    await requireFollowed();
    const steps = projections.compare('parcels');
    await steps.next();
    await expect(compared(projections)).rejects.toMatchObject({ code: 'PROJECTION_BUSY' });
    await expect(stepsOf(projections.rebuild('parcels'))).rejects.toMatchObject({ code: 'PROJECTION_BUSY' });
    expect((await statusOf(projections)).state).toBe('comparing');
    await steps.return(undefined);
    await eventually(async () => expect(await generations()).toHaveLength(1));
    // What a process left behind that was killed while it compared.
    const [left]: { generation: number }[] = await suite.superuser.query(
      `INSERT INTO event_log.projection (name, state, version) VALUES ('parcels', 'comparing', 1) RETURNING generation`,
    );
    await suite.superuser.query(`INSERT INTO parcels.parcel VALUES ($1, 'left', 1)`, [left!.generation]);
    await eventually(async () => {
      expect(await generations()).toHaveLength(1);
      expect(await rowsByGeneration()).toHaveLength(1);
    });
  });
});

describe('What a read model may see', () => {
  it('stops at a type it does not know, unless it says that it passes it', async () => {
    await appendParcels(log, 3);
    const projections = start(parcels({ streams: [OLD_PARCEL] }));
    await eventually(async () =>
      expect(await statusOf(projections)).toMatchObject({ state: 'stopped', failure: 'EVENT_TYPE_UNKNOWN', position: 0n }),
    );
    await projections.stop();
    const passing = start(parcels({ streams: [OLD_PARCEL], passes: ['countersign.test.PieceTaken.v1'] }));
    await eventually(async () => expect((await statusOf(passing)).state).toBe('following'));
    expect(await readParcels(log)).toEqual({ asOf: 7, parcels: 3, pieces: 15 });
  });

  it('is never of a personal group, also if it lists it', async () => {
    const crate: StreamDefinition<null, DomainEvent<'CratePacked', { crate: string; by: string }>> = {
      category: 'crate',
      initial: null,
      evolve: () => null,
      schemas: {
        CratePacked: {
          type: 'countersign.test.CratePacked.v1',
          fields: { crate: 'public', by: { group: 'personal-duty' } },
        },
      },
      links: () => [],
    };
    await log.journal.execute(envelopeOf(), async (unit) => {
      (await unit.open(crate, 'C-1')).append({ type: 'CratePacked', data: { crate: 'C-1', by: 'person-1' } });
      return null;
    });
    const seen: object[] = [];
    start(
      parcels({
        streams: [crate],
        groups: ['personal-duty'],
        project: (events) => {
          seen.push(...events);
          return Promise.resolve();
        },
      }),
    );
    await eventually(() => expect(seen).toHaveLength(1));
    expect(seen).toMatchObject([{ key: 'C-1', event: { type: 'CratePacked', data: { crate: 'C-1' } } }]);
    expect(JSON.stringify(seen, (_name, value: unknown) => (typeof value === 'bigint' ? '' : value))).not.toContain('person-1');
  });

  it('stops at a record that is gone', async () => {
    await appendParcels(log, 3);
    const holed: EventLog = {
      ...log,
      readLog: async (from, limit) => (await log.readLog(from, limit)).filter(({ position }) => position !== 4n),
    };
    const projections = start(parcels(), { log: holed });
    await eventually(async () =>
      expect(await statusOf(projections)).toMatchObject({ state: 'stopped', failure: 'RECORD_ALTERED' }),
    );
    expect(await rowsByGeneration()).toEqual([]);
  });

  it('is public or of a group it lists, and never erasable', async () => {
    const seen: object[] = [];
    const { project, ...rest } = parcels({ groups: ['logistics', 'person'] });
    const append = (key: string, contents: string): Promise<unknown> =>
      log.journal.execute(envelopeOf(), async (unit) => {
        (await unit.open(PARCEL, key)).append(packed({ uii: key, pieces: 5, contents, signedBy: 'somebody' }));
        return null;
      });
    await append('one', 'rifles');
    const projections = start({
      ...rest,
      project: (events, scope) => {
        seen.push(...events.map(({ event }) => event.data));
        return project(events, scope);
      },
    });
    await eventually(() => expect(seen).toEqual([{ uii: 'one', pieces: 5, contents: 'rifles' }]));
    // The value of a group that it never sees may be gone; one that it lists may not.
    await projections.stop();
    await append('two', 'radios');
    const [two]: { unit_keys: Record<string, string> }[] = await suite.superuser.query(
      `SELECT unit_keys FROM event_log.stream WHERE stream_id = 'parcel/two'`,
    );
    const destroy = (group: string): void => suite.unitKeys.destroy(Buffer.from(two!.unit_keys[group]!, 'hex'));
    destroy('person');
    const again = start({ ...rest, project });
    await eventually(async () => expect(await statusOf(again)).toMatchObject({ state: 'following', position: 3n }));
    destroy('logistics');
    const steps = again.rebuild('parcels');
    await eventually(async () => expect((await steps.next()).value).toMatchObject({ failure: 'UNIT_KEY_MISSING' }));
    await steps.return(undefined);
    expect((await readParcels(log)).parcels).toBe(2);
  });
});
