import type { EventSchema } from '@countersign/kernel';

/** Leaf 0 of every log, alone in stream `log/<origin>` at sequence 0: names the log it opens, in hex. */
export const LOG_OPENED = {
  type: 'countersign.log.LogOpened.v1',
  fields: { logId: 'public' },
} as const satisfies EventSchema;

/** Announces that the log ends; the chain, not this record, closes it (formats §6). Reserved. */
export const LOG_CLOSED = {
  type: 'countersign.log.LogClosed.v1',
  fields: { logId: 'public', reason: 'public', successorLogId: 'public' },
} as const satisfies EventSchema;

/** A key of the log's service was replaced. Reserved. */
export const KEY_ROTATED = {
  type: 'countersign.log.KeyRotated.v1',
  fields: { keyUse: 'public', retiredKey: 'public', newKey: 'public', validFrom: 'public' },
} as const satisfies EventSchema;

/** One disclosure's key was destroyed, on this ground, by this authority (formats §3). Reserved. */
export const ERASED = {
  type: 'countersign.log.Erased.v1',
  fields: { recordDigest: 'public', sdDigest: 'public', keyId: 'public', ground: 'public', authority: 'public' },
} as const satisfies EventSchema;

/** Says nothing; hides how much happens. Reserved. */
export const COVER = {
  type: 'countersign.log.Cover.v1',
  fields: {},
} as const satisfies EventSchema;

/** All system types: reserved names that no service's own schema may use. */
export const SYSTEM_EVENTS: readonly EventSchema[] = [LOG_OPENED, LOG_CLOSED, KEY_ROTATED, ERASED, COVER];

/** The stream that carries a log's own events. */
export function logStreamId(origin: string): string {
  return `log/${origin}`;
}
