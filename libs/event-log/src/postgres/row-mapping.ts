import type { LogRow } from '../log-reader.js';

/** A row of `event_log.event` as the driver gives it. */
export interface EventColumns {
  readonly position: string;
  readonly stream_id: string;
  readonly sequence: string;
  readonly event_id: string;
  readonly type: string;
  readonly header: Buffer;
  readonly entry: Buffer;
  readonly disclosures: Buffer;
}

export const EVENT_COLUMNS = 'e.position, e.stream_id, e.sequence, e.event_id, e.type, e.header, e.entry, e.disclosures';

export function toLogRow(columns: EventColumns): LogRow {
  return {
    position: BigInt(columns.position),
    streamId: columns.stream_id,
    sequence: BigInt(columns.sequence),
    eventId: columns.event_id,
    type: columns.type,
    header: columns.header,
    entry: columns.entry,
    disclosures: columns.disclosures,
  };
}
