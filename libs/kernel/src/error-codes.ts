/** What kind of failure a code is. One table in `libs/grpc` maps kinds to gRPC status codes. */
export type ErrorKind =
  | 'invalid'
  | 'missing'
  | 'wrong-state'
  | 'version-conflict'
  | 'exists'
  | 'unauthenticated'
  | 'denied'
  | 'overload'
  | 'unavailable'
  | 'broken-proof'
  | 'unimplemented'
  | 'deadline'
  | 'internal';

interface CodeEntry {
  readonly kind: ErrorKind;
  /** Safe for every caller: names no value. */
  readonly message: string;
}

/** The closed list of error codes. A code never changes its meaning; `docs/errors.md` documents each. */
export const ERROR_CODES = {
  // Every service
  FIELD_INVALID: { kind: 'invalid', message: 'a field breaks its rule' },
  FIELD_MISSING: { kind: 'invalid', message: 'a required field is missing' },
  CODE_UNKNOWN: { kind: 'invalid', message: 'a code is not in its code list' },
  QUANTITY_INVALID: { kind: 'invalid', message: 'a quantity must be a positive integer in the unit of issue' },
  TIME_INVALID: { kind: 'invalid', message: 'a time must be RFC 3339 with an offset' },
  MESSAGE_TOO_LARGE: { kind: 'overload', message: 'the message is larger than the limit' },
  NOT_FOUND: { kind: 'missing', message: 'there is no such thing, or it is not yours to know' },
  UNAUTHENTICATED: { kind: 'unauthenticated', message: 'the call carries no valid token' },
  PERMISSION_DENIED: { kind: 'denied', message: 'the appointment does not allow this' },
  COMMAND_ID_REUSED: { kind: 'exists', message: 'the command id was used for another request' },
  VERSION_CONFLICT: { kind: 'version-conflict', message: 'the stream changed meanwhile; try again' },
  OVERLOADED: { kind: 'overload', message: 'too much work is queued; try again later' },
  DEPENDENCY_UNAVAILABLE: { kind: 'unavailable', message: 'a part this service depends on does not answer' },
  PROOF_BROKEN: { kind: 'broken-proof', message: 'a proof does not verify' },
  RECORD_ALTERED: { kind: 'broken-proof', message: 'a stored record does not match its digest' },
  // libs/merkle and libs/record: bytes that are hashed or signed
  RECORD_MALFORMED: { kind: 'invalid', message: 'bytes break the record format' },
  NOTE_MALFORMED: { kind: 'invalid', message: 'a signed note breaks its format' },
  KEY_REFUSED: { kind: 'invalid', message: 'a key is not acceptable' },
  SIGNATURE_INVALID: { kind: 'broken-proof', message: 'a signature does not verify' },
  INTERNAL: { kind: 'internal', message: 'an unexpected failure; quote the error id' },

  // Event log
  EVENT_TYPE_UNKNOWN: { kind: 'internal', message: 'a stored event has a type this service does not know' },
  UNIT_KEY_MISSING: { kind: 'internal', message: 'a unit key that a stream needs is not there' },
  MESSAGE_CONSUMED: { kind: 'exists', message: 'the effect of this message, or of a later one of its subject, is recorded' },
  MESSAGE_GAP: { kind: 'wrong-state', message: 'an earlier message of the same subject has not been recorded yet' },
  LOG_BEHIND_ANCHOR: { kind: 'broken-proof', message: 'the log holds fewer records than were anchored' },
  LOG_MISMATCH: { kind: 'internal', message: 'the database holds the log of another registration' },
  STORAGE_UNSAFE: { kind: 'internal', message: 'the database may lose committed records' },

  // The gRPC edge (libs/grpc)
  MESSAGE_MALFORMED: { kind: 'invalid', message: 'the message cannot be decoded' },
  FIELD_UNKNOWN: { kind: 'invalid', message: 'the message holds a field that this version does not know' },
  METHOD_UNKNOWN: { kind: 'unimplemented', message: 'this service has no such method' },
  DEADLINE_EXCEEDED: { kind: 'deadline', message: 'the answer was not ready before the deadline' },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
