import { eventsOf, requireIntact, type LogReader, type LogRow } from '@countersign/event-log';
import { DomainError, type DomainEvent, type StreamDefinition } from '@countersign/kernel';
import { recordDigest } from '@countersign/record';
import type { NamedRecord } from './named-record.js';

/** How a caller names a record. */
export interface RecordReference {
  readonly position: bigint;
  readonly recordDigest: Uint8Array;
}

/** Records by position. Immutable, so what it finds holds for the whole command. */
export type RecordReader = Pick<LogReader, 'readLog' | 'size'>;
/** The same, with their content. */
export type ContentReader = RecordReader & Pick<LogReader, 'openRow'>;

/** A record that a command names, with what it says. */
export interface NamedContent<Event> {
  readonly record: NamedRecord;
  /** In today's words; empty if the record is of another stream. */
  readonly events: readonly Event[];
}

/**
 * The record a caller means. The digest is computed from the stored bytes, so a reference also says what was seen.
 * @throws DomainError RECORD_REFERENCE_WRONG
 */
export async function findRecord(reader: RecordReader, reference: RecordReference, field: string): Promise<NamedRecord> {
  return nameOf(await findRow(reader, reference, field));
}

/**
 * The same with its content, if it is of the stream that the command is about; no other stream's content is looked at.
 * @throws DomainError RECORD_REFERENCE_WRONG, RECORD_ALTERED, EVENT_TYPE_UNKNOWN, EVENT_FIELD_UNKNOWN, UNIT_KEY_MISSING
 */
export async function findContent<State, Event extends DomainEvent>(
  reader: ContentReader,
  reference: RecordReference,
  field: string,
  stream: { readonly definition: StreamDefinition<State, Event>; readonly key: string },
): Promise<NamedContent<Event>> {
  const row = await findRow(reader, reference, field);
  const record = nameOf(row);
  if (row.streamId !== `${stream.definition.category}/${stream.key}`) return { record, events: [] };
  const opened = requireIntact(await reader.openRow(row));
  const { streamId, sequence } = row;
  if (opened.withheld.length > 0)
    throw new DomainError('UNIT_KEY_MISSING', { context: { streamId, sequence: String(sequence) } });
  return { record, events: eventsOf(stream.definition, opened) };
}

async function findRow(reader: RecordReader, reference: RecordReference, field: string): Promise<LogRow> {
  // A caller's position may be any 64-bit number; only those of the log are ever looked up.
  const [row] = reference.position < (await reader.size()) ? await reader.readLog(reference.position, 1) : [];
  if (row === undefined || row.position !== reference.position) throw new DomainError('RECORD_REFERENCE_WRONG', { field });
  if (!recordDigest(row.header).equals(reference.recordDigest)) throw new DomainError('RECORD_REFERENCE_WRONG', { field });
  return row;
}

function nameOf({ streamId, sequence, position, header }: LogRow): NamedRecord {
  return {
    streamId,
    sequence: Number(sequence),
    position: position.toString(),
    recordDigest: recordDigest(header).toString('base64url'),
  };
}
