import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refusalOf } from '../corruption.builders.js';
import { referenceRoot } from '../reference-tree.builders.js';
import { sha256 } from '../sha256.js';
import { decodeEntryBundle, encodeEntryBundle } from './entry-bundle.js';
import { formatTilePath, parseTilePath, TILE_WIDTH, tileCount, tileWidthAt, type TileAddress } from './tile-address.js';
import { TileBuilder, type BuiltTile } from './tile-builder.js';

const LEAVES = Array.from({ length: 65_537 }, (_, index) => sha256(Buffer.from(`leaf ${index}`)));

function tilesOf(size: number): { readonly tiles: BuiltTile[]; readonly root: Buffer } {
  const tiles: BuiltTile[] = [];
  const builder = new TileBuilder((tile) => tiles.push(tile));
  for (const leaf of LEAVES.slice(0, size)) builder.append(leaf);
  const root = builder.root();
  builder.finish();
  return { tiles, root };
}

describe('paths of tiles', () => {
  it.each<[TileAddress, string]>([
    [{ level: 0, index: 1_234_067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 1, index: 0, width: 17 }, 'tile/1/000.p/17'],
    [{ level: 'entries', index: 999, width: 256 }, 'tile/entries/999'],
    [{ level: 'entries', index: 1_000, width: 255 }, 'tile/entries/x001/000.p/255'],
    [{ level: 63, index: 2 ** 45, width: 1 }, 'tile/63/x035/x184/x372/x088/832.p/1'],
  ])('are those of the specification', (address, path) => {
    expect(formatTilePath(address)).toBe(path);
    expect(parseTilePath(path)).toEqual(address);
  });

  it.each([
    'tile/0/1',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/00/001',
    'tile/64/001',
    'tile/-1/001',
    'tile/data/001',
    'tile/0/001.p/0',
    'tile/0/001.p/256',
    'tile/0/001.p/05',
    'tile/0/001.p/',
    'tile/0/001/',
    'tile/0/001\n',
    '/tile/0/001',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/0/x001/x001/x001/x001/x001/x001/001',
  ])('have one spelling only: %j is none', (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });

  it('come back from whatever was formatted', () => {
    const level = fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 }));
    const address = fc.record({ level, index: fc.maxSafeNat(), width: fc.integer({ min: 1, max: 256 }) });
    fc.assert(fc.property(address, (each) => expect(parseTilePath(formatTilePath(each))).toEqual(each)));
  });

  it('are refused for what cannot be', () => {
    const tile = { level: 0, index: 0, width: 1 };
    for (const wrong of [{ level: 64 }, { level: -1 }, { index: -1 }, { index: 0.5 }, { width: 0 }, { width: 257 }]) {
      expect(refusalOf(() => formatTilePath({ ...tile, ...wrong }))).toBe('FIELD_INVALID');
    }
  });
});

describe('tiles of a tree', () => {
  it('are as many and as wide as in the example of the specification', () => {
    expect([0, 1, 2, 3].map((level) => tileCount(70_000, level))).toEqual([274, 2, 1, 0]);
    expect([tileWidthAt(70_000, 0, 272), tileWidthAt(70_000, 0, 273), tileWidthAt(70_000, 0, 274)]).toEqual([256, 112, 0]);
    expect([tileWidthAt(70_000, 1, 0), tileWidthAt(70_000, 1, 1), tileWidthAt(70_000, 2, 0)]).toEqual([256, 17, 1]);
    expect([tileCount(256, 0), tileCount(256, 1), tileWidthAt(256, 1, 0), tileCount(0, 0)]).toEqual([1, 1, 1, 0]);
    expect([tileCount(70_000, 'entries'), tileWidthAt(70_000, 'entries', 273)]).toEqual([274, 112]);
  });

  it.each([0, 1, 2, 255, 256, 257, 1_000, 65_537])('hold the tree of %d leaves', (size) => {
    const { tiles, root } = tilesOf(size);
    expect(root).toEqual(referenceRoot(LEAVES.slice(0, size)));
    const levels = [0, 1, 2, 3];
    const expected = levels.flatMap((level) =>
      Array.from({ length: tileCount(size, level) }, (_, index) => [level, index, tileWidthAt(size, level, index)]),
    );
    const built = tiles.map(({ level, index, hashes }) => [level, index, hashes.length / 32]);
    expect(built.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d)).toEqual(expected);
    for (const { level, index, hashes } of tiles.filter(({ level }) => level > 0)) {
      const span = TILE_WIDTH ** level;
      const from = index * TILE_WIDTH * span;
      expect(hashes.subarray(0, 32)).toEqual(referenceRoot(LEAVES.slice(from, from + span)));
    }
  });
});

describe('entry bundles', () => {
  it('give back their entries', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(entries, (each) => {
        expect(decodeEntryBundle(encodeEntryBundle(each), each.length)).toEqual(each.map((entry) => Buffer.from(entry)));
      }),
      { numRuns: 50 },
    );
    expect(encodeEntryBundle([Buffer.from('ab'), Buffer.alloc(0)]).toString('hex')).toBe('000261620000');
    expect(encodeEntryBundle([Buffer.alloc(65_535)]).length).toBe(65_537);
  });

  it('are refused with another number of entries, cut off, or with something behind', () => {
    const bundle = encodeEntryBundle([Buffer.from('ab'), Buffer.from('c')]);
    const refused: [Uint8Array, number][] = [
      [bundle, 1],
      [bundle, 3],
      [bundle, 0],
      [bundle, 257],
      [bundle, 1.5],
      [Buffer.concat([bundle, Buffer.alloc(1)]), 2],
      [bundle.subarray(0, -1), 2],
      [bundle.subarray(0, 5), 2],
      [Buffer.alloc(0), 1],
    ];
    for (const [bytes, width] of refused) expect(refusalOf(() => decodeEntryBundle(bytes, width))).toBe('FIELD_INVALID');
    for (const entries of [[], Array.from({ length: 257 }, () => Buffer.alloc(1)), [Buffer.alloc(65_536)]]) {
      expect(refusalOf(() => encodeEntryBundle(entries))).toBe('FIELD_INVALID');
    }
  });
});
