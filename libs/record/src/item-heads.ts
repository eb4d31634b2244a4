import { asBuffer, sha256 } from '@countersign/merkle';
import { invalid, malformed, requireSize } from './refusal.js';
import { DIGEST_SIZE, domainPrefix, ITEM_KEY_SIZE, u64, U64_MAX } from './suite.js';

// Preimages are filled in place: hashing is synchronous and nothing here re-enters, so one of each is enough.
const chainPreimage = preimage('item-chain', DIGEST_SIZE + 8 + DIGEST_SIZE);
const valuePreimage = preimage('map-value', 8 + DIGEST_SIZE);
const leafPreimage = preimage('map-leaf', ITEM_KEY_SIZE + DIGEST_SIZE);
const nodePreimage = preimage('map-node', 2 * DIGEST_SIZE);

const HEADS_VERSION = 1;
const HEADS_ROOT_AT = 1 + 8;
const HEADS_MAP_AT = HEADS_ROOT_AT + DIGEST_SIZE;
const HEADS_ENTRY_SIZE = HEADS_MAP_AT + DIGEST_SIZE;

/** An item's chain before its first entry, and the hash of an empty subtree of the map: 32 zero bytes. MUST NOT be written to. */
export const ZERO_DIGEST: Uint8Array = new Uint8Array(DIGEST_SIZE);

/** chain_i = SHA-256(`countersign/item-chain/v1\0` ‖ chain_{i−1} ‖ leaf index(8) ‖ leaf hash) (formats §7). */
export function extendItemChain(chain: Uint8Array, leafIndex: bigint, leafHash: Uint8Array): Buffer {
  requireSize(chain, DIGEST_SIZE, 'chain');
  requireSize(leafHash, DIGEST_SIZE, 'leafHash');
  requireU64(leafIndex, 'leafIndex');
  const { bytes, at } = chainPreimage;
  bytes.set(chain, at);
  bytes.writeBigUInt64BE(leafIndex, at + DIGEST_SIZE);
  bytes.set(leafHash, at + DIGEST_SIZE + 8);
  return sha256(bytes);
}

/** Value digest of an item: SHA-256(`countersign/map-value/v1\0` ‖ count(8) ‖ chain). */
export function itemValueDigest(count: bigint, chain: Uint8Array): Buffer {
  requireSize(chain, DIGEST_SIZE, 'chain');
  requireU64(count, 'count');
  const { bytes, at } = valuePreimage;
  bytes.writeBigUInt64BE(count, at);
  bytes.set(chain, at + 8);
  return sha256(bytes);
}

/** Hash of a map subtree that holds one item. */
export function mapLeafHash(itemKey: Uint8Array, valueDigest: Uint8Array): Buffer {
  requireSize(itemKey, ITEM_KEY_SIZE, 'itemKey');
  requireSize(valueDigest, DIGEST_SIZE, 'valueDigest');
  const { bytes, at } = leafPreimage;
  bytes.set(itemKey, at);
  bytes.set(valueDigest, at + ITEM_KEY_SIZE);
  return sha256(bytes);
}

/** Hash of a map subtree that holds more than one item. */
export function mapNodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  requireSize(left, DIGEST_SIZE, 'left');
  requireSize(right, DIGEST_SIZE, 'right');
  const { bytes, at } = nodePreimage;
  bytes.set(left, at);
  bytes.set(right, at + DIGEST_SIZE);
  return sha256(bytes);
}

/** One item of the map. */
export interface MapItem {
  readonly itemKey: Uint8Array;
  readonly valueDigest: Uint8Array;
}

/**
 * Root of the compact sparse Merkle map over these items, computed from scratch. The map that is kept up to date is built with
 * the item heads; this is what it must equal.
 *
 * @param depth of the subtree that holds them, if it is not the whole map
 * @throws DomainError FIELD_INVALID if an item key is repeated
 */
export function itemMapRoot(items: readonly MapItem[], depth = 0): Buffer {
  return subtreeHash(items, depth);
}

/** Whether an item's path turns right (1) at that depth: bits most significant first. */
export function turnsRight(itemKey: Uint8Array, depth: number): boolean {
  return (((itemKey[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1) === 1;
}

/** What an entry of the heads log says: the map over the entries of this base checkpoint has this root. */
export interface HeadsEntry {
  readonly baseSize: bigint;
  readonly baseRoot: Uint8Array;
  readonly mapRoot: Uint8Array;
}

/** version(1) ‖ base size(8) ‖ base root(32) ‖ map root(32). */
export function encodeHeadsEntry({ baseSize, baseRoot, mapRoot }: HeadsEntry): Buffer {
  requireU64(baseSize, 'baseSize');
  requireSize(baseRoot, DIGEST_SIZE, 'baseRoot');
  requireSize(mapRoot, DIGEST_SIZE, 'mapRoot');
  return Buffer.concat([Buffer.from([HEADS_VERSION]), u64(baseSize), baseRoot, mapRoot]);
}

/** @throws DomainError RECORD_MALFORMED */
export function parseHeadsEntry(bytes: Uint8Array): HeadsEntry {
  const entry = asBuffer(bytes);
  if (entry[0] !== HEADS_VERSION || entry.length !== HEADS_ENTRY_SIZE) {
    throw malformed('headsEntry', `has version ${HEADS_VERSION} and ${HEADS_ENTRY_SIZE} bytes`);
  }
  return {
    baseSize: entry.readBigUInt64BE(1),
    baseRoot: entry.subarray(HEADS_ROOT_AT, HEADS_MAP_AT),
    mapRoot: entry.subarray(HEADS_MAP_AT),
  };
}

function subtreeHash(items: readonly MapItem[], depth: number): Buffer {
  const [only] = items;
  if (only === undefined) return Buffer.from(ZERO_DIGEST);
  if (items.length === 1) return mapLeafHash(only.itemKey, only.valueDigest);
  if (depth === 8 * ITEM_KEY_SIZE) throw invalid('itemKey', 'must not be repeated');
  const isRight = ({ itemKey }: MapItem): boolean => turnsRight(itemKey, depth);
  const left = items.filter((item) => !isRight(item));
  const right = items.filter(isRight);
  return mapNodeHash(subtreeHash(left, depth + 1), subtreeHash(right, depth + 1));
}

/** The prefix of a use, with room behind it. */
function preimage(use: string, size: number): { readonly bytes: Buffer; readonly at: number } {
  const prefix = domainPrefix(use);
  return { bytes: Buffer.concat([prefix, Buffer.alloc(size)]), at: prefix.length };
}

function requireU64(value: bigint, field: string): void {
  if (value < 0n || value > U64_MAX) throw invalid(field, 'must be within 0 … 2^64 − 1');
}
