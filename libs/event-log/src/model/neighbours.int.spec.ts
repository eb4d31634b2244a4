import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { APPEND_LIMITS } from '../config.js';
import { openLogStore, type OpenLogStore } from '../log-store-opening.js';
import type { PreparedCommand } from '../log-store.js';
import { suiteLogs, type SuiteLogs } from '../postgres/log-fixture.js';
import { preparedCommand, preparedEvent } from '../postgres/prepared-fixture.js';
import { poisonedBy, POISONS } from './intents.js';

const BATCH = 16;

let database: TestDatabase;
let logs: SuiteLogs;
let store: OpenLogStore;
beforeAll(async () => {
  database = await createTestDatabase();
  logs = await suiteLogs(database);
  await logs.open();
  // One batch at a time, so that neighbours are neighbours.
  store = openLogStore(await logs.connect(database.appUrl), { batchBesideCountMin: APPEND_LIMITS.batchCountMax });
}, 60_000);
afterAll(async () => {
  await store.close();
  await logs.closeAll();
  await database.drop();
});

/** What is asked for in one turn goes in one batch. */
async function appendTogether(commands: readonly PreparedCommand[]) {
  const { batches } = store.stats;
  const outcomes = await Promise.all(commands.map((command) => store.append(command)));
  expect(store.stats.batches).toBe(batches + 1);
  return outcomes;
}

/** A command on a stream that is begun already, so that each poison has a row to be in. */
async function begun(): Promise<PreparedCommand> {
  const first = preparedCommand();
  await store.append(first);
  return preparedCommand({ streamId: first.events[0]!.streamId, sequence: 1n });
}

const places = Array.from({ length: BATCH }, (_, place) => place);

describe('A poisoned row', () => {
  it.each(POISONS)(
    '(%s) fails its own command only, wherever it stands in its batch',
    async (poison) => {
      for (const place of places) {
        const commands = await Promise.all(places.map(() => begun()));
        const poisoned = poisonedBy(poison, commands[place]!)!;
        const base = await store.rows.size();
        const outcomes = await appendTogether(commands.with(place, poisoned));
        const neighbours = outcomes.filter((_, index) => index !== place);
        expect([place, outcomes[place]?.kind]).toEqual([place, 'poisoned']);
        expect(neighbours).toEqual(neighbours.map((_, index) => ({ kind: 'appended', firstPosition: base + BigInt(index) })));
        expect(await store.findCommand(poisoned)).toBeUndefined();
        const { nextSequence } = await store.loadStream(poisoned.guards[0]!.streamId, 0n);
        expect(nextSequence).toBe(1n);
      }
    },
    60_000,
  );

  it('of several events takes the whole command with it, and nobody else', async () => {
    const streamId = 'parcel/half-poisoned';
    const command = preparedCommand({ streamId });
    const second = { ...preparedEvent(streamId, 1n), header: Buffer.alloc(61_441, 0x20) };
    const half = { ...command, events: [...command.events, second], guards: [{ ...command.guards[0]!, next: 2n }] };
    const outcomes = await appendTogether([preparedCommand(), half, preparedCommand()]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['appended', 'poisoned', 'appended']);
    expect(await store.rows.readStreamRows(streamId)).toEqual([]);
  });

  it('of every second command leaves the others as they are', async () => {
    const commands = places.map((place) => preparedCommand(place % 2 === 0 ? {} : { requestDigest: Buffer.alloc(31) }));
    const base = await store.rows.size();
    const outcomes = await appendTogether(commands);
    expect(outcomes.filter(({ kind }) => kind === 'poisoned')).toHaveLength(BATCH / 2);
    expect(outcomes.filter(({ kind }) => kind === 'appended')).toEqual(
      Array.from({ length: BATCH / 2 }, (_, index) => ({ kind: 'appended', firstPosition: base + BigInt(index) })),
    );
  });
});

describe('A conflict', () => {
  it('of every second command leaves the others as they are, batch after batch', async () => {
    for (let round = 0; round < 20; round += 1) {
      const size = 64;
      const stale = (place: number) => preparedCommand({ streamId: `parcel/stale-${round}-${place}`, sequence: 7n });
      const commands = Array.from({ length: size }, (_, place) => ((place + round) % 2 === 0 ? preparedCommand() : stale(place)));
      const base = await store.rows.size();
      const outcomes = await appendTogether(commands);
      const kinds = outcomes.map(({ kind }) => kind);
      expect(kinds).toEqual(Array.from({ length: size }, (_, place) => ((place + round) % 2 === 0 ? 'appended' : 'conflict')));
      expect(outcomes.filter(({ kind }) => kind === 'appended')).toEqual(
        Array.from({ length: size / 2 }, (_, index) => ({ kind: 'appended', firstPosition: base + BigInt(index) })),
      );
      expect(await store.rows.size()).toBe(base + BigInt(size / 2));
    }
  });
});
