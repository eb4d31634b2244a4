import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { DomainError } from '@countersign/kernel';
import type { EventLog } from '../event-log.js';
import { envelopeOf, packed, PARCEL, taken } from '../parcel-fixture.js';
import { suiteLogs, type SuiteLogs } from './log-fixture.js';

const WRITERS = 8;
const COMMANDS = 40;
const HOT_STREAMS = 3;

let database: TestDatabase;
let logs: SuiteLogs;
let processes: readonly EventLog[];
beforeAll(async () => {
  database = await createTestDatabase();
  logs = await suiteLogs(database);
  processes = [await logs.open(), await logs.open({ limits: { attemptsMax: 3, batchCountMax: 4 } })];
}, 60_000);
afterAll(async () => {
  await logs.closeAll();
  await database.drop();
});

/** Every third command adds to a stream that all writers want, the others begin one of their own; some fail on purpose. */
async function write(writer: number, tally: { taken: number; begun: number; conflicts: number }): Promise<void> {
  const { journal } = processes[writer % processes.length]!;
  for (let index = 0; index < COMMANDS; index += 1) {
    const hot = index % 3 === 0;
    try {
      await journal.execute(envelopeOf(), async (unit) => {
        if (!hot) return (await unit.open(PARCEL, `own-${writer}-${index}`)).append(packed(), taken(1));
        (await unit.open(PARCEL, `hot-${index % HOT_STREAMS}`)).append(taken(1));
        if (index % 9 === 0) throw new RangeError('given up');
      });
      if (hot) tally.taken += 1;
      else tally.begun += 1;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'VERSION_CONFLICT') tally.conflicts += 1;
      else if (!(error instanceof RangeError)) throw error;
    }
  }
}

/** Follows the log as the relay does, by a plain number. */
async function follow(log: EventLog, isOver: () => boolean): Promise<bigint[]> {
  const seen: bigint[] = [];
  for (;;) {
    const last = isOver();
    const rows = await log.readLog(BigInt(seen.length), 50);
    seen.push(...rows.map(({ position }) => position));
    if (last && rows.length === 0) return seen;
  }
}

describe(`${WRITERS} writers in 2 processes`, () => {
  it('give dense positions in commit order, dense sequences, and lose nothing', async () => {
    const [log] = processes as [EventLog];
    await Promise.all(
      Array.from({ length: HOT_STREAMS }, (_, index) =>
        log.journal.execute(envelopeOf(), async (unit) =>
          (await unit.open(PARCEL, `hot-${index}`)).append(packed({ pieces: 1_000_000 })),
        ),
      ),
    );
    const tally = { taken: 0, begun: 0, conflicts: 0 };
    let over = false;
    const following = follow(processes[1]!, () => over);
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer, tally)));
    over = true;

    // A follower by position never skips one: what it sees is 0, 1, 2, … without a second look.
    const seen = await following;
    expect(seen).toEqual(seen.map((_, index) => BigInt(index)));
    expect(BigInt(seen.length)).toBe(await log.size());
    expect(seen).toHaveLength(1 + HOT_STREAMS + tally.taken + 2 * tally.begun);
    expect(tally.begun).toBe(WRITERS * COMMANDS - WRITERS * Math.ceil(COMMANDS / 3));

    const rows = await log.readLog(0n, seen.length);
    const sequences = Map.groupBy(rows, ({ streamId }) => streamId);
    for (const stream of sequences.values())
      expect(stream.map(({ sequence }) => sequence)).toEqual(stream.map((_, index) => BigInt(index)));
    const opened = await log.openRows(rows);
    expect(opened.every(({ consistent, altered }) => consistent && altered.length === 0)).toBe(true);

    // Folding checks the chain of digests of every stream.
    let left = 0;
    for (let index = 0; index < HOT_STREAMS; index += 1) {
      const state = await (await logs.open()).journal.read(PARCEL, `hot-${index}`);
      left += state?.status === 'packed' ? 1_000_000 - state.pieces : 0;
    }
    expect(left).toBe(tally.taken);
  }, 60_000);
});
