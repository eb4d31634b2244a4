import type { Checks } from './report.js';
import { Fault } from './report.js';
import type { VerifiedRecord } from './verify-record.js';

/**
 * Holds the records of one stream to be a gap-free chain from sequence 0, and stops at the first fault: what follows a gap is out of
 * place because of it.
 */
export function verifyOrder(records: readonly VerifiedRecord[], subject: string, checks: Checks): boolean {
  const holds = checks.attempt('stream-order', subject, 'ALTERED', () => {
    requireOrder(records);
    return true;
  });
  return holds === true;
}

/** @throws Fault */
function requireOrder(records: readonly VerifiedRecord[]): void {
  if (records.length === 0) throw new Fault('MISSING', 'the stream has no record');
  const sequences = new Set(records.map(({ sequence }) => sequence));
  let previous: VerifiedRecord | undefined;
  for (const [at, record] of records.entries()) {
    // Without a sequence it is ALTERED by its own check.
    if (record.sequence !== undefined) {
      requireSequence(record, record.sequence, BigInt(at), sequences);
      if (previous !== undefined) requireLink(record, previous);
    }
    previous = record;
  }
}

function requireSequence(
  { index }: VerifiedRecord,
  sequence: bigint,
  at: bigint,
  sequences: ReadonlySet<bigint | undefined>,
): void {
  if (sequence === at) return;
  if (sequence < at)
    throw new Fault('INSERTED', `record ${at} (leaf ${index}): sequence ${sequence} stands a second time`, index);
  throw sequences.has(at)
    ? new Fault('REORDERED', `record ${at} (leaf ${index}): sequence ${sequence} stands before sequence ${at}`, index)
    : new Fault('MISSING', `record ${at} (leaf ${index}): sequence ${at} is missing`, index);
}

function requireLink({ index, sequence, full }: VerifiedRecord, previous: VerifiedRecord): void {
  const where = `record ${sequence} (leaf ${index})`;
  if (index <= previous.index) throw new Fault('REORDERED', `${where}: its leaf comes before its predecessor`, index);
  // A bare record names no predecessor; of one that cannot be read there is nothing to be named.
  if (full === undefined || previous.digest === undefined || full.header.prev?.equals(previous.digest) === true) return;
  // The predecessor's own digest check says which of the two was altered; this one says that they do not belong together.
  throw new Fault('ALTERED', `${where}: it does not name its predecessor`, index);
}
