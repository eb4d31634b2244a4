import { describe, expect, it } from '@jest/globals';
import { APPEND_LIMITS, type AppendLimits } from './config.js';
import { GroupCommit } from './group-commit.js';
import type { AppendOutcome, PreparedCommand } from './log-store.js';
import { preparedCommand } from './postgres/prepared-fixture.js';

/** A store whose commits end when the test says so. */
class HeldStore {
  readonly batches: PreparedCommand[][] = [];
  readonly #release: ((outcome: 'appended' | Error) => void)[] = [];

  readonly commit = async (batch: readonly PreparedCommand[]): Promise<readonly AppendOutcome[]> => {
    this.batches.push([...batch]);
    const outcome = await new Promise<'appended' | Error>((resolve) => this.#release.push(resolve));
    if (outcome instanceof Error) throw outcome;
    return batch.map(() => ({ kind: 'appended', firstPosition: 0n }));
  };

  async next(count: number): Promise<PreparedCommand[]> {
    while (this.batches.length < count) await new Promise((resolve) => setImmediate(resolve));
    return this.batches[count - 1]!;
  }

  release(outcome: 'appended' | Error = 'appended'): void {
    this.#release.shift()!(outcome);
  }
}

function open(limits: Partial<AppendLimits> = {}): { store: HeldStore; writer: GroupCommit } {
  const store = new HeldStore();
  return { store, writer: new GroupCommit([store.commit, store.commit], { ...APPEND_LIMITS, ...limits }) };
}

const inOrder = <Value>(values: readonly Value[]): Promise<unknown> => Promise.all(values);

describe('Group commit', () => {
  it('sends a lone command at once, and what comes meanwhile together', async () => {
    const { store, writer } = open();
    const [one, two, three] = [preparedCommand(), preparedCommand(), preparedCommand()];
    const first = writer.append(one);
    expect(await store.next(1)).toEqual([one]);
    const rest = [writer.append(two), writer.append(three)];
    store.release();
    expect(await first).toEqual({ kind: 'appended', firstPosition: 0n });
    expect(await store.next(2)).toEqual([two, three]);
    store.release();
    await inOrder(rest);
    expect(writer.stats).toEqual({ queuedCommands: 0, queuedBytes: 0, batches: 2, commands: 3, events: 3 });
  });

  it('caps a batch by count and by bytes, and lets a large command go alone', async () => {
    const large = preparedCommand({ result: 'x'.repeat(2_000) });
    const commands = [preparedCommand(), preparedCommand(), large, preparedCommand(), preparedCommand(), preparedCommand()];
    const { store, writer } = open({ batchCountMax: 2, batchBytesMax: 1_000 });
    const settled = commands.map((command) => writer.append(command));
    const sizes: number[] = [];
    for (let batch = 1; sizes.reduce((sum, size) => sum + size, 0) < commands.length; batch += 1) {
      sizes.push((await store.next(batch)).length);
      store.release();
    }
    await inOrder(settled);
    expect(sizes).toEqual([2, 1, 2, 1]);
    expect(store.batches.flat()).toEqual(expect.arrayContaining(commands));
    expect(store.batches.find((batch) => batch.includes(large))).toEqual([large]);
  });

  it('keeps commands that depend on each other out of one batch', async () => {
    const { store, writer } = open();
    const inbox = { source: 's', eventId: 'e', subject: 'u', sequence: 0n };
    const writes = preparedCommand({ streamId: 'a/1' });
    const readsIt = preparedCommand({ guards: [{ streamId: 'a/1', expected: 1n, next: 1n, lastDigest: undefined }] });
    const alsoReads = { ...readsIt, commandId: 'also' };
    const message = preparedCommand({ inbox });
    const again = preparedCommand({ inbox: { ...inbox, eventId: 'f', sequence: 1n } });
    const repeated = { ...preparedCommand(), commandId: message.commandId };
    const free = preparedCommand();
    const writesNext = preparedCommand({ streamId: 'a/1', sequence: 1n });
    void [writes, readsIt, alsoReads, writesNext, message, again, repeated, free].map((command) => writer.append(command));
    expect(await store.next(1)).toEqual([writes, message, free]);
    store.release();
    expect(await store.next(2)).toEqual([readsIt, alsoReads, again, repeated]);
    store.release();
    expect(await store.next(3)).toEqual([writesNext]);
    store.release();
    await writer.close();
  });

  it('refuses at once what this batch made stale, without asking the store', async () => {
    const { store, writer } = open();
    const stale = [preparedCommand({ streamId: 'a/1' }), preparedCommand({ streamId: 'a/1' })];
    const first = writer.append(preparedCommand({ streamId: 'a/1' }));
    const settled = stale.map((command) => writer.append(command));
    await store.next(1);
    store.release();
    await first;
    expect(await inOrder(settled)).toEqual([
      { kind: 'conflict', streamId: 'a/1' },
      { kind: 'conflict', streamId: 'a/1' },
    ]);
    expect(store.batches).toHaveLength(1);
    expect(writer.stats.queuedBytes).toBe(0);
  });

  it('keeps two batches under way once enough commands wait, and no two that depend on each other', async () => {
    const { store, writer } = open({ batchBesideCountMin: 2 });
    const writesFirst = preparedCommand({ streamId: 'a/1' });
    const writesNext = preparedCommand({ streamId: 'a/1', sequence: 1n });
    const free = [preparedCommand(), preparedCommand(), preparedCommand()];
    const settled = [writesFirst, free[0]!, writesNext, free[1]!].map((command) => writer.append(command));
    expect(await store.next(1)).toEqual([writesFirst, free[0]]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(store.batches).toHaveLength(2);
    expect(store.batches[1]).toEqual([free[1]]); // The other one waits for the batch that it depends on.
    settled.push(writer.append(free[2]!));
    store.release();
    expect(await store.next(3)).toEqual([writesNext, free[2]]);
    store.release();
    store.release();
    expect(await inOrder(settled)).toHaveLength(5);
  });

  it('lets nobody pass a command that waits for what is under way', async () => {
    const { store, writer } = open({ batchBesideCountMin: 1 });
    const reads = (version: bigint): PreparedCommand =>
      preparedCommand({ guards: [{ streamId: 'a/1', expected: version, next: version, lastDigest: undefined }] });
    const [before, after] = [reads(1n), reads(2n)];
    const writes = preparedCommand({ streamId: 'a/1', sequence: 1n });
    const settled = [writer.append(before)];
    expect(await store.next(1)).toEqual([before]);
    settled.push(writer.append(writes), writer.append(after));
    await new Promise((resolve) => setImmediate(resolve));
    expect(store.batches).toHaveLength(1);
    store.release();
    expect(await store.next(2)).toEqual([writes]);
    store.release();
    expect(await store.next(3)).toEqual([after]);
    store.release();
    expect(await inOrder(settled)).toHaveLength(3);
  });

  it.each([{ queuedCommandsMax: 3 }, { queuedBytesMax: 350 }])('refuses what its queue cannot hold: %j', async (limits) => {
    const { store, writer } = open({ ...limits, batchCountMax: 1 });
    const taken = [writer.append(preparedCommand())];
    await store.next(1);
    taken.push(...[0, 1, 2].map(() => writer.append(preparedCommand())));
    await expect(writer.append(preparedCommand())).rejects.toMatchObject({ code: 'OVERLOADED' });
    for (let batch = 1; batch <= 4; batch += 1) {
      await store.next(batch);
      store.release();
    }
    expect(await inOrder(taken)).toHaveLength(4);
  });

  it('fails the commands of a failed batch only', async () => {
    const { store, writer } = open();
    const failed = writer.append(preparedCommand());
    await store.next(1);
    const later = writer.append(preparedCommand());
    store.release(new RangeError('disk full'));
    await expect(failed).rejects.toBeInstanceOf(RangeError);
    await store.next(2);
    store.release();
    expect(await later).toMatchObject({ kind: 'appended' });
  });

  it('when closed settles what is queued and takes no more', async () => {
    const { store, writer } = open();
    const first = writer.append(preparedCommand());
    await store.next(1);
    const second = writer.append(preparedCommand());
    const closed = writer.close();
    await expect(writer.append(preparedCommand())).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    store.release();
    await store.next(2);
    store.release();
    await closed;
    expect(await inOrder([first, second])).toHaveLength(2);
  });
});
