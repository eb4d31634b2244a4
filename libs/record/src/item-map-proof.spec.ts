import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { sha256 } from '@countersign/merkle';
import fc from 'fast-check';
import { bitFlips, codeOf, lengthChanges, refusalOf } from './corruption.builders.js';
import {
  extendItemChain,
  itemMapRoot,
  itemValueDigest,
  mapLeafHash,
  mapNodeHash,
  ZERO_DIGEST,
  type MapItem,
} from './item-heads.js';
import {
  decodeItemMapProof,
  encodeItemMapProof,
  itemHeadOf,
  proveInItems,
  verifyAbsence,
  verifyPresence,
  type AbsenceProof,
  type ItemMapProof,
  type PresenceProof,
} from './item-map-proof.js';
import type { ItemHeadVectors } from './vectors/item-head-vectors.js';

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../vectors/item-heads.json'), 'utf8'),
) as ItemHeadVectors;
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

const itemOf = (name: string): MapItem => ({
  itemKey: sha256(Buffer.from(name)),
  valueDigest: sha256(Buffer.from(`value of ${name}`)),
});
const items = Array.from({ length: 40 }, (_, index) => itemOf(`item ${index}`));
const mapRoot = itemMapRoot(items);
const present = (item: MapItem, of = items): PresenceProof => proveInItems(of, item.itemKey) as PresenceProof;
const absent = (itemKey: Uint8Array, of = items): AbsenceProof => proveInItems(of, itemKey) as AbsenceProof;

/** Holds any proof of the item against the map, as a reader does. */
function verify(item: MapItem, proof: ItemMapProof, root: Uint8Array = mapRoot): void {
  if (proof.kind === 'present') verifyPresence({ ...item, proof, mapRoot: root });
  else verifyAbsence({ itemKey: item.itemKey, proof, mapRoot: root });
}

/** Whatever bytes a liar hands over: the code that refuses them, on reading or on verifying. */
const refused = (item: MapItem, bytes: Uint8Array): string | undefined => codeOf(() => verify(item, decodeItemMapProof(bytes)));

describe('proofs of the item map', () => {
  it('show every item with its value, and that other items are not there', () => {
    for (const item of items) {
      const proof = present(item);
      expect(proof.kind).toBe('present');
      verifyPresence({ ...item, proof, mapRoot });
      expect(decodeItemMapProof(encodeItemMapProof(proof))).toEqual(proof);
    }
    const kinds = Array.from({ length: 60 }, (_, index) => {
      const { itemKey } = itemOf(`nobody ${index}`);
      const proof = absent(itemKey);
      verifyAbsence({ itemKey, proof, mapRoot });
      expect(decodeItemMapProof(encodeItemMapProof(proof))).toEqual(proof);
      return proof.kind;
    });
    expect(new Set(kinds)).toEqual(new Set(['empty', 'other']));
  });

  it('of the empty map and of a map of one item have no siblings', () => {
    const [first, second] = items as [MapItem, MapItem];
    expect(absent(first.itemKey, [])).toEqual({ kind: 'empty', siblings: [] });
    verifyAbsence({ itemKey: first.itemKey, proof: absent(first.itemKey, []), mapRoot: ZERO_DIGEST });
    expect(present(first, [first])).toEqual({ kind: 'present', siblings: [] });
    verifyPresence({ ...first, proof: present(first, [first]), mapRoot: itemMapRoot([first]) });
    expect(absent(second.itemKey, [first])).toEqual({ kind: 'other', siblings: [], other: first });
  });

  it('reach to the last bit of a key', () => {
    const adjacent = vectors.adjacentKeys.items.map((item): MapItem => ({
      itemKey: hex(item.itemKey),
      valueDigest: hex(item.valueDigest),
    }));
    const [left, right] = adjacent as [MapItem, MapItem];
    const root = itemMapRoot([left, right]);
    const proof = present(right, [left, right]);
    expect(proof.siblings).toHaveLength(256);
    verifyPresence({ ...right, proof, mapRoot: root });
    expect(encodeItemMapProof(proof)).toHaveLength(1 + 2 + 32 + 32);
    expect(decodeItemMapProof(encodeItemMapProof(proof))).toEqual(proof);
  });

  it('are those of the vectors', () => {
    for (const { itemKey, valueDigest, mapRoot: root, kind, proof } of vectors.proofs) {
      const decoded = decodeItemMapProof(hex(proof));
      expect(decoded.kind).toBe(kind);
      expect(encodeItemMapProof(decoded).toString('hex')).toBe(proof);
      verify({ itemKey: hex(itemKey), valueDigest: hex(valueDigest ?? '00'.repeat(32)) }, decoded, hex(root));
    }
    expect(new Set(vectors.proofs.map(({ kind }) => kind)).size).toBe(3);
    for (const { proof, name } of vectors.refusedProofs) {
      expect([name, codeOf(() => decodeItemMapProof(hex(proof)))]).toEqual([name, 'RECORD_MALFORMED']);
    }
  });

  it('with any bit turned, shorter or longer, are refused', () => {
    const nobody = [...Array(60).keys()].map((index) => itemOf(`nobody ${index}`));
    const samples = [
      items[0]!,
      items[17]!,
      ...['empty', 'other'].map((kind) => nobody.find((item) => absent(item.itemKey).kind === kind)!),
    ];
    for (const item of samples) {
      const encoded = encodeItemMapProof(proveInItems(items, item.itemKey));
      expect(refused(item, encoded)).toBeUndefined();
      for (const other of [...bitFlips(encoded), ...lengthChanges(encoded)]) {
        expect(refused(item, other)).toMatch(/^(RECORD_MALFORMED|PROOF_BROKEN)$/);
      }
    }
  });

  it('hold for no other item, value or map', () => {
    const [item] = items as [MapItem];
    const proof = present(item);
    for (const itemKey of bitFlips(item.itemKey)) expect(codeOf(() => verify({ ...item, itemKey }, proof))).toBe('PROOF_BROKEN');
    for (const valueDigest of bitFlips(item.valueDigest))
      expect(codeOf(() => verify({ ...item, valueDigest }, proof))).toBe('PROOF_BROKEN');
    for (const root of bitFlips(mapRoot)) expect(codeOf(() => verify(item, proof, root))).toBe('PROOF_BROKEN');
    for (const root of lengthChanges(mapRoot)) expect(codeOf(() => verify(item, proof, root))).toBe('PROOF_BROKEN');
  });

  it('of absence do not hold for an item that is there', () => {
    for (const item of items) {
      const { siblings } = present(item);
      for (const proof of [
        { kind: 'empty', siblings },
        { kind: 'empty', siblings: siblings.slice(1) },
        { kind: 'other', siblings, other: item },
        { kind: 'other', siblings, other: items.find((other) => other !== item)! },
        { kind: 'other', siblings: siblings.slice(1), other: item },
      ] as const) {
        expect(codeOf(() => verifyAbsence({ itemKey: item.itemKey, proof, mapRoot }))).toBe('PROOF_BROKEN');
      }
    }
  });

  it('of absence name an item that stands on the path, and not the item itself', () => {
    const [left, right] = [Buffer.alloc(32), Buffer.concat([Buffer.from([0x80]), Buffer.alloc(31)])];
    const other = { itemKey: right, valueDigest: Buffer.alloc(32, 1) };
    const leaf = mapLeafHash(right, other.valueDigest);
    const sibling = Buffer.alloc(32, 7);
    // A map whose left half claims to hold the right item: a foreign leaf under another prefix.
    const claim = {
      itemKey: left,
      proof: { kind: 'other', siblings: [sibling], other } as const,
      mapRoot: mapNodeHash(leaf, sibling),
    };
    expect(refusalOf(() => verifyAbsence(claim))).toEqual({ code: 'PROOF_BROKEN', field: 'proof' });
    const itself = { ...claim, itemKey: right, proof: { ...claim.proof, siblings: [] }, mapRoot: leaf };
    expect(refusalOf(() => verifyAbsence(itself))).toEqual({ code: 'PROOF_BROKEN', field: 'proof' });
  });

  it('of the other kind are refused', () => {
    const proof = present(items[0]!);
    const claim = { itemKey: items[0]!.itemKey, valueDigest: items[0]!.valueDigest, mapRoot };
    expect(codeOf(() => verifyAbsence({ ...claim, proof: proof as unknown as AbsenceProof }))).toBe('PROOF_BROKEN');
    expect(codeOf(() => verifyPresence({ ...claim, proof: { ...proof, kind: 'empty' } as unknown as PresenceProof }))).toBe(
      'PROOF_BROKEN',
    );
  });

  it('whose leaf could hang higher, or deeper than its key has bits, are refused although they lead to the root', () => {
    const [item] = items as [MapItem];
    const leaf = mapLeafHash(item.itemKey, item.valueDigest);
    const climbed = (siblings: readonly Uint8Array[]): Buffer =>
      siblings.reduce<Buffer>((hash, sibling, level) => {
        const depth = siblings.length - 1 - level;
        const isRight = (((item.itemKey[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1) === 1;
        return isRight ? mapNodeHash(sibling, hash) : mapNodeHash(hash, sibling);
      }, leaf);
    const deep = Array.from({ length: 257 }, () => Buffer.alloc(32, 3));
    for (const siblings of [[ZERO_DIGEST], [ZERO_DIGEST, Buffer.alloc(32, 5)], deep]) {
      const claim = { ...item, proof: { kind: 'present', siblings } as const, mapRoot: climbed(siblings) };
      expect(refusalOf(() => verifyPresence(claim))).toEqual({ code: 'PROOF_BROKEN', field: 'proof' });
      expect(codeOf(() => encodeItemMapProof(claim.proof))).toBe('PROOF_BROKEN');
    }
    expect(() =>
      verifyPresence({ ...item, proof: { kind: 'present', siblings: deep.slice(1) }, mapRoot: climbed(deep.slice(1)) }),
    ).not.toThrow();
  });

  it('round-trip whatever the path is', () => {
    const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((byte) => byte !== 0));
    const siblings = fc
      .array(fc.option(digest), { maxLength: 256 })
      .map((list) => list.map((sibling, level) => sibling ?? (level === 0 ? Buffer.alloc(32, 1) : ZERO_DIGEST)));
    fc.assert(
      fc.property(siblings, fc.constantFrom('present', 'empty'), (path, kind) => {
        const decoded = decodeItemMapProof(encodeItemMapProof({ kind, siblings: path }));
        expect(decoded.siblings.map((hash) => Buffer.from(hash))).toEqual(path.map((hash) => Buffer.from(hash)));
      }),
      { seed: 1, numRuns: 60 },
    );
  });
});

describe('the head of an item', () => {
  it('is rebuilt from its entries', () => {
    for (const { steps, count, valueDigest } of vectors.items) {
      const head = itemHeadOf(
        steps.map(({ leafIndex, leafHash }) => ({ leafIndex: BigInt(leafIndex), leafHash: hex(leafHash) })),
      );
      expect([String(head.count), head.valueDigest.toString('hex')]).toEqual([count, valueDigest]);
      expect(Buffer.from(head.chain).toString('hex')).toBe(steps.at(-1)!.chain);
    }
    expect(itemHeadOf([]).valueDigest).toEqual(itemValueDigest(0n, ZERO_DIGEST));
  });

  it('has entries whose leaf indexes rise', () => {
    const entry = (leafIndex: bigint): { leafIndex: bigint; leafHash: Buffer } => ({ leafIndex, leafHash: Buffer.alloc(32, 1) });
    expect(codeOf(() => itemHeadOf([entry(3n), entry(3n)]))).toBe('FIELD_INVALID');
    expect(codeOf(() => itemHeadOf([entry(3n), entry(2n)]))).toBe('FIELD_INVALID');
    expect(itemHeadOf([entry(0n), entry(2n)]).chain).toEqual(
      extendItemChain(extendItemChain(ZERO_DIGEST, 0n, Buffer.alloc(32, 1)), 2n, Buffer.alloc(32, 1)),
    );
  });
});
