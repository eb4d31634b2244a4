import { asBuffer, sameBytes } from '@countersign/merkle';
import { DomainError } from '@countersign/kernel';
import {
  extendItemChain,
  itemMapRoot,
  itemValueDigest,
  mapLeafHash,
  mapNodeHash,
  turnsRight,
  ZERO_DIGEST,
  type MapItem,
} from './item-heads.js';
import { malformed, requireSize } from './refusal.js';
import { DIGEST_SIZE, ITEM_KEY_SIZE } from './suite.js';

/** Levels of the map: one for each bit of an item key. No path is longer. */
export const MAP_DEPTH_MAX = 8 * ITEM_KEY_SIZE;

/** First byte of an encoded proof. */
const KINDS = { present: 1, empty: 2, other: 3 } as const;
const KIND_NAMES = ['present', 'empty', 'other'] as const;
const PATH_AT = 1;
const OTHER_SIZE = ITEM_KEY_SIZE + DIGEST_SIZE;

/** The map holds the item: its leaf hangs at the end of this path. */
export interface PresenceProof {
  readonly kind: 'present';
  /** Siblings from the leaf up to the root; an empty one is 32 zero bytes. The deepest is never empty. */
  readonly siblings: readonly Uint8Array[];
}

/** The map does not hold the item: where its leaf would hang, there is nothing, or the leaf of another item. */
export type AbsenceProof =
  | { readonly kind: 'empty'; readonly siblings: readonly Uint8Array[] }
  | { readonly kind: 'other'; readonly siblings: readonly Uint8Array[]; readonly other: MapItem };

export type ItemMapProof = PresenceProof | AbsenceProof;

/** What a proof of presence is held against. Root MUST come from a heads entry that is itself proven, value from the item's entries. */
export interface PresenceClaim {
  readonly itemKey: Uint8Array;
  readonly valueDigest: Uint8Array;
  readonly proof: PresenceProof;
  readonly mapRoot: Uint8Array;
}

/** What a proof of absence is held against. */
export interface AbsenceClaim {
  readonly itemKey: Uint8Array;
  readonly proof: AbsenceProof;
  readonly mapRoot: Uint8Array;
}

/**
 * Proves that the map of this root holds the item with exactly this value (docs/record.md §14).
 *
 * @throws DomainError PROOF_BROKEN with field `proof`, `itemKey`, `valueDigest`, `mapRoot` or `root`; exactly one proof is accepted
 */
export function verifyPresence({ itemKey, valueDigest, proof, mapRoot }: PresenceClaim): void {
  if (proof.kind !== 'present') throw broken('proof', 'is one of absence');
  requireSizes({ itemKey, valueDigest, mapRoot });
  requireRoot(itemKey, mapLeafHash(itemKey, valueDigest), proof.siblings, mapRoot);
}

/**
 * Proves that the map of this root does not hold the item (docs/record.md §14).
 *
 * @throws DomainError PROOF_BROKEN with field `proof`, `itemKey`, `mapRoot` or `root`; exactly one proof is accepted
 */
export function verifyAbsence({ itemKey, proof, mapRoot }: AbsenceClaim): void {
  requireSizes({ itemKey, mapRoot });
  if (proof.kind === 'empty') return requireRoot(itemKey, ZERO_DIGEST, proof.siblings, mapRoot);
  if (proof.kind !== 'other') throw broken('proof', 'is one of presence');
  const { itemKey: otherKey, valueDigest } = proof.other;
  requireSizes({ otherKey, valueDigest });
  const shared = sharedBits(itemKey, otherKey);
  if (shared === MAP_DEPTH_MAX) throw broken('proof', 'names the item itself as another one');
  if (shared < proof.siblings.length) throw broken('proof', 'the other item does not stand on the path');
  requireRoot(itemKey, mapLeafHash(otherKey, valueDigest), proof.siblings, mapRoot);
}

/**
 * kind(1) ‖ for kind 3 the other item's key(32) and value(32) ‖ number of siblings(2) ‖ bitmap ‖ the siblings that are not empty.
 * Bit i of the bitmap, the most significant of the first byte first, is 1 where the i-th sibling from the leaf up is empty.
 *
 * @throws DomainError PROOF_BROKEN if it is none that could be accepted
 */
export function encodeItemMapProof(proof: ItemMapProof): Buffer {
  const { siblings } = proof;
  requireForm(siblings);
  const depth = Buffer.alloc(2);
  depth.writeUInt16BE(siblings.length);
  const bitmap = Buffer.alloc(bitmapSize(siblings.length));
  for (const [level, sibling] of siblings.entries()) if (isEmpty(sibling)) setBit(bitmap, level);
  const parts = [Buffer.from([KINDS[proof.kind]]), depth, bitmap, ...siblings.filter((sibling) => !isEmpty(sibling))];
  if (proof.kind === 'other') {
    const { itemKey, valueDigest } = proof.other;
    requireSizes({ itemKey, valueDigest });
    parts.splice(PATH_AT, 0, itemKey, valueDigest);
  }
  return Buffer.concat(parts);
}

/**
 * Reads what `encodeItemMapProof` writes, and nothing else.
 *
 * @throws DomainError RECORD_MALFORMED
 */
export function decodeItemMapProof(encoded: Uint8Array): ItemMapProof {
  const bytes = asBuffer(encoded);
  const kind = KIND_NAMES.find((name) => KINDS[name] === bytes[0]);
  if (kind === undefined) throw malformed('mapProof', 'begins with a kind from 1 to 3');
  const pathAt = kind === 'other' ? PATH_AT + OTHER_SIZE : PATH_AT;
  const siblings = decodeSiblings(bytes.subarray(pathAt));
  if (kind !== 'other') return { kind, siblings };
  const itemKey = bytes.subarray(PATH_AT, PATH_AT + ITEM_KEY_SIZE);
  return { kind, siblings, other: { itemKey, valueDigest: bytes.subarray(PATH_AT + ITEM_KEY_SIZE, pathAt) } };
}

/**
 * Proves an item's presence or absence in the map over these items, computed from scratch. The map that is kept up to date gives
 * the same proofs.
 *
 * @throws DomainError FIELD_INVALID if an item key is repeated
 */
export function proveInItems(items: readonly MapItem[], itemKey: Uint8Array): ItemMapProof {
  requireSize(itemKey, ITEM_KEY_SIZE, 'itemKey');
  const siblings: Uint8Array[] = [];
  let inSubtree = items;
  for (let depth = 0; inSubtree.length > 1; depth += 1) {
    const side = turnsRight(itemKey, depth);
    const isBeside = (item: MapItem): boolean => turnsRight(item.itemKey, depth) !== side;
    siblings.unshift(itemMapRoot(inSubtree.filter(isBeside), depth + 1));
    inSubtree = inSubtree.filter((item) => !isBeside(item));
  }
  const [only] = inSubtree;
  if (only === undefined) return { kind: 'empty', siblings };
  return sameBytes(only.itemKey, itemKey) ? { kind: 'present', siblings } : { kind: 'other', siblings, other: only };
}

/** An entry of one item. */
export interface ItemEntry {
  readonly leafIndex: bigint;
  readonly leafHash: Uint8Array;
}

/** How many entries an item has, their chain, and the value digest that the map holds for it. */
export interface ItemHead {
  readonly count: bigint;
  readonly chain: Uint8Array;
  readonly valueDigest: Buffer;
}

/**
 * Rebuilds an item's head from all its entries, in order of their leaf index.
 *
 * @throws DomainError FIELD_INVALID if leaf indexes do not rise
 */
export function itemHeadOf(entries: Iterable<ItemEntry>): ItemHead {
  let count = 0n;
  let chain = ZERO_DIGEST;
  let last = -1n;
  for (const { leafIndex, leafHash } of entries) {
    if (leafIndex <= last) throw new DomainError('FIELD_INVALID', { field: 'leafIndex', rule: 'rises from entry to entry' });
    chain = extendItemChain(chain, leafIndex, leafHash);
    last = leafIndex;
    count += 1n;
  }
  return { count, chain, valueDigest: itemValueDigest(count, chain) };
}

function requireRoot(itemKey: Uint8Array, leaf: Uint8Array, siblings: readonly Uint8Array[], mapRoot: Uint8Array): void {
  requireForm(siblings);
  let hash = leaf;
  for (const [level, sibling] of siblings.entries()) {
    const isRight = turnsRight(itemKey, siblings.length - 1 - level);
    hash = isRight ? mapNodeHash(sibling, hash) : mapNodeHash(hash, sibling);
  }
  if (!sameBytes(hash, mapRoot)) throw broken('root', 'the proof leads to another root');
}

/** The one form of a path: nothing hangs deeper than a key has bits, and what has an empty sibling only would hang higher. */
function requireForm(siblings: readonly Uint8Array[]): void {
  if (siblings.length > MAP_DEPTH_MAX) throw broken('proof', 'is longer than an item key');
  const [deepest] = siblings;
  for (const sibling of siblings) requireSize(sibling, DIGEST_SIZE, 'proof', 'PROOF_BROKEN');
  if (deepest !== undefined && isEmpty(deepest)) throw broken('proof', 'the deepest sibling is not empty');
}

function decodeSiblings(path: Buffer): Uint8Array[] {
  const depth = path.length < 2 ? 0 : path.readUInt16BE(0);
  const siblingsAt = 2 + bitmapSize(depth);
  if (depth > MAP_DEPTH_MAX || path.length < siblingsAt) throw malformed('mapProof', 'has a bitmap of at most 256 bits');
  const bitmap = path.subarray(2, siblingsAt);
  const given = path.subarray(siblingsAt);
  let used = 0;
  const siblings = Array.from({ length: depth }, (_, level) => {
    if (hasBit(bitmap, level)) return ZERO_DIGEST;
    used += DIGEST_SIZE;
    return given.subarray(used - DIGEST_SIZE, used);
  });
  if (given.length !== used) throw malformed('mapProof', 'has one hash for every sibling that is not empty');
  for (let bit = depth; bit < 8 * bitmap.length; bit += 1) {
    if (hasBit(bitmap, bit)) throw malformed('mapProof', 'spare bits are zero');
  }
  const isEmptyInFull = siblings.some((sibling, level) => !hasBit(bitmap, level) && isEmpty(sibling));
  if (isEmptyInFull || (depth > 0 && hasBit(bitmap, 0))) {
    throw malformed('mapProof', 'empty siblings stand in the bitmap, and the deepest is none');
  }
  return siblings;
}

function sharedBits(left: Uint8Array, right: Uint8Array): number {
  for (let depth = 0; depth < MAP_DEPTH_MAX; depth += 1) if (turnsRight(left, depth) !== turnsRight(right, depth)) return depth;
  return MAP_DEPTH_MAX;
}

function bitmapSize(depth: number): number {
  return Math.ceil(depth / 8);
}

function hasBit(bitmap: Uint8Array, bit: number): boolean {
  return turnsRight(bitmap, bit);
}

function setBit(bitmap: Buffer, bit: number): void {
  bitmap[bit >> 3] = (bitmap[bit >> 3] ?? 0) | (1 << (7 - (bit & 7)));
}

function isEmpty(sibling: Uint8Array): boolean {
  return sameBytes(sibling, ZERO_DIGEST);
}

function requireSizes(parts: Readonly<Record<string, Uint8Array>>): void {
  for (const [field, bytes] of Object.entries(parts)) requireSize(bytes, DIGEST_SIZE, field, 'PROOF_BROKEN');
}

function broken(field: string, rule: string): DomainError {
  return new DomainError('PROOF_BROKEN', { field, rule });
}
