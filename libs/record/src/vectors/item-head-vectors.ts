import { rootFromLeaves } from '@countersign/merkle';
import { encodeHeadsEntry, extendItemChain, itemMapRoot, itemValueDigest, mapLeafHash, ZERO_DIGEST } from '../item-heads.js';
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
    headsEntry: {
      baseSize: baseSize.toString(),
      baseRoot: hex(baseRoot),
      mapRoot: hex(mapRoot),
      entry: hex(encodeHeadsEntry({ baseSize, baseRoot, mapRoot })),
    },
  };
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
