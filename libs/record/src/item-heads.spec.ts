import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bitFlips, codeOf, lengthChanges } from './corruption.builders.js';
import {
  encodeHeadsEntry,
  extendItemChain,
  itemMapRoot,
  itemValueDigest,
  mapLeafHash,
  mapNodeHash,
  parseHeadsEntry,
  ZERO_DIGEST,
  type MapItem,
} from './item-heads.js';
import type { ItemHeadVectors } from './vectors/item-head-vectors.js';

const path = join(import.meta.dirname, '../../../vectors/item-heads.json');
const vectors = JSON.parse(readFileSync(path, 'utf8')) as ItemHeadVectors;
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const items = vectors.items.map((item): MapItem => ({ itemKey: hex(item.itemKey), valueDigest: hex(item.valueDigest) }));

describe('item heads', () => {
  it.each(vectors.items)(
    'have the chain and value of the vectors: $itemKey',
    ({ itemKey, steps, count, valueDigest, mapLeafHash: leaf }) => {
      let chain: Uint8Array = ZERO_DIGEST;
      for (const step of steps) {
        chain = extendItemChain(chain, BigInt(step.leafIndex), hex(step.leafHash));
        expect(Buffer.from(chain).toString('hex')).toBe(step.chain);
        for (const other of bitFlips(hex(step.leafHash))) {
          expect(extendItemChain(ZERO_DIGEST, BigInt(step.leafIndex), other).toString('hex')).not.toBe(step.chain);
        }
      }
      expect(itemValueDigest(BigInt(count), chain).toString('hex')).toBe(valueDigest);
      expect(itemValueDigest(BigInt(count) + 1n, chain).toString('hex')).not.toBe(valueDigest);
      expect(mapLeafHash(hex(itemKey), hex(valueDigest)).toString('hex')).toBe(leaf);
    },
  );

  it('have the map roots of the vectors, in any order of items', () => {
    for (const [count, root] of vectors.mapRoots.entries()) {
      expect(itemMapRoot(items.slice(0, count)).toString('hex')).toBe(root);
      expect(itemMapRoot(items.slice(0, count).toReversed()).toString('hex')).toBe(root);
    }
    const adjacent = vectors.adjacentKeys.items.map(({ itemKey, valueDigest }) => ({
      itemKey: hex(itemKey),
      valueDigest: hex(valueDigest),
    }));
    expect(itemMapRoot(adjacent).toString('hex')).toBe(vectors.adjacentKeys.mapRoot);
  });

  it('have another root when any value or key changes', () => {
    const root = itemMapRoot(items);
    const other = (change: Partial<MapItem>): Buffer => itemMapRoot([{ ...items[0]!, ...change }, ...items.slice(1)]);
    for (const valueDigest of bitFlips(items[0]!.valueDigest)) expect(other({ valueDigest })).not.toEqual(root);
    for (const itemKey of bitFlips(items[0]!.itemKey)) expect(other({ itemKey })).not.toEqual(root);
    expect(itemMapRoot(items.slice(1))).not.toEqual(root);
  });

  it('refuse an item twice', () => {
    expect(codeOf(() => itemMapRoot([items[0]!, items[0]!]))).toBe('FIELD_INVALID');
  });

  it('refuse parts of another size', () => {
    const short = Buffer.alloc(31);
    expect(codeOf(() => extendItemChain(short, 0n, ZERO_DIGEST))).toBe('FIELD_INVALID');
    expect(codeOf(() => extendItemChain(ZERO_DIGEST, 0n, short))).toBe('FIELD_INVALID');
    expect(codeOf(() => extendItemChain(ZERO_DIGEST, -1n, ZERO_DIGEST))).toBe('FIELD_INVALID');
    expect(codeOf(() => itemValueDigest(2n ** 64n, ZERO_DIGEST))).toBe('FIELD_INVALID');
    expect(codeOf(() => mapLeafHash(short, ZERO_DIGEST))).toBe('FIELD_INVALID');
    expect(codeOf(() => mapNodeHash(short, ZERO_DIGEST))).toBe('FIELD_INVALID');
  });
});

describe('heads entries', () => {
  const entry = hex(vectors.headsEntry.entry);

  it('are those of the vectors', () => {
    const parsed = parseHeadsEntry(entry);
    expect(parsed.baseSize).toBe(BigInt(vectors.headsEntry.baseSize));
    expect(encodeHeadsEntry(parsed)).toEqual(entry);
    expect(Buffer.from(parsed.mapRoot).toString('hex')).toBe(vectors.mapRoots.at(-1));
  });

  it('with any bit turned are another entry or none', () => {
    for (const [bit, other] of bitFlips(entry).entries()) {
      if (bit < 8) expect(codeOf(() => parseHeadsEntry(other))).toBe('RECORD_MALFORMED');
      else expect(parseHeadsEntry(other)).not.toEqual(parseHeadsEntry(entry));
    }
    for (const other of lengthChanges(entry)) expect(codeOf(() => parseHeadsEntry(other))).toBe('RECORD_MALFORMED');
  });

  it('give back any size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (baseSize) => {
        const encoded = encodeHeadsEntry({ baseSize, baseRoot: ZERO_DIGEST, mapRoot: ZERO_DIGEST });
        expect(parseHeadsEntry(encoded).baseSize).toBe(baseSize);
      }),
    );
  });
});
