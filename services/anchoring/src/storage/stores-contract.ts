import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { KnownLog } from '../log/known-log.js';
import { sampleEntries, sampleLog } from '../testing/sample-log.js';
import { cosignaturesContract } from './cosignatures-contract.js';
import type { CosignatureStore } from './cosignature-store.js';
import type { AnchorStore, ConfirmedHead, LeafStore, ReceiveOutcome, SignedLeaves, TreeStore } from './stores.js';

export interface Stores {
  readonly leaves: LeafStore;
  readonly trees: TreeStore;
  readonly anchors: AnchorStore;
  readonly cosignatures: CosignatureStore;
}

const leaves = (from: number, to: number, salt = ''): SignedLeaves => ({
  firstPosition: from,
  entries: sampleEntries(from, to, salt),
  signature: Buffer.alloc(64, 1),
});
const head = (size: number, byte = size): { size: number; root: Buffer; note: string } => ({
  size,
  root: Buffer.alloc(32, byte),
  note: `note ${size}`,
});

/** What every implementation of the stores must do. Run on memory and on PostgreSQL. */
export function storesContract(name: string, open: (logs: readonly KnownLog[]) => Promise<Stores>): void {
  describe(`${name} keeps the stores' contract`, () => {
    const logs = [sampleLog(0).log, sampleLog(1).log];
    const [{ logId }, other] = logs as [KnownLog, KnownLog];
    let stores: Stores;
    beforeEach(async () => {
      stores = await open(logs);
    });

    const take = async (message: SignedLeaves): Promise<ReceiveOutcome | undefined> =>
      (await stores.leaves.receive(0, [message]))[0];

    describe('leaves', () => {
      it('settles several messages together, each by what the ones before it stored', async () => {
        const outcomes = await stores.leaves.receive(0, [
          leaves(0, 5),
          leaves(3, 8),
          leaves(9, 10),
          leaves(8, 9),
          leaves(9, 10),
          leaves(2, 4, 'x'),
          leaves(10, 11),
        ]);
        expect(outcomes).toEqual([
          { kind: 'stored', received: 5 },
          { kind: 'stored', received: 8 },
          { kind: 'gap', received: 8 },
          { kind: 'stored', received: 9 },
          { kind: 'stored', received: 10 },
          { kind: 'conflict', received: 10, position: 2 },
          { kind: 'frozen', received: 10 },
        ]);
        expect(await stores.leaves.readEntries(0, 0, 10)).toEqual(sampleEntries(0, 10));
        expect(await stores.leaves.receive(1, [])).toEqual([]);
      });

      it('stores what is new, repeats for nothing, and leaves logs apart', async () => {
        expect(await take(leaves(0, 1_000))).toEqual({ kind: 'stored', received: 1_000 });
        expect(await take(leaves(0, 1_000))).toEqual({ kind: 'repeated', received: 1_000 });
        expect(await take(leaves(998, 1_003))).toEqual({ kind: 'stored', received: 1_003 });
        expect(await stores.leaves.received(0)).toBe(1_003);
        expect(await stores.leaves.received(1)).toBe(0);
        expect(await stores.leaves.readEntries(0, 0, 1_003)).toEqual(sampleEntries(0, 1_003));
        expect(await stores.leaves.readEntries(0, 5, 5)).toEqual([]);
      });

      it('stores nothing after a gap', async () => {
        expect(await take(leaves(1, 3))).toEqual({ kind: 'gap', received: 0 });
        expect(await stores.leaves.received(0)).toBe(0);
      });

      it('freezes a log at a conflict, wherever in the message it is', async () => {
        await take(leaves(0, 10));
        const mixed = { ...leaves(5, 12), entries: [...sampleEntries(5, 8), ...sampleEntries(8, 12, 'x')] };
        expect(await take(mixed)).toEqual({ kind: 'conflict', received: 10, position: 8 });
        expect(await stores.leaves.isFrozen(0)).toBe(true);
        expect(await take(leaves(10, 12))).toEqual({ kind: 'frozen', received: 10 });
        expect(await stores.leaves.readEntries(0, 0, 10)).toEqual(sampleEntries(0, 10));
        expect(await stores.leaves.isFrozen(1)).toBe(false);
      });

      it('does not give fewer entries than asked for', async () => {
        await take(leaves(0, 3));
        await expect(stores.leaves.readEntries(0, 1, 4)).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
      });

      it('gives entries at any positions, in the asked order', async () => {
        await stores.leaves.receive(0, [leaves(0, 300)]);
        const [at7, at299] = [sampleEntries(7, 8)[0], sampleEntries(299, 300)[0]];
        expect(await stores.leaves.entriesAt(0, [299, 7, 299])).toEqual([at299, at7, at299]);
        await expect(stores.leaves.entriesAt(0, [7, 300])).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
      });

      it('knows when an entry was received first', async () => {
        await take(leaves(0, 3));
        const first = await stores.leaves.receivedAt(0, 2);
        await take(leaves(1, 5));
        expect(await stores.leaves.receivedAt(0, 0)).toEqual(first);
        expect(await stores.leaves.receivedAt(0, 2)).toEqual(first);
        expect((await stores.leaves.receivedAt(0, 4))!.getTime()).toBeGreaterThanOrEqual(first!.getTime());
        expect(await stores.leaves.receivedAt(0, 5)).toBeUndefined();
      });

      it('settles messages that come at once one after the other', async () => {
        const outcomes = await Promise.all([leaves(0, 5), leaves(0, 5), leaves(0, 5)].map((message) => take(message)));
        expect(outcomes.map((outcome) => outcome?.kind).toSorted()).toEqual(['repeated', 'repeated', 'stored']);
      });
    });

    describe('trees', () => {
      const tile = (hashes: Buffer): { level: number; index: number; hashes: Buffer }[] => [{ level: 0, index: 0, hashes }];
      beforeEach(async () => {
        await take(leaves(0, 20));
      });

      it('begins empty', async () => {
        expect(await stores.trees.head(0)).toMatchObject({ size: 0, note: '' });
        expect(await stores.trees.tile(0, 0, 0)).toBeUndefined();
        expect(await stores.trees.checkpointAt(0, 1)).toBeUndefined();
      });

      it('swaps the head with tiles and checkpoint, and keeps every checkpoint', async () => {
        expect(await stores.trees.advance(0, 0, head(2), tile(Buffer.alloc(64, 1)))).toBe(true);
        expect(await stores.trees.advance(0, 2, head(3), tile(Buffer.concat([Buffer.alloc(64, 1), Buffer.alloc(32, 2)])))).toBe(
          true,
        );
        expect(await stores.trees.head(0)).toEqual(head(3));
        expect(await stores.trees.checkpointAt(0, 2)).toEqual(head(2));
        expect((await stores.trees.tile(0, 0, 0))?.length).toBe(96);
        expect((await stores.trees.head(1)).size).toBe(0);
      });

      it('does nothing when the head is of another size', async () => {
        await stores.trees.advance(0, 0, head(2), tile(Buffer.alloc(64, 1)));
        expect(await stores.trees.advance(0, 0, head(3), tile(Buffer.alloc(96, 1)))).toBe(false);
        expect(await stores.trees.advance(0, 2, head(2), [])).toBe(false);
        expect(await stores.trees.head(0)).toEqual(head(2));
        expect((await stores.trees.tile(0, 0, 0))?.length).toBe(64);
      });

      it('lets a tile grow only', async () => {
        await stores.trees.advance(0, 0, head(2), tile(Buffer.alloc(64, 1)));
        for (const hashes of [Buffer.alloc(96, 2), Buffer.alloc(32, 1)]) {
          await expect(stores.trees.advance(0, 2, head(3), tile(hashes))).rejects.toMatchObject({
            code: 'DEPENDENCY_UNAVAILABLE',
          });
        }
        expect(await stores.trees.head(0)).toEqual(head(2));
      });

      it('lets one of two sequencers win', async () => {
        const swaps = await Promise.all([head(5, 1), head(6, 2)].map((next) => stores.trees.advance(0, 0, next, [])));
        expect(swaps.toSorted()).toEqual([false, true]);
      });
    });

    describe('anchors', () => {
      const bound = (size: number, byte = size, id: Uint8Array = logId): { logId: Uint8Array; size: number; root: Buffer } => ({
        logId: id,
        size,
        root: Buffer.alloc(32, byte),
      });
      const broadcast = (...heads: ReturnType<typeof bound>[]): Parameters<AnchorStore['record']>[0] => ({
        heads,
        transaction: randomBytes(32),
        raw: randomBytes(100),
        nonce: 7,
      });
      const confirmed = (size: number, chain = 'fake:1', id: Uint8Array = logId): ConfirmedHead => ({
        ...bound(size, size, id),
        logId: Buffer.from(id),
        height: BigInt(size),
        blockTime: '2026-11-22T12:00:00Z',
        chain,
        finality: 'NOT_CHECKED: test',
        transaction: Buffer.alloc(32, 9),
      });

      it('binds heads, and the same again, but never another root', async () => {
        expect(await stores.anchors.lastBroadcast()).toBeUndefined();
        await stores.anchors.record(broadcast(bound(5), bound(6, 6, other.logId)));
        const again = broadcast(bound(5));
        await stores.anchors.record(again);
        await expect(stores.anchors.record(broadcast(bound(7, 7, other.logId), bound(5, 99)))).rejects.toMatchObject({
          code: 'HEAD_EQUIVOCATION',
        });
        expect(await stores.anchors.lastBroadcast()).toEqual({
          heads: [{ ...bound(5), logId: Buffer.from(logId) }],
          transaction: again.transaction,
        });
        // Nothing of the refused broadcast was bound.
        await stores.anchors.record(broadcast(bound(7, 8, other.logId)));
      });

      it('lets one of two broadcasts of different roots win', async () => {
        const results = await Promise.allSettled([
          stores.anchors.record(broadcast(bound(5, 1))),
          stores.anchors.record(broadcast(bound(5, 2))),
        ]);
        expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      });

      it('notes confirmed heads once', async () => {
        await stores.anchors.confirm([confirmed(5), confirmed(9), confirmed(3, 'fake:1', other.logId)]);
        await stores.anchors.confirm([{ ...confirmed(5), transaction: Buffer.alloc(32, 1) }]);
        expect(await stores.anchors.latestConfirmed(logId)).toEqual(confirmed(9));
        expect(await stores.anchors.confirmedAt(logId, 5)).toEqual(confirmed(5));
        expect(await stores.anchors.confirmedAt(logId, 6)).toBeUndefined();
        expect((await stores.anchors.confirmedAbove(logId, 0, 10)).map(({ size }) => size)).toEqual([5, 9]);
        expect((await stores.anchors.confirmedAbove(logId, 5, 10)).map(({ size }) => size)).toEqual([9]);
        expect(await stores.anchors.confirmedAbove(logId, 0, 1)).toHaveLength(1);
      });

      it('finds the first head above each index', async () => {
        await stores.anchors.confirm([confirmed(5), confirmed(9), confirmed(20)]);
        const found = await stores.anchors.firstCovering(logId, [0, 4, 5, 8, 19, 20]);
        expect([...found].map(([index, { size }]) => [index, size]).toSorted(([a = 0], [b = 0]) => a - b)).toEqual([
          [0, 5],
          [4, 5],
          [5, 9],
          [8, 9],
          [19, 20],
        ]);
        expect((await stores.anchors.firstCovering(other.logId, [0])).size).toBe(0);
      });

      it('forgets heads that a chain lost, until they are confirmed again', async () => {
        await stores.anchors.confirm([confirmed(5), confirmed(9)]);
        await stores.anchors.rewind(logId, [9]);
        expect((await stores.anchors.latestConfirmed(logId))?.size).toBe(5);
        await stores.anchors.confirm([{ ...confirmed(9), height: 77n }]);
        expect((await stores.anchors.latestConfirmed(logId))?.height).toBe(77n);
        await stores.anchors.confirm([confirmed(12, 'fake:2')]);
        await stores.anchors.rewindOtherChains('fake:2');
        expect((await stores.anchors.confirmedAbove(logId, 0, 10)).map(({ size }) => size)).toEqual([12]);
      });
    });

    cosignaturesContract(() => stores);
  });
}
