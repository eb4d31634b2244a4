import { rootFromLeaves } from '@countersign/merkle';
import { encodeHeadsEntry, extendItemChain, itemMapRoot, itemValueDigest, mapLeafHash, ZERO_DIGEST, type MapItem } from '../item-heads.js';
import { decodeItemMapProof, encodeItemMapProof, proveInItems, type ItemMapProof } from '../item-map-proof.js';
import { hex } from './fixed-inputs.js';
import type { RecordVector } from './record-vectors.js';

export interface ItemHeadVectors {
  /** One for every item of the record vectors, in order of its first entry. */
  readonly items: readonly {
    readonly itemKey: string;
    /** The chain after each entry. */
    readonly steps: readonly { readonly leafIndex: string; readonly leafHash: string; readonly chain: string }[];
    readonly count: string;
    readonly valueDigest: string;
    readonly mapLeafHash: string;
  }[];
  /** Map roots over the first 0, 1, 2 … of these items. */
  readonly mapRoots: readonly string[];
  /** Two items whose keys differ in the last bit only: 255 levels with one empty side. */
  readonly adjacentKeys: { readonly items: readonly { readonly itemKey: string; readonly valueDigest: string }[]; readonly mapRoot: string };
  /** Every item's presence, and absences of each kind, in the map of all items and in that of the adjacent keys. An absent item has no value. */
  readonly proofs: readonly {
    readonly kind: ItemMapProof['kind'];
    readonly itemKey: string;
    readonly valueDigest?: string;
    readonly mapRoot: string;
    readonly proof: string;
  }[];
  /** Other encodings of the first proof, and bytes that are none: to be refused when read. */
  readonly refusedProofs: readonly { readonly name: string; readonly proof: string }[];
  readonly headsEntry: { readonly baseSize: string; readonly baseRoot: string; readonly mapRoot: string; readonly entry: string };
}

export function itemHeadVectors(records: readonly RecordVector[]): ItemHeadVectors {
  const itemKeys = [...new Set(records.map(({ itemKey }) => itemKey))];
  const items = itemKeys.map((itemKey) => itemVector(itemKey, records));
  const mapItems = items.map((item) => ({ itemKey: Buffer.from(item.itemKey, 'hex'), valueDigest: Buffer.from(item.valueDigest, 'hex') }));
  const mapRoots = [...mapItems.keys(), mapItems.length].map((count) => hex(itemMapRoot(mapItems.slice(0, count))));
  const adjacent = [0, 1].map((last) => ({ itemKey: Buffer.concat([Buffer.alloc(31), Buffer.from([last])]), valueDigest: Buffer.alloc(32, last + 1) }));
  const baseRoot = rootFromLeaves(records.map(({ leafHash }) => Buffer.from(leafHash, 'hex')));
  const mapRoot = itemMapRoot(mapItems);
  const baseSize = BigInt(records.length);
  return {
    items,
    mapRoots,
    adjacentKeys: {
      items: adjacent.map(({ itemKey, valueDigest }) => ({ itemKey: hex(itemKey), valueDigest: hex(valueDigest) })),
      mapRoot: hex(itemMapRoot(adjacent)),
    },
    proofs: [...proofVectors(mapItems), ...proofVectors(adjacent)],
    refusedProofs: refusedProofs(mapItems),
    headsEntry: {
      baseSize: baseSize.toString(),
      baseRoot: hex(baseRoot),
      mapRoot: hex(mapRoot),
      entry: hex(encodeHeadsEntry({ baseSize, baseRoot, mapRoot })),
    },
  };
}

function proofVectors(mapItems: readonly MapItem[]): ItemHeadVectors['proofs'] {
  const absent = [0, 1, 4, 8, 15].map((nibble) => Buffer.alloc(32, 16 * nibble + 9));
  return [
    ...mapItems.map(({ itemKey, valueDigest }) => ({ itemKey, valueDigest: hex(valueDigest) })),
    ...absent.map((itemKey) => ({ itemKey })),
  ].map(({ itemKey, ...value }) => {
    const proof = proveInItems(mapItems, itemKey);
    return { kind: proof.kind, itemKey: hex(itemKey), ...value, mapRoot: hex(itemMapRoot(mapItems)), proof: hex(encodeItemMapProof(proof)) };
  });
}

function refusedProofs(mapItems: readonly MapItem[]): ItemHeadVectors['refusedProofs'] {
  const proof = encodeItemMapProof(proveInItems(mapItems, mapItems[0]?.itemKey ?? ZERO_DIGEST));
  const { siblings } = decodeItemMapProof(proof);
  const path = (depth: number, bitmap: readonly number[], ...hashes: readonly Uint8Array[]): Buffer =>
    Buffer.concat([Buffer.from([1, depth >> 8, depth & 255, ...bitmap]), ...hashes]);
  const [deepest = ZERO_DIGEST] = siblings;
  const refused: readonly [name: string, proof: Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['kind 0', Buffer.concat([Buffer.from([0]), proof.subarray(1)])],
    ['kind 4', Buffer.concat([Buffer.from([4]), proof.subarray(1)])],
    ['no number of siblings', Buffer.from([1, 0])],
    ['a byte too many', Buffer.concat([proof, Buffer.alloc(1)])],
    ['a sibling too many', Buffer.concat([proof, deepest])],
    ['a sibling too few', proof.subarray(0, -32)],
    ['a spare bit set', path(1, [0x40], deepest)],
    ['the deepest sibling empty', path(2, [0x80], deepest)],
    ['an empty sibling in full', path(2, [0x00], deepest, ZERO_DIGEST)],
    ['257 siblings', path(257, Array<number>(33).fill(0), ...Array<Uint8Array>(257).fill(deepest))],
    ['an absence by another item without that item', Buffer.from([3, 0, 0])],
  ];
  return refused.map(([name, bytes]) => ({ name, proof: hex(bytes) }));
}

function itemVector(itemKey: string, records: readonly RecordVector[]): ItemHeadVectors['items'][number] {
  let chain: Uint8Array = ZERO_DIGEST;
  const steps = [...records.entries()]
    .filter(([, record]) => record.itemKey === itemKey)
    .map(([position, { leafHash }]) => {
      chain = extendItemChain(chain, BigInt(position), Buffer.from(leafHash, 'hex'));
      return { leafIndex: String(position), leafHash, chain: hex(chain) };
    });
  const valueDigest = itemValueDigest(BigInt(steps.length), chain);
  const leaf = mapLeafHash(Buffer.from(itemKey, 'hex'), valueDigest);
  return { itemKey, steps, count: String(steps.length), valueDigest: hex(valueDigest), mapLeafHash: hex(leaf) };
}
