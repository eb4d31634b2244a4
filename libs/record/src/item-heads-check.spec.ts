import { describe, expect, it } from '@jest/globals';
import { leafHash, rootFromLeaves, sha256 } from '@countersign/merkle';
import { encodeEntry, parseEntry } from './entry.js';
import { ItemHeadsCheck, type HeadsFinding } from './item-heads-check.js';
import { encodeHeadsEntry, itemMapRoot } from './item-heads.js';
import { itemHeadOf, type ItemEntry } from './item-map-proof.js';

const itemKey = (number: number): Buffer => sha256(Buffer.from(`item ${number}`));
const entry = (number: number, sequence: number, salt = ''): Buffer =>
  encodeEntry({
    itemKey: itemKey(number),
    sequence: BigInt(sequence),
    recordDigest: sha256(Buffer.from(`record ${number}/${sequence}${salt}`)),
  });
/** 30 items with 8 entries each. */
const ENTRIES = Array.from({ length: 240 }, (_, index) => entry(index % 30, Math.floor(index / 30)));
const SIZES = [1, 45, 46, 200, 240];

/** The reference for the map, from scratch, over these entries only. Leaf indexes are those in the whole log. */
function mapRootOf(entries: readonly { readonly index: number; readonly bytes: Buffer }[]): Buffer {
  const byItem = new Map<string, ItemEntry[]>();
  for (const { index, bytes } of entries) {
    const key = parseEntry(bytes).itemKey.toString('hex');
    byItem.set(key, [...(byItem.get(key) ?? []), { leafIndex: BigInt(index), leafHash: leafHash(bytes) }]);
  }
  return itemMapRoot(
    [...byItem].map(([key, own]) => ({ itemKey: Buffer.from(key, 'hex'), valueDigest: itemHeadOf(own).valueDigest })),
  );
}

/** Heads entries as an operator makes them who leaves out of the map what he wants to hide. */
function headsOf(log: readonly Buffer[], sizes: readonly number[], isHidden: (index: number) => boolean = () => false): Buffer[] {
  const indexed = log.map((bytes, index) => ({ index, bytes }));
  return sizes.map((size) =>
    encodeHeadsEntry({
      baseSize: BigInt(size),
      baseRoot: rootFromLeaves(log.slice(0, size).map(leafHash)),
      mapRoot: mapRootOf(indexed.slice(0, size).filter(({ index }) => !isHidden(index))),
    }),
  );
}

const check = (log: readonly Buffer[], headsEntries: readonly Buffer[]): Promise<readonly HeadsFinding[]> =>
  ItemHeadsCheck.run({
    headsEntries,
    chunkSize: 50,
    readEntries: (from, count) => Promise.resolve(log.slice(from, from + count)),
  });

describe('the check of item heads against all entries of the log', () => {
  it('finds nothing in a true heads log', async () => {
    expect(await check(ENTRIES, headsOf(ENTRIES, SIZES))).toEqual([]);
    expect(await check(ENTRIES, [])).toEqual([]);
  });

  it('finds a withheld last entry of an item', async () => {
    const last = 200 + 17;
    expect(
      await check(
        ENTRIES,
        headsOf(ENTRIES, SIZES, (index) => index === last),
      ),
    ).toEqual([{ kind: 'map-root', headsIndex: 4 }]);
  });

  it('finds a withheld entry in the middle, in every head since', async () => {
    expect(
      await check(
        ENTRIES,
        headsOf(ENTRIES, SIZES, (index) => index === 45),
      ),
    ).toEqual([
      { kind: 'map-root', headsIndex: 2 },
      { kind: 'map-root', headsIndex: 3 },
      { kind: 'map-root', headsIndex: 4 },
    ]);
  });

  it('finds an invented entry that the map counts and the log does not hold', async () => {
    const invented = ENTRIES.with(100, entry(10, 3, 'invented'));
    expect(await check(ENTRIES, headsOf(invented, SIZES))).toEqual([
      { kind: 'base-root', headsIndex: 3 },
      { kind: 'map-root', headsIndex: 3 },
      { kind: 'base-root', headsIndex: 4 },
      { kind: 'map-root', headsIndex: 4 },
    ]);
  });

  it('finds two entries with one sequence, and names the second', async () => {
    const doubled = ENTRIES.with(100, entry(3, 1, 'second'));
    const findings = await check(doubled, headsOf(doubled, SIZES));
    expect(findings[0]).toEqual({ kind: 'sequence', leafIndex: 100 });
    // Item 10 has lost its entry of that place, so each one after it is early.
    expect(findings.slice(1).every((finding) => finding.kind === 'sequence')).toBe(true);
  });

  it('finds a map that counts one of two entries with one sequence only', async () => {
    const doubled = [...ENTRIES, entry(3, 7, 'second')];
    const findings = await check(
      doubled,
      headsOf(doubled, [...SIZES, 241], (index) => index === 240),
    );
    expect(findings).toEqual([
      { kind: 'sequence', leafIndex: 240 },
      { kind: 'map-root', headsIndex: 5 },
    ]);
  });

  it('finds a head that was not advanced', async () => {
    const heads = headsOf(ENTRIES, SIZES);
    expect(await check(ENTRIES, [heads[0]!, heads[1]!, heads[1]!, heads[3]!])).toEqual([{ kind: 'base-size', headsIndex: 2 }]);
    expect(await check(ENTRIES, [heads[1]!, heads[0]!])).toEqual([{ kind: 'base-size', headsIndex: 1 }]);
    // The same map under a later checkpoint.
    const stale = headsOf(ENTRIES, [200, 240], (index) => index >= 200);
    expect(await check(ENTRIES, stale)).toEqual([{ kind: 'map-root', headsIndex: 1 }]);
  });

  it('finds a bad map root that was published before a good one', async () => {
    const heads = headsOf(ENTRIES, SIZES);
    const bad = headsOf(ENTRIES, [46], (index) => index === 12)[0]!;
    expect(await check(ENTRIES, heads.with(2, bad))).toEqual([{ kind: 'map-root', headsIndex: 2 }]);
    const worse = [...heads.slice(0, 2), bad, ...heads.slice(2)];
    expect(await check(ENTRIES, worse)).toEqual([
      { kind: 'map-root', headsIndex: 2 },
      { kind: 'base-size', headsIndex: 3 },
    ]);
  });

  it('finds a head of more entries than the log holds', async () => {
    expect(await check(ENTRIES.slice(0, 239), headsOf(ENTRIES, SIZES))).toEqual([{ kind: 'base-short', headsIndex: 4 }]);
    const empty = encodeHeadsEntry({ baseSize: 0n, baseRoot: rootFromLeaves([]), mapRoot: Buffer.alloc(32) });
    expect(await check(ENTRIES, [empty])).toEqual([{ kind: 'base-size', headsIndex: 0 }]);
  });
});
