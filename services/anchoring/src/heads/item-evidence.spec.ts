import { beforeEach, describe, expect, it } from '@jest/globals';
import { leafHash, openCheckpoint, sha256, verifyInclusion } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { decodeItemMapProof, itemHeadOf, parseEntry, parseHeadsEntry, verifyAbsence, verifyPresence } from '@countersign/record';
import { AnchoringWorld } from '../testing/anchoring-world.js';
import { SAMPLE_ITEMS, sampleEntries } from '../testing/sample-log.js';
import { ItemEvidenceBuilder, type ItemEvidence, type ItemEvidenceRequest, type LogWithHeads } from './item-evidence.js';

const STRANGER = sha256(Buffer.from('nobody'));

/** The bytes with one bit turned. */
function turned(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other[20] = other[20]! ^ 1;
  return other;
}

describe('item evidence', () => {
  let world: AnchoringWorld;
  let builder: ItemEvidenceBuilder;
  let log: LogWithHeads;
  beforeEach(async () => {
    world = await AnchoringWorld.open(1);
    await world.publisher.step();
    for (const size of [10, 200]) {
      await world.grow(0, size);
      await world.growHeads(0);
      await world.publisher.step();
    }
    // Not on chain, and one checkpoint more without a heads entry.
    await world.grow(0, 350);
    await world.growHeads(0);
    await world.grow(0, 360);
    builder = new ItemEvidenceBuilder({ ...world.stores, tiles: world.tiles, logger: silentLogger });
    log = { base: world.lives[0]!, heads: world.headsLives[0]! };
  });

  const request = (changes: Partial<ItemEvidenceRequest> = {}): ItemEvidenceRequest => ({
    itemKeys: [...SAMPLE_ITEMS, STRANGER],
    treeSize: 0,
    headsSize: 0,
    allowUnanchored: false,
    ...changes,
  });

  /** Checks everything as somebody who has nothing but the two keys. */
  async function read({ heads, items }: ItemEvidence): Promise<Map<string, number[]>> {
    const { log: known } = world.samples[0]!;
    const headsCheckpoint = openCheckpoint(heads.headsCheckpoint.note, known.heads.noteKey);
    verifyInclusion({ ...headsCheckpoint, leafHash: leafHash(heads.entry), index: heads.index, proof: heads.path });
    const { baseSize, baseRoot, mapRoot } = parseHeadsEntry(heads.entry);
    const checkpoint = openCheckpoint(heads.checkpoint.note, known.noteKey);
    expect([BigInt(checkpoint.size), checkpoint.root]).toEqual([baseSize, baseRoot]);
    const indexes = new Map<string, number[]>();
    for (const { itemKey, mapProof, count, entries } of items) {
      const all = [...(await entries(0, 2)), ...(await entries(2, count))];
      for (const { index, entry, path } of all) {
        expect(parseEntry(entry).itemKey).toEqual(itemKey);
        verifyInclusion({ ...checkpoint, leafHash: leafHash(entry), index, proof: path });
      }
      const head = itemHeadOf(all.map(({ index, entry }) => ({ leafIndex: BigInt(index), leafHash: leafHash(entry) })));
      expect([head.count, all.length]).toEqual([BigInt(count), count]);
      const proof = decodeItemMapProof(mapProof);
      if (proof.kind === 'present') verifyPresence({ itemKey, valueDigest: head.valueDigest, proof, mapRoot });
      else verifyAbsence({ itemKey, proof, mapRoot });
      indexes.set(
        Buffer.from(itemKey).toString('hex'),
        all.map(({ index }) => index),
      );
    }
    return indexes;
  }
  const indexesUpTo = (size: number): Map<string, number[]> =>
    new Map(
      [...SAMPLE_ITEMS, STRANGER].map((item, number) => [
        item.toString('hex'),
        Array.from({ length: size }, (_, index) => index).filter((index) => index % SAMPLE_ITEMS.length === number),
      ]),
    );

  it('gives all entries of items and the absence of others, under the newest checkpoint on chain', async () => {
    const evidence = await builder.prove(log, request());
    expect(await read(evidence)).toEqual(indexesUpTo(200));
    expect(evidence.heads).toMatchObject({ index: 1, anchored: { size: 200 } });
    expect(evidence.heads.headsCheckpoint.size).toBe(3);
  });

  it('gives them under the newest checkpoint that has an item head, waiting for none', async () => {
    const evidence = await builder.prove(log, request({ allowUnanchored: true }));
    expect(await read(evidence)).toEqual(indexesUpTo(350));
    expect(evidence.heads.anchored).toBeUndefined();
  });

  it('gives them under earlier checkpoints of log and heads log', async () => {
    const evidence = await builder.prove(log, request({ treeSize: 10, headsSize: 2 }));
    expect(await read(evidence)).toEqual(indexesUpTo(10));
    expect(evidence.heads.headsCheckpoint.size).toBe(2);
    expect(evidence.heads.headsAnchored?.size).toBe(2);
  });

  it('refuses what it has not', async () => {
    await expect(builder.prove(log, request({ treeSize: 360 }))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(builder.prove(log, request({ treeSize: 11 }))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(builder.prove(log, request({ treeSize: 350 }))).rejects.toMatchObject({ code: 'HEAD_NOT_ANCHORED' });
    await expect(builder.prove(log, request({ headsSize: 1 }))).rejects.toMatchObject({ code: 'FIELD_INVALID' });
    await expect(builder.prove(log, request({ headsSize: 9 }))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const fresh = await AnchoringWorld.open(1);
    const empty = { base: fresh.lives[0]!, heads: fresh.headsLives[0]! };
    await expect(builder.prove(empty, request())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  describe('on a store that was changed', () => {
    const prove = async (): Promise<unknown> => read(await builder.prove(log, request()));

    it('gives nothing from another page of the map', async () => {
      const original = world.stores.heads.pages.bind(world.stores.heads);
      for (const name of world.stores.heads.pageNames(0)) {
        world.stores.heads.pages = async (...asked) => {
          const pages = await original(...asked);
          return pages.map((page, number) => (asked[2][number] === name ? turned(page!) : page));
        };
        await expect(prove()).rejects.toMatchObject({ kind: 'broken-proof' });
      }
      world.stores.heads.pages = original;
      await expect(prove()).resolves.toBeDefined();
    });

    it.each([
      ['a withheld last entry', (all: readonly number[]) => all.slice(0, -1)],
      ['a withheld middle entry', (all: readonly number[]) => all.filter((_, number) => number !== 3)],
      ["another item's entry", (all: readonly number[]) => [...all.slice(0, -1), all.at(-1)! + 1]],
      ['an entry twice', (all: readonly number[]) => [all[0]!, ...all]],
      ['another order', (all: readonly number[]) => all.toReversed()],
      ['none at all', () => []],
      ['an entry beyond the checkpoint', (all: readonly number[]) => [...all, 357]],
    ])('gives nothing by references that lead to %s', async (_name, change) => {
      const original = world.stores.heads.positions.bind(world.stores.heads);
      world.stores.heads.positions = async (...asked) => change(await original(...asked));
      await expect(prove()).rejects.toMatchObject({ kind: 'broken-proof' });
    });

    it('gives nothing with another entry, heads entry or checkpoint', async () => {
      const entry = (await world.stores.heads.entries(log.heads.log.logNo, 1, 2))[0]!;
      world.stores.heads.tamperEntry(log.heads.log.logNo, 1, turned(entry));
      await expect(prove()).rejects.toMatchObject({ kind: 'broken-proof' });
      world.stores.heads.tamperEntry(log.heads.log.logNo, 1, entry);
      world.stores.leaves.tamper(0, 7, sampleEntries(7, 8, 'another')[0]!);
      await expect(prove()).rejects.toMatchObject({ kind: 'broken-proof' });
      world.stores.leaves.tamper(0, 7, sampleEntries(7, 8)[0]!);
      await expect(prove()).resolves.toBeDefined();
      const checkpointAt = world.stores.trees.checkpointAt.bind(world.stores.trees);
      world.stores.trees.checkpointAt = async (logNo, size) => {
        const checkpoint = await checkpointAt(logNo, size);
        const other = await checkpointAt(0, 10);
        return logNo === 0 ? { ...checkpoint!, note: other!.note } : checkpoint;
      };
      await expect(prove()).rejects.toMatchObject({ kind: 'broken-proof' });
    });
  });
});
