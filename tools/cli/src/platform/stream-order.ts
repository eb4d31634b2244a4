import { leafHash, verifyInclusion } from '@countersign/merkle';
import { parseEntry } from '@countersign/record';
import type { Trust } from '@countersign/verifier';
import type { PlatformClients } from './clients.js';
import { proveLog } from './proven-log.js';

/** Where a stored record stands by what was committed at its leaf. */
export interface Place {
  /** Leaf index. */
  readonly position: bigint;
  /** Sequence within the stream. */
  readonly sequence: bigint;
}

/** One record that was committed and that the stream does not hold any more. Its leaf lies between two that are held. */
export interface Gap {
  readonly sequence: bigint;
  readonly after: bigint;
  readonly before: bigint;
}

/** What does not agree about the order of a stream. */
export interface StreamOrder {
  /** Leaves whose records do not stand where their sequence belongs. */
  readonly misplaced: ReadonlySet<bigint>;
  /** Leaves whose sequence another leaf of the stream was committed with before. */
  readonly repeated: ReadonlySet<bigint>;
  /** The first of them; an entry can name any sequence. */
  readonly gaps: readonly Gap[];
}

/** Missing records that are named one by one. */
const GAPS_MAX = 100;

/**
 * Compares the order in which records are stored with the order in which they were committed. What is missing at the end of a stream
 * cannot be seen here: the audit of the whole log names it.
 */
export function streamOrder(stored: readonly Place[]): StreamOrder {
  const committed = stored.toSorted((a, b) => (a.sequence < b.sequence ? -1 : a.sequence > b.sequence ? 1 : 0));
  const misplaced = stored.filter(({ position }, rank) => committed[rank]?.position !== position);
  const repeated = new Set<bigint>();
  const gaps: Gap[] = [];
  let next = 0n;
  let after = -1n;
  for (const { sequence, position } of committed) {
    if (sequence < next) repeated.add(position);
    for (; next < sequence && gaps.length < GAPS_MAX; next += 1n) gaps.push({ sequence: next, after, before: position });
    next = sequence + 1n;
    after = position;
  }
  return { misplaced: new Set(misplaced.map(({ position }) => position)), repeated, gaps };
}

/** Leaves searched for one missing record. */
const SEARCHED_MAX = 10_000n;

/**
 * The leaf of a missing record: the one between its neighbours that was committed for this item and sequence.
 * @returns undefined if no more than the neighbours can be told
 */
export async function locateGap(
  clients: PlatformClients,
  logId: string,
  itemKey: Uint8Array,
  { sequence, after, before }: Gap,
  trust: Trust,
): Promise<bigint | undefined> {
  if (before - after - 1n > SEARCHED_MAX) return undefined;
  const between = Array.from({ length: Number(before - after - 1n) }, (_, at) => after + 1n + BigInt(at));
  if (between.length === 0) return undefined;
  const { byIndex, size, root } = await proveLog(clients, logId, between, trust);
  for (const { index, entry, path } of byIndex.values()) {
    const committed = parseEntry(entry);
    if (committed.sequence !== sequence || Buffer.compare(committed.itemKey, itemKey) !== 0) continue;
    verifyInclusion({ leafHash: leafHash(entry), index: Number(index), size, proof: path, root });
    return index;
  }
  return undefined;
}
