import type { EventSchema, JsonValue } from '@countersign/kernel';
import type { BrokenRule } from './header-fields.js';
import { isTimestamp } from './timestamp.js';

/** Leaf 0 of every log, in stream `log/<origin>` at sequence 0: names the log it opens by its log id in hex. */
export const LOG_OPENED = {
  type: 'countersign.log.LogOpened.v1',
  fields: { logId: 'public' },
} as const satisfies EventSchema;

/** Announces that the log ends; the chain, not this record, closes it (formats §6). Reserved. */
export const LOG_CLOSED = {
  type: 'countersign.log.LogClosed.v1',
  fields: { logId: 'public', reason: 'public', successorLogId: 'public' },
} as const satisfies EventSchema;

/** A key of the log's service was replaced; the retired key's signature over `keyRotationMessage` stands beside it. Reserved. */
export const KEY_ROTATED = {
  type: 'countersign.log.KeyRotated.v1',
  fields: { keyUse: 'public', retiredKey: 'public', newKey: 'public', validFrom: 'public', signature: 'public' },
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

/** The parts of a record that a system type has rules about. */
export interface SystemRecord {
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly sequence: bigint;
  readonly sd: readonly string[];
  readonly publicData: Readonly<Record<string, JsonValue>>;
}

interface ValueRule {
  readonly rule: string;
  readonly optional?: true;
  readonly holds: (text: string) => boolean;
}

const hex = (size: number): ValueRule => ({
  rule: `must be ${size} bytes in lower-case hex`,
  holds: (text) => text.length === 2 * size && /^[0-9a-f]+$/.test(text),
});
const words: ValueRule = { rule: 'must be 1 to 256 characters', holds: (text) => text.length >= 1 && text.length <= 256 };

const SYSTEM_RULES: Readonly<Record<string, Readonly<Record<string, ValueRule>>>> = {
  [LOG_OPENED.type]: { logId: hex(32) },
  [LOG_CLOSED.type]: { logId: hex(32), reason: words, successorLogId: { ...hex(32), optional: true } },
  [KEY_ROTATED.type]: {
    keyUse: { rule: 'must be 1 to 32 of a–z and -', holds: (text) => /^[a-z-]{1,32}$/.test(text) },
    retiredKey: hex(32),
    newKey: hex(32),
    validFrom: { rule: 'must be an RFC 3339 time with an offset', holds: isTimestamp },
    signature: { ...hex(64), optional: true },
  },
  [ERASED.type]: { recordDigest: hex(32), sdDigest: hex(32), keyId: hex(16), ground: words, authority: words },
  [COVER.type]: {},
};

/** Types that only the stream `log/<origin>` may hold. */
const OWN_STREAM_ONLY: ReadonlySet<string> = new Set([LOG_OPENED.type, LOG_CLOSED.type]);

/** Which rule a record of context `log` breaks, if any; other records have none here. */
export function findBrokenSystemRule(record: SystemRecord): BrokenRule | undefined {
  if (!record.type.startsWith('countersign.log.')) return undefined;
  const rules = SYSTEM_RULES[record.type];
  if (rules === undefined) return { field: 'type', rule: 'is not one of the system types' };
  if (record.sd.length > 0) return { field: 'data._sd', rule: 'is empty in a system record' };
  const foreign = Object.keys(record.publicData).some((name) => !Object.hasOwn(rules, name));
  if (foreign) return { field: 'data', rule: 'holds a field that this system type does not have' };
  for (const [name, { rule, optional, holds }] of Object.entries(rules)) {
    const value = record.publicData[name];
    if (value === undefined && optional) continue;
    if (typeof value !== 'string' || !holds(value)) return { field: `data.${name}`, rule };
  }
  return findMisplaced(record);
}

function findMisplaced({ type, source, subject, sequence }: SystemRecord): BrokenRule | undefined {
  if (OWN_STREAM_ONLY.has(type) && subject !== logStreamId(source)) return { field: 'subject', rule: 'must be log/<source>' };
  if (type === LOG_OPENED.type && sequence !== 0n) return { field: 'sequence', rule: 'a log is opened at sequence 0' };
  return undefined;
}
