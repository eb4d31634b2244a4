import { beforeEach, describe, expect, it } from '@jest/globals';
import { leafHash, openCheckpoint, verifyConsistency, verifyInclusion, rootFromLeaves } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import type { LiveLog } from '../log/live-log.js';
import { AnchoringWorld } from '../testing/anchoring-world.js';
import { sampleEntries } from '../testing/sample-log.js';
import { TileCache } from '../tree/tile-cache.js';
import { ProofBuilder } from './proof-builder.js';

describe('proof builder', () => {
  let world: AnchoringWorld;
  let live: LiveLog;
  let builder: ProofBuilder;

  /** 300 entries anchored in two heads, 50 more in the tree, 10 more received only. */
  beforeEach(async () => {
    world = await AnchoringWorld.open(1);
    live = world.lives[0]!;
    for (const size of [200, 300]) {
      await world.grow(0, size);
      await world.publisher.step();
    }
    await world.grow(0, 350);
    await world.receive(0, 360);
    builder = build();
  });
  const build = (): ProofBuilder =>
    new ProofBuilder({ ...world.stores, tiles: new TileCache(world.stores.trees, 16), logger: silentLogger });
  const prove = (indexes: number[], treeSize = 0, allowUnanchored = false): ReturnType<ProofBuilder['proveInclusion']> =>
    builder.proveInclusion(live, { indexes, treeSize, allowUnanchored });

  it('proves entries under the latest head on chain, with the first head that covered each', async () => {
    const { checkpoint, proofs, anchored } = await prove([299, 0, 199, 200]);
    const { size, root } = openCheckpoint(checkpoint.note, live.log.noteKey);
    expect([size, anchored?.size]).toEqual([300, 300]);
    expect(proofs.map(({ index, firstAnchored }) => [index, firstAnchored?.size])).toEqual([
      [299, 300],
      [0, 200],
      [199, 200],
      [200, 300],
    ]);
    for (const { index, entry, path } of proofs) {
      expect(entry).toEqual(sampleEntries(index, index + 1)[0]);
      expect(() => verifyInclusion({ leafHash: leafHash(entry), index, size, proof: path, root })).not.toThrow();
    }
  });

  it('proves what is not on chain only if that is allowed', async () => {
    await expect(prove([300])).rejects.toMatchObject({ code: 'HEAD_NOT_ANCHORED' });
    const { checkpoint, proofs, anchored } = await prove([300, 5], 0, true);
    expect([checkpoint.size, anchored]).toEqual([350, undefined]);
    expect(proofs.map(({ firstAnchored }) => firstAnchored?.size)).toEqual([undefined, 200]);
    expect((await prove([299], 0, true)).checkpoint.size).toBe(300);
  });

  it('proves under any stored checkpoint that is asked for', async () => {
    expect((await prove([7], 200)).anchored?.size).toBe(200);
    await expect(prove([7], 350)).rejects.toMatchObject({ code: 'HEAD_NOT_ANCHORED' });
    expect((await prove([7], 350, true)).checkpoint.size).toBe(350);
    await expect(prove([7], 201)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(prove([200], 200)).rejects.toMatchObject({ code: 'FIELD_INVALID' });
  });

  it('knows no entry that is not in the tree', async () => {
    await expect(prove([350])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(prove([0, 359], 0, true)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    [1, 350],
    [200, 300],
    [256, 300],
    [299, 300],
    [350, 350],
  ])('proves that %d leaves are the beginning of %d', async (fromSize, toSize) => {
    const proof = await builder.proveConsistency(live, fromSize, toSize);
    const rootOf = (size: number): Buffer => rootFromLeaves(sampleEntries(0, size).map(leafHash));
    expect(() =>
      verifyConsistency({ fromSize, fromRoot: rootOf(fromSize), toSize, toRoot: rootOf(toSize), proof }),
    ).not.toThrow();
  });

  it('refuses sizes that are reversed or beyond the tree', async () => {
    await expect(builder.proveConsistency(live, 5, 4)).rejects.toMatchObject({ code: 'FIELD_INVALID' });
    await expect(builder.proveConsistency(live, 5, 351)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  describe('on a store that was changed', () => {
    it('returns no proof of an altered entry, and proofs of all others', async () => {
      world.stores.leaves.tamper(0, 7, sampleEntries(8, 9)[0]!);
      await expect(prove([7])).rejects.toMatchObject({ code: 'PROOF_BROKEN' });
      expect((await prove([6, 8].flatMap((index) => [index]))).proofs).toHaveLength(2);
    });

    it('returns no proof from altered tiles', async () => {
      world.stores.trees.tamper(0, 0, 0, Buffer.alloc(8192, 1));
      await expect(prove([7])).rejects.toMatchObject({ code: 'PROOF_BROKEN' });
      await expect(builder.proveConsistency(live, 200, 300)).rejects.toMatchObject({ code: 'PROOF_BROKEN' });
    });

    it('returns no proof from missing tiles', async () => {
      world.stores.trees.tamper(0, 0, 1, Buffer.alloc(0));
      await expect(prove([7])).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
    });

    it('returns no proof under a checkpoint that is not signed as it stands', async () => {
      const checkpoint = (await world.stores.trees.checkpointAt(0, 300))!;
      const note = (await world.stores.trees.checkpointAt(0, 200))!.note;
      Object.assign(world.stores.trees, { checkpointAt: () => Promise.resolve({ ...checkpoint, note }) });
      await expect(prove([7])).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
      Object.assign(world.stores.trees, { checkpointAt: () => Promise.resolve({ ...checkpoint, note: note.replace('=', 'A') }) });
      await expect(prove([7])).rejects.toMatchObject({ kind: 'broken-proof' });
    });
  });
});
