import { describe, expect, it } from '@jest/globals';
import { leafHash, sha256 } from '@countersign/merkle';
import fc from 'fast-check';
import { bitFlips, lengthChanges } from './corruption.builders.js';
import { encodeEntry } from './entry.js';
import { itemMapRoot, ZERO_DIGEST, type MapItem } from './item-heads.js';
import { MapPage } from './item-map-page.js';
import { encodeItemMapProof, itemHeadOf, proveInItems, verifyAbsence, verifyPresence, type ItemEntry } from './item-map-proof.js';
import { MapPageLayer, MapPaths, NO_ENTRY, type MapPageSource } from './item-map.js';

const entryOf = (itemKey: Uint8Array, sequence: bigint): Buffer =>
  encodeEntry({ itemKey, sequence, recordDigest: sha256(Buffer.concat([itemKey, Buffer.from(String(sequence))])) });

/** A map that grows batch by batch as a service keeps it, beside the entries it was grown from. */
class GrownMap {
  readonly pages = new MapPageLayer();
  readonly byItem = new Map<string, ItemEntry[]>();
  root: Uint8Array = ZERO_DIGEST;
  size = 0;

  /** One entry for each of these items, in this order. */
  async grow(itemKeys: readonly Uint8Array[]): Promise<readonly number[]> {
    const entries = itemKeys.map((itemKey) => {
      const key = Buffer.from(itemKey).toString('hex');
      const own = this.byItem.get(key) ?? [];
      const entry = entryOf(itemKey, BigInt(own.length));
      own.push({ leafIndex: BigInt(this.size), leafHash: leafHash(entry) });
      this.byItem.set(key, own);
      this.size += 1;
      return entry;
    });
    const paths = await MapPaths.load(this.pages, this.root, itemKeys);
    const growth = paths.grow(this.size - entries.length, entries);
    this.pages.put(growth.pages);
    this.root = growth.root;
    return growth.previous;
  }

  /** The reference: every item from all its entries. */
  get items(): MapItem[] {
    return [...this.byItem].map(([key, entries]) => ({
      itemKey: Buffer.from(key, 'hex'),
      valueDigest: itemHeadOf(entries).valueDigest,
    }));
  }
}

/** Keys that share long beginnings, so that paths are deep and pages thin, and keys that share none. */
const itemKey = fc.oneof(
  fc.nat({ max: 30 }).map((number) => sha256(Buffer.from(`item ${number}`))),
  fc
    .tuple(fc.nat({ max: 31 }), fc.nat({ max: 255 }))
    .map(([at, byte]) => Buffer.from(Uint8Array.from({ length: 32 }, (_, index) => (index === at ? byte : 0)))),
);
const batches = fc.array(fc.array(itemKey, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 });

describe('the item map kept up to date', () => {
  it('equals the map computed from scratch, after every batch, and proves the same', async () => {
    await fc.assert(
      fc.asyncProperty(batches, itemKey, async (steps, stranger) => {
        const map = new GrownMap();
        for (const step of steps) {
          await map.grow(step);
          const { items } = map;
          expect(Buffer.from(map.root)).toEqual(itemMapRoot(items));
          const asked = [...step, stranger];
          const paths = await MapPaths.load(map.pages, map.root, asked);
          for (const key of asked) {
            const proof = paths.prove(key);
            expect(encodeItemMapProof(proof)).toEqual(encodeItemMapProof(proveInItems(items, key)));
            const head = itemHeadOf(map.byItem.get(key.toString('hex')) ?? []);
            if (proof.kind === 'present')
              verifyPresence({ itemKey: key, valueDigest: head.valueDigest, proof, mapRoot: map.root });
            else verifyAbsence({ itemKey: key, proof, mapRoot: map.root });
            const found = paths.find(key);
            expect(found?.count ?? 0).toBe(Number(head.count));
            if (found !== undefined) expect(Buffer.from(found.chain)).toEqual(Buffer.from(head.chain));
          }
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('is the same however the entries were batched, down to the bytes of its pages', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(itemKey, { minLength: 1, maxLength: 40 }), fc.nat({ max: 40 }), async (keys, cut) => {
        const [atOnce, inTwo] = [new GrownMap(), new GrownMap()];
        await atOnce.grow(keys);
        for (const part of [keys.slice(0, cut), keys.slice(cut)]) await inTwo.grow(part);
        const contents = ({ pages }: GrownMap): Map<string, string> =>
          new Map([...pages.pages()].map(([name, page]) => [name, page.content.toString('hex')]));
        expect(contents(inTwo)).toEqual(contents(atOnce));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('names for each entry the one of its item before it', async () => {
    const map = new GrownMap();
    const [a, b] = [sha256(Buffer.from('a')), sha256(Buffer.from('b'))] as const;
    expect(await map.grow([a, b, a])).toEqual([NO_ENTRY, NO_ENTRY, 0]);
    expect(await map.grow([b, a, a])).toEqual([1, 2, 4]);
    expect(await map.grow([])).toEqual([]);
    expect((await MapPaths.load(map.pages, map.root, [a])).find(a)).toMatchObject({ count: 4, lastIndex: 5 });
  });

  it('reads one level at a time, only the pages on the paths', async () => {
    const map = new GrownMap();
    const keys = Array.from({ length: 3_000 }, (_, index) => sha256(Buffer.from(`item ${index}`)));
    await map.grow(keys);
    const reads: number[] = [];
    const counted: MapPageSource = {
      read: (names) => {
        reads.push(names.length);
        return map.pages.read(names);
      },
    };
    await MapPaths.load(counted, map.root, keys.slice(0, 1));
    expect(reads.length).toBeGreaterThanOrEqual(3);
    expect(reads.every((count) => count === 1)).toBe(true);
    expect(reads.length).toBeLessThan(8);
  });

  it('knows nothing of items whose paths were not loaded', async () => {
    const map = new GrownMap();
    const keys = Array.from({ length: 400 }, (_, index) => sha256(Buffer.from(`item ${index}`)));
    await map.grow(keys);
    const [first = Buffer.alloc(32)] = keys;
    const paths = await MapPaths.load(map.pages, map.root, [first]);
    const isBeside = (key: Buffer): boolean => key[0]! >> 4 !== first[0]! >> 4;
    const other = keys.find(isBeside) ?? first;
    expect(() => paths.find(other)).toThrow(expect.objectContaining({ code: 'FIELD_INVALID' }));
    expect(() => paths.prove(other)).toThrow(expect.objectContaining({ code: 'FIELD_INVALID' }));
    expect(paths.find(first)?.count).toBe(1);
  });
});

/** The one thing in a page that no hash commits to; a wrong one leads to entries that the item's chain contradicts. */
function differsInLastIndexOnly(content: Uint8Array, other: Uint8Array, name: string): boolean {
  if (content.length !== other.length) return false;
  try {
    const [page, changed] = [MapPage.decode(content, name), MapPage.decode(other, name)];
    return [...Array(16).keys()].some((slot) => page.itemAt(slot)?.lastIndex !== changed.itemAt(slot)?.lastIndex);
  } catch {
    return false;
  }
}

describe('a stored page that was changed', () => {
  const keys = Array.from({ length: 60 }, (_, index) => sha256(Buffer.from(`item ${index}`)));
  const grown = async (): Promise<GrownMap> => {
    const map = new GrownMap();
    await map.grow(keys);
    await map.grow(keys.slice(0, 30));
    return map;
  };
  /** Another content of one page, as somebody with the database in his hands can make it. */
  const tampered = (map: GrownMap, name: string, content: Uint8Array | undefined): MapPageSource => ({
    read: async (names) => {
      const pages = await map.pages.read(names);
      return names.map((one, index) => (one === name ? content && MapPage.decode(content, name) : pages[index]));
    },
  });

  it('is noticed, whichever bit it is', async () => {
    const map = await grown();
    const key = keys[5] ?? Buffer.alloc(32);
    for (const name of ['', key.toString('hex').slice(0, 1)]) {
      const { content } = map.pages.pages().get(name)!;
      for (const other of [...bitFlips(content), ...lengthChanges(content)]) {
        if (differsInLastIndexOnly(content, other, name)) continue;
        const load = (async () => MapPaths.load(tampered(map, name, other), map.root, [key]))();
        await expect(load).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
      }
      await expect(MapPaths.load(tampered(map, name, undefined), map.root, [key])).rejects.toMatchObject({
        code: 'RECORD_ALTERED',
      });
    }
  });

  it('is noticed when it is an earlier one', async () => {
    const map = new GrownMap();
    await map.grow(keys);
    const before = new Map([...map.pages.pages()].map(([name, page]) => [name, page.content]));
    await map.grow(keys.slice(0, 3));
    for (const [name, content] of before) {
      if (map.pages.pages().get(name)!.content.equals(content)) continue;
      await expect(MapPaths.load(tampered(map, name, content), map.root, keys)).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
    }
  });
});
