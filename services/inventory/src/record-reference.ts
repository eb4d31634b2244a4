import type { LogReader } from '@countersign/event-log';
import { DomainError } from '@countersign/kernel';
import { recordDigest } from '@countersign/record';
import type { NamedRecord } from './named-record.js';

/** How a caller names a record. */
export interface RecordReference {
  readonly position: bigint;
  readonly recordDigest: Uint8Array;
}

/** Records by position. Immutable, so what it finds holds for the whole command. */
export type RecordReader = Pick<LogReader, 'readLog' | 'size'>;

/**
 * The record a caller means. The digest is computed from the stored bytes, so a reference also says what was seen.
 * @throws DomainError RECORD_REFERENCE_WRONG
 */
export async function findRecord(reader: RecordReader, reference: RecordReference, field: string): Promise<NamedRecord> {
  // A caller's position may be any 64-bit number; only those of the log are ever looked up.
  const [row] = reference.position < (await reader.size()) ? await reader.readLog(reference.position, 1) : [];
  if (row === undefined || row.position !== reference.position) throw new DomainError('RECORD_REFERENCE_WRONG', { field });
  const digest = recordDigest(row.header);
  if (!digest.equals(reference.recordDigest)) throw new DomainError('RECORD_REFERENCE_WRONG', { field });
  return {
    streamId: row.streamId,
    sequence: Number(row.sequence),
    position: row.position.toString(),
    recordDigest: digest.toString('base64url'),
  };
}
