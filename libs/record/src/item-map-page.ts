import { asBuffer, sameBytes } from '@countersign/merkle';
import { itemValueDigest, mapLeafHash, mapNodeHash, ZERO_DIGEST, type MapItem } from './item-heads.js';
import { altered } from './refusal.js';
import { DIGEST_SIZE, ITEM_KEY_SIZE } from './suite.js';

/** Levels of the map that one page holds: one hex digit of the item key. */
export const PAGE_LEVELS = 4;
const PAGE_SLOTS = 1 << PAGE_LEVELS;

const KINDS_SIZE = 4;
const COUNT_AT = ITEM_KEY_SIZE;
const CHAIN_AT = COUNT_AT + 8;
const LAST_AT = CHAIN_AT + DIGEST_SIZE;
const ITEM_SIZE = LAST_AT + 8;

/** What a slot holds, and what a subtree of a page holds: nothing, one item, or more. */
const NONE = 0;
const ONE = 1;
const MORE = 2;
const SLOT_SIZES = [0, ITEM_SIZE, DIGEST_SIZE] as const;

/** An item as the map keeps it. */
export interface ItemState {
  readonly itemKey: Uint8Array;
  /** Number of its entries, at least 1. */
  readonly count: number;
  /** Its chain after the last of them. */
  readonly chain: Uint8Array;
  /** Leaf index of the last of them. No hash commits to it: who follows it MUST hold the entries that it finds against the chain. */
  readonly lastIndex: number;
}

/** What is put into a slot: an item, or the hash of the page below that holds two or more. */
export type SlotContent = ItemState | { readonly subtree: Uint8Array };

/** Where a path through a page ends: at nothing, at one item, or at the page below. */
export type PathEnd =
  | { readonly kind: 'empty' }
  | { readonly kind: 'item'; readonly item: ItemState }
  | { readonly kind: 'below'; readonly hash: Uint8Array };

/**
 * Four levels of the map under one prefix of the item keys. A page is named by that prefix in hex; the root's name is empty. It never
 * changes: `with` gives another one.
 *
 * Content: kinds(4), two bits a slot, then for each slot in order an item (80 bytes: key, count, chain, last leaf index) or the hash of
 * the page below (32 bytes).
 */
export class MapPage {
  /** A page that holds nothing. */
  static readonly empty = new MapPage(Buffer.alloc(KINDS_SIZE));

  /**
   * Hashes of the page's subtrees in heap order: 1 is the page, 2n and 2n + 1 are below n, 16 to 31 are the slots. In the place of
   * node 0, which does not exist, one byte for each node: NONE, ONE or MORE.
   */
  #nodes: Buffer | undefined;

  private constructor(readonly content: Buffer) {}

  /**
   * Reads a stored page.
   *
   * @throws DomainError RECORD_ALTERED if it is none, or an item in it belongs under another prefix or into another slot
   */
  static decode(content: Uint8Array, name: string): MapPage {
    const page = new MapPage(joined([content]));
    if (page.content.length < KINDS_SIZE || page.content.length !== page.#offsetOf(PAGE_SLOTS)) throw torn();
    for (let slot = 0; slot < PAGE_SLOTS; slot += 1) {
      const item = page.itemAt(slot);
      if (item === undefined) continue;
      const path = asBuffer(item.itemKey).toString('hex');
      if (!path.startsWith(name + slot.toString(PAGE_SLOTS))) throw torn();
    }
    return page;
  }

  /** Hash of the subtree that this page is the top of. */
  hash(): Buffer {
    return this.#hashOf(1);
  }

  itemAt(slot: number): ItemState | undefined {
    if (this.#kindOf(slot) !== ONE) return undefined;
    const item = this.#partOf(slot);
    return {
      itemKey: item.subarray(0, COUNT_AT),
      count: Number(item.readBigUInt64BE(COUNT_AT)),
      chain: item.subarray(CHAIN_AT, LAST_AT),
      lastIndex: Number(item.readBigUInt64BE(LAST_AT)),
    };
  }

  /** Hash of the page below, if there is one. */
  subtreeAt(slot: number): Buffer | undefined {
    if (this.#kindOf(slot) !== MORE) return undefined;
    return this.#partOf(slot);
  }

  /** The page with other contents of some slots. */
  with(changes: ReadonlyMap<number, SlotContent>): MapPage {
    const kinds = Buffer.alloc(KINDS_SIZE);
    const parts: Uint8Array[] = [kinds];
    for (let slot = 0; slot < PAGE_SLOTS; slot += 1) {
      const change = changes.get(slot);
      const kind = change === undefined ? this.#kindOf(slot) : 'subtree' in change ? MORE : ONE;
      kinds[slot >> 2] = (kinds[slot >> 2] ?? 0) | (kind << (6 - 2 * (slot & 3)));
      parts.push(
        change === undefined ? this.content.subarray(this.#offsetOf(slot), this.#offsetOf(slot + 1)) : encodeSlot(change),
      );
    }
    const page = new MapPage(joined(parts));
    page.#inherit(this, changes.keys());
    return page;
  }

  /** Follows an item key down this page: where it ends, and the siblings on the way, the deepest first. */
  follow(digit: number): { readonly end: PathEnd; readonly siblings: Buffer[] } {
    const siblings: Buffer[] = [];
    let node = 1;
    for (let level = PAGE_LEVELS - 1; level >= 0 && this.#fillOf(node) === MORE; level -= 1) {
      node = 2 * node + ((digit >> level) & 1);
      siblings.unshift(this.#hashOf(node ^ 1));
    }
    return { siblings, end: this.#endAt(node) };
  }

  #endAt(node: number): PathEnd {
    if (this.#fillOf(node) === NONE) return { kind: 'empty' };
    let first = node;
    let width = 1;
    for (; first < PAGE_SLOTS; first *= 2) width *= 2;
    for (let slot = first - PAGE_SLOTS; slot < first - PAGE_SLOTS + width; slot += 1) {
      const item = this.itemAt(slot);
      if (item !== undefined) return { kind: 'item', item };
    }
    return { kind: 'below', hash: this.#hashOf(node) };
  }

  /** Takes over what the other page computed, but for the ways from these slots up. */
  #inherit(from: MapPage, slots: Iterable<number>): void {
    if (from.#nodes === undefined) return;
    this.#nodes = joined([from.#nodes]);
    this.#climb(this.#nodes, slots);
  }

  #computed(): Buffer {
    if (this.#nodes !== undefined) return this.#nodes;
    const nodes = Buffer.alloc(2 * PAGE_SLOTS * DIGEST_SIZE);
    this.#climb(nodes, Array(PAGE_SLOTS).keys());
    this.#nodes = nodes;
    return nodes;
  }

  /** Computes these slots anew, and then what stands above them, from the slots to the top. */
  #climb(nodes: Buffer, slots: Iterable<number>): void {
    const isChanged = new Uint8Array(2 * PAGE_SLOTS);
    for (const slot of slots) {
      const node = PAGE_SLOTS + slot;
      nodes[node] = this.#kindOf(slot);
      nodes.set(this.#slotHash(slot), node * DIGEST_SIZE);
      isChanged[node] = 1;
    }
    for (let node = PAGE_SLOTS - 1; node >= 1; node -= 1) {
      if (isChanged[2 * node] === 0 && isChanged[2 * node + 1] === 0) continue;
      merge(nodes, node);
      isChanged[node] = 1;
    }
  }

  #slotHash(slot: number): Uint8Array {
    const item = this.itemAt(slot);
    if (item === undefined) return this.subtreeAt(slot) ?? ZERO_DIGEST;
    const { itemKey, valueDigest } = mapItemOf(item);
    return mapLeafHash(itemKey, valueDigest);
  }

  #hashOf(node: number): Buffer {
    return this.#computed().subarray(node * DIGEST_SIZE, (node + 1) * DIGEST_SIZE);
  }

  #fillOf(node: number): number {
    return this.#computed()[node] ?? NONE;
  }

  #kindOf(slot: number): number {
    return ((this.content[slot >> 2] ?? 0) >> (6 - 2 * (slot & 3))) & 3;
  }

  #partOf(slot: number): Buffer {
    const at = this.#offsetOf(slot);
    return this.content.subarray(at, at + (SLOT_SIZES[this.#kindOf(slot)] ?? 0));
  }

  #offsetOf(slot: number): number {
    let offset = KINDS_SIZE;
    for (let before = 0; before < slot; before += 1) {
      const size = SLOT_SIZES[this.#kindOf(before)];
      if (size === undefined) throw torn();
      offset += size;
    }
    return offset;
  }
}

/** An item with the value digest that the map commits to. */
export function mapItemOf({ itemKey, count, chain }: ItemState): MapItem {
  return { itemKey, valueDigest: itemValueDigest(BigInt(count), chain) };
}

function merge(nodes: Buffer, node: number): void {
  const left = nodes[2 * node] ?? NONE;
  const right = nodes[2 * node + 1] ?? NONE;
  const hashAt = (at: number): Buffer => nodes.subarray(at * DIGEST_SIZE, (at + 1) * DIGEST_SIZE);
  // One item, at whatever depth, hashes as itself; so does nothing.
  const isOne = left + right <= ONE;
  const hash = isOne ? hashAt(left === ONE ? 2 * node : 2 * node + 1) : mapNodeHash(hashAt(2 * node), hashAt(2 * node + 1));
  nodes.set(hash, node * DIGEST_SIZE);
  nodes[node] = Math.min(left + right, MORE);
}

/** Memory of its own: a page that is kept for long keeps nothing else. */
function joined(parts: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.allocUnsafeSlow(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function encodeSlot(content: SlotContent): Uint8Array {
  if ('subtree' in content) return content.subtree;
  const item = Buffer.alloc(ITEM_SIZE);
  item.set(content.itemKey, 0);
  item.writeBigUInt64BE(BigInt(content.count), COUNT_AT);
  item.set(content.chain, CHAIN_AT);
  item.writeBigUInt64BE(BigInt(content.lastIndex), LAST_AT);
  return item;
}

function torn(): ReturnType<typeof altered> {
  return altered('mapPage', 'a stored page of the item map is whole');
}

/** @throws DomainError RECORD_ALTERED unless the page has the hash that stands above it */
export function requirePageHash(page: MapPage, expected: Uint8Array): void {
  if (!sameBytes(page.hash(), expected))
    throw altered('mapPage', 'a stored page of the item map has the hash that stands above it');
}
