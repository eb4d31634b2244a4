import { createHash } from 'node:crypto';
import { CompactRange, HASH_SIZE, sha256, type NodeSink } from '@countersign/merkle';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { fromPeers } from '../workload/peer-modules.js';
import { measurementOf, repeat } from './micro-work.js';

const ENTRY_BYTES = 105;
const TILE_LEVELS = 8;
const APPENDS_AT_ONCE = 1_000;

interface PeerTree {
  getRoot(): Buffer;
  getLeafCount(): number;
}
type PeerTreeClass = new (leaves: readonly Buffer[], hash: (value: Buffer) => Buffer) => PeerTree;

/** Builds the whole tree of some entries, again and again: by ours, naively, or by merkletreejs. Units are leaves. */
export function measureTree(options: VariantOptions): Promise<Measurement> {
  const leaves = Number(options.parameters['leaves']);
  const entries = entriesOf(leaves);
  const how = String(options.parameters['how']);
  if (how === 'merkletreejs') return Promise.resolve(measurePeer(options, entries));
  const build = how === 'naive' ? naiveRoot : integrate;
  const work = repeat(options, () => {
    build(entries);
    return leaves;
  });
  const refused = build(entries).equals(how === 'naive' ? integrate(entries) : naiveRoot(entries)) ? undefined : 'another root';
  return Promise.resolve(measurementOf(options, work, refused, { leaves }));
}

/** Units are appended leaves, or rebuilt trees. */
export function measureGrowth(options: VariantOptions): Promise<Measurement> {
  const leaves = Number(options.parameters['leaves']);
  const entries = entriesOf(leaves + APPENDS_AT_ONCE);
  const standing = entries.slice(0, leaves);
  const settings = { leaves };
  if (options.parameters['how'] === 'rebuild') {
    const work = repeat(options, () => {
      integrate(standing);
      return 1;
    });
    return Promise.resolve(measurementOf(options, work, undefined, settings));
  }
  const state = rangeOf(standing);
  const from = { size: state.size, hashes: state.hashes() };
  const grow = (): CompactRange => {
    const range = CompactRange.restore(from);
    const keep = tileKeeper(APPENDS_AT_ONCE + 1);
    for (const entry of entries.slice(leaves)) {
      range.appendEntry(entry, keep, TILE_LEVELS);
      range.root();
    }
    return range;
  };
  const work = repeat(options, () => {
    grow();
    return APPENDS_AT_ONCE;
  });
  const refused = grow().root().equals(rangeOf(entries).root()) ? undefined : 'another root';
  return Promise.resolve(measurementOf(options, work, refused, settings));
}

/** As the anchoring service integrates: leaf hashes, the compact range, and the hashes that its tiles keep. */
function integrate(entries: readonly Buffer[]): Buffer {
  return rangeOf(entries).root();
}

function rangeOf(entries: readonly Buffer[]): CompactRange {
  const range = CompactRange.empty();
  const keep = tileKeeper(entries.length);
  for (const entry of entries) range.appendEntry(entry, keep, TILE_LEVELS);
  return range;
}

/** Keeps what tiles keep, one after the other. */
function tileKeeper(leaves: number): NodeSink {
  const kept = Buffer.allocUnsafe(HASH_SIZE * (leaves + Math.ceil(leaves / 128)));
  let size = 0;
  return (_level, _index, hashes, at) => {
    size += hashes.copy(kept, size, at, at + HASH_SIZE);
  };
}

/** RFC 6962 section 2.1 as it stands there. */
function naiveRoot(entries: readonly Buffer[]): Buffer {
  if (entries.length === 1) return digest(Buffer.concat([Buffer.of(0), entries[0] ?? Buffer.alloc(0)]));
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  return digest(Buffer.concat([Buffer.of(1), naiveRoot(entries.slice(0, split)), naiveRoot(entries.slice(split))]));
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Best setting: it is given leaf hashes, so it hashes half as much; it knows no domain separation. */
function measurePeer(options: VariantOptions, entries: readonly Buffer[]): Measurement {
  const { MerkleTree } = fromPeers<{ readonly MerkleTree: PeerTreeClass }>(String(options.parameters['peers']), 'merkletreejs');
  const hashes = entries.map((entry) => sha256(entry));
  let tree: PeerTree | undefined;
  const work = repeat(options, () => {
    tree = new MerkleTree(hashes, digest);
    return hashes.length;
  });
  const refused = tree?.getLeafCount() === hashes.length && tree.getRoot().length === 32 ? undefined : 'leaves are missing';
  return measurementOf(options, work, refused, { leaves: hashes.length, leafHashing: 'not included' });
}

/** All different, in one piece of memory. */
function entriesOf(count: number): Buffer[] {
  const bytes = Buffer.alloc(count * ENTRY_BYTES, 7);
  return Array.from({ length: count }, (_, index) => {
    const entry = bytes.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES);
    entry.writeUInt32BE(index, 1);
    entry.writeUInt32BE((index * 2_654_435_761) >>> 0, 40);
    return entry;
  });
}
