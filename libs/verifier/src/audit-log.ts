import { CompactRange, leafHash, sameBytes } from '@countersign/merkle';
import { parseEntry, recordDigest } from '@countersign/record';
import type { Verdict } from './report.js';

/** One record as its service stores it now. */
export interface StoredRecord {
  readonly position: number;
  readonly streamId: string;
  readonly header: Uint8Array;
  /** Entry as stored beside the header. */
  readonly entry: Uint8Array;
  /** Item key of the stored stream id. */
  readonly itemKey: Uint8Array;
}

/** A head of the log that somebody vouches for: its signed checkpoint, or the chain. */
export interface VouchedHead {
  /** Who vouches, as the report names it, e.g. `checkpoint` or `chain`. */
  readonly by: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** One record, or one head, that does not agree with what was committed. */
export interface Finding {
  readonly verdict: Verdict;
  /** Leaf index; absent if the finding is about a whole head. */
  readonly index?: number;
  readonly streamId?: string;
  readonly reason: string;
}

export interface LogAuditReport {
  readonly origin: string;
  /** Entries that were committed to the tree and read. */
  readonly committed: number;
  /** Records that agree with their entry. */
  readonly sound: number;
  /** Records stored but not in the tree yet. */
  readonly pending: number;
  readonly heads: readonly { readonly by: string; readonly size: number; readonly holds: boolean }[];
  readonly findings: readonly Finding[];
  readonly holds: boolean;
}

interface Mismatch {
  readonly index: number;
  readonly streamId: string;
  readonly stored: string;
  readonly committed: string;
  readonly reason: string;
}

/** The comparison so far. */
interface Audit {
  readonly findings: Finding[];
  readonly mismatches: Mismatch[];
  /** Records that agree with their entry. */
  sound: number;
}

/**
 * Compares what a service stores with what was committed to its log, record by record, and the entries with every vouched head.
 * The committed entries come from somebody else than the service (the anchoring service, a mirror), which is what locates tampering.
 *
 * @param log.stored records in position order, as stored
 * @param log.committed entries in index order from 0; read up to the largest vouched head, as nobody vouches for more
 */
export async function auditLog(log: {
  readonly origin: string;
  readonly stored: AsyncIterable<StoredRecord>;
  readonly committed: AsyncIterable<Uint8Array>;
  readonly heads: readonly VouchedHead[];
  readonly onProgress?: (index: number) => void;
}): Promise<LogAuditReport> {
  const stored = new Cursor(log.stored[Symbol.asyncIterator]());
  const audit: Audit = { findings: [], mismatches: [], sound: 0 };
  const range = CompactRange.empty();
  const wanted = new Set(log.heads.map((head) => head.size));
  const vouched = Math.max(0, ...wanted);
  const roots = new Map<number, Uint8Array>([[0, range.root()]]);
  let index = 0;
  for await (const entry of log.committed) {
    if (index === vouched) break;
    await compareAt(index, entry, stored, audit);
    range.append(leafHash(entry));
    index += 1;
    if (wanted.has(index)) roots.set(index, range.root());
    if (index % 4096 === 0) log.onProgress?.(index);
  }
  const pending = await countPending(index, stored, audit);
  const { findings, mismatches, sound } = audit;
  const heads = log.heads.map((head) => checkHead(head, roots, findings));
  findings.push(...classify(mismatches));
  findings.sort((a, b) => (a.index ?? -1) - (b.index ?? -1));
  return { origin: log.origin, committed: index, sound, pending, heads, findings, holds: findings.length === 0 };
}

/** The next record and those before it, which stand at a position that had its record already. */
async function compareAt(index: number, entry: Uint8Array, stored: Cursor<StoredRecord>, audit: Audit): Promise<void> {
  await skipInserted(index, stored, audit);
  const record = await stored.peek();
  if (record?.position !== index) {
    audit.findings.push({ verdict: 'MISSING', index, reason: 'the record is committed but no longer stored' });
    return;
  }
  stored.take();
  const mismatch = compare(record, entry);
  if (mismatch === undefined) audit.sound += 1;
  else audit.mismatches.push(mismatch);
}

async function skipInserted(index: number, stored: Cursor<StoredRecord>, { findings }: Audit): Promise<void> {
  for (let record = await stored.peek(); record !== undefined && record.position < index; record = await stored.peek()) {
    const { position, streamId } = record;
    findings.push({ verdict: 'INSERTED', index: position, streamId, reason: 'a further record is stored at this position' });
    stored.take();
  }
}

async function countPending(committed: number, stored: Cursor<StoredRecord>, audit: Audit): Promise<number> {
  await skipInserted(committed, stored, audit);
  let pending = 0;
  for (; (await stored.peek()) !== undefined; stored.take()) pending += 1;
  return pending;
}

/** Looks at the next element without taking it. */
class Cursor<T> {
  #next: Promise<IteratorResult<T, unknown>> | undefined;

  constructor(private readonly iterator: AsyncIterator<T, unknown>) {}

  async peek(): Promise<T | undefined> {
    const next = await (this.#next ??= this.iterator.next());
    return next.done === true ? undefined : next.value;
  }

  take(): void {
    this.#next = undefined;
  }
}

/** Recomputes the entry from the stored header bytes; anything that differs from the committed entry is named. */
function compare(record: StoredRecord, committedBytes: Uint8Array): Mismatch | undefined {
  const committed = parseEntry(committedBytes);
  const digest = recordDigest(record.header).toString('hex');
  const at = {
    index: record.position,
    streamId: record.streamId,
    stored: digest,
    committed: committed.recordDigest.toString('hex'),
  };
  if (at.stored !== at.committed) return { ...at, reason: 'the stored header is not the one that was committed' };
  if (!committed.itemKey.equals(record.itemKey)) {
    return { ...at, reason: 'the stored stream id is not the one that was committed' };
  }
  if (!sameBytes(record.entry, committedBytes)) {
    return { ...at, reason: 'the stored entry is not the one that was committed' };
  }
  return undefined;
}

/** A changed record whose stored content is another record's committed content was moved, not edited (T05). */
function classify(mismatches: readonly Mismatch[]): Finding[] {
  const committedAt = new Map(mismatches.map((mismatch) => [mismatch.committed, mismatch.index]));
  return mismatches.map(({ index, streamId, stored, committed, reason }) => {
    const from = stored === committed ? undefined : committedAt.get(stored);
    return from === undefined
      ? { verdict: 'ALTERED', index, streamId, reason }
      : { verdict: 'REORDERED', index, streamId, reason: `the record of leaf ${from} is stored here` };
  });
}

function checkHead(
  head: VouchedHead,
  roots: ReadonlyMap<number, Uint8Array>,
  findings: Finding[],
): { by: string; size: number; holds: boolean } {
  const root = roots.get(head.size);
  if (root === undefined) {
    findings.push({ verdict: 'ROLLED_BACK', reason: `${head.by} vouches for ${head.size} entries, fewer are held` });
  } else if (!sameBytes(root, head.root)) {
    findings.push({ verdict: 'FORKED', reason: `${head.by} vouches for another root at size ${head.size}` });
  }
  return { by: head.by, size: head.size, holds: root !== undefined && sameBytes(root, head.root) };
}
