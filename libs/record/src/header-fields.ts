import { isLabel } from './label.js';
import { isOrigin, isStreamId } from './origin.js';
import { isDigestText } from './payload.js';
import { SUITE, U64_MAX } from './suite.js';
import { isTimestamp } from './timestamp.js';

/** What a header field may hold. `data` is not among them: it is the one field that is not a string. */
interface FieldRule {
  readonly rule: string;
  readonly optional?: true;
  readonly holds: (value: string) => boolean;
}

/** Which field breaks which rule; names no value. */
export interface BrokenRule {
  readonly field: string;
  readonly rule: string;
}

const ZERO_DIGEST = 'A'.repeat(43);
const visible = (max: number): FieldRule => ({
  rule: `must be 1 to ${max} visible ASCII characters`,
  holds: (value) => value.length <= max && /^[!-~]+$/.test(value),
});
const exactly = (text: string): FieldRule => ({ rule: `must be ${text}`, holds: (value) => value === text });
const time: FieldRule = { rule: 'must be an RFC 3339 time with an offset', holds: isTimestamp };
const digest: FieldRule = { rule: 'must be base64url of 32 bytes', holds: isDigestText };

/** The closed list of formats §2, in the order in which RFC 8785 writes it. Anything else in a header is refused. */
export const HEADER_FIELDS: Readonly<Record<string, FieldRule>> = {
  actingfor: visible(64),
  actor: visible(128),
  authorsig: {
    rule: 'must be <kid>.EdDSA.<signature in base64url>',
    optional: true,
    holds: (value) => /^[A-Za-z0-9_-]{1,128}\.EdDSA\.[A-Za-z0-9_-]{85}[AQgw]$/.test(value),
  },
  causationid: { ...visible(128), optional: true },
  claim: {
    rule: 'must be base64url of 32 bytes, not all zero',
    optional: true,
    holds: (value) => isDigestText(value) && value !== ZERO_DIGEST,
  },
  correlationid: visible(128),
  datacontenttype: exactly('application/json'),
  id: {
    rule: 'must be a UUIDv7 in lower case',
    holds: (value) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(value),
  },
  label: { rule: 'must be the canonical text of a label', holds: isLabel },
  policy: visible(64),
  prev: { ...digest, optional: true },
  recordedtime: time,
  salt: digest,
  sequence: {
    rule: 'must be 20 decimal digits, at most 2^64 − 1',
    holds: (value) => /^\d{20}$/.test(value) && BigInt(value) <= U64_MAX,
  },
  source: { rule: 'must be a log origin', holds: isOrigin },
  specversion: exactly('1.0'),
  subject: {
    rule: 'must be a stream id <category>/<key> of at most 256 visible ASCII characters',
    holds: isStreamId,
  },
  suite: exactly(SUITE),
  time,
  type: {
    rule: 'must be countersign.<context>.<Event>.v<n>',
    holds: (value) => value.length <= 128 && /^countersign\.[a-z][a-z0-9-]*\.[A-Z][A-Za-z0-9]*\.v[1-9]\d{0,8}$/.test(value),
  },
};

/** Listed once: every record that is built or read is held against it. */
const RULES = Object.entries(HEADER_FIELDS);

/** Which field of a header breaks its rule, if any. Whether all required ones are there is included. */
export function findBrokenField(header: Readonly<Record<string, unknown>>): BrokenRule | undefined {
  for (const [field, { rule, optional, holds }] of RULES) {
    const value = header[field];
    if (value === undefined) {
      if (optional) continue;
      return { field, rule: 'is required' };
    }
    if (typeof value !== 'string' || !holds(value)) return { field, rule };
  }
  return undefined;
}
