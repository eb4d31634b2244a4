import { DomainError, type ErrorCode } from '@countersign/kernel';

/** Why a message stands in a dead letter topic. Stable; alarms and redrive tools match on them. */
export const DEAD_LETTER_REASONS = [
  'SCHEMA_INVALID', // not readable as what the topic takes
  'SCHEMA_UNKNOWN', // a type or version the topic does not take
  'SIGNATURE_INVALID', // missing, forged, or made by a key that may not sign
  'TENANT_MISMATCH', // speaks for an organisation its signer does not belong to
  'DUPLICATE_CONFLICT', // the idempotency key was used for other content
  'OUT_OF_ORDER', // what had to come first did not come in time
  'OVERSIZE', // larger than the topic's limit
  'DOMAIN_REJECTED', // understood and refused; `x-reason-code` says which rule
  'POISON', // its handling fails in a way nobody foresaw
] as const;

export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** What became of one message. */
export type Outcome =
  /** Its effect is durable (or it had none). */
  | { readonly kind: 'done' }
  /** An earlier message must come first: it and what follows it under the same key are delivered again later. */
  | { readonly kind: 'wait' }
  /** The handling failed for a reason that may pass. `unavailable`: a dependency is down, which is not the message's fault. */
  | { readonly kind: 'retry'; readonly unavailable: boolean; readonly error?: unknown }
  /** It goes to the dead letter topic. Field and rule never hold a value of the message. */
  | {
      readonly kind: 'reject';
      readonly reason: DeadLetterReason;
      readonly code?: ErrorCode;
      readonly field?: string;
      readonly rule?: string;
    };

export const DONE: Outcome = { kind: 'done' };
export const WAIT: Outcome = { kind: 'wait' };

/** Codes whose dead letter reason is not DOMAIN_REJECTED. */
const REASON_OF: Partial<Record<ErrorCode, DeadLetterReason>> = {
  SCHEMA_INVALID: 'SCHEMA_INVALID',
  SCHEMA_UNKNOWN: 'SCHEMA_UNKNOWN',
  SIGNATURE_INVALID: 'SIGNATURE_INVALID',
  TENANT_MISMATCH: 'TENANT_MISMATCH',
  COMMAND_ID_REUSED: 'DUPLICATE_CONFLICT',
  MESSAGE_TOO_LARGE: 'OVERSIZE',
};

/** The outcome that a thrown error stands for. */
export function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof DomainError)) return { kind: 'retry', unavailable: false, error };
  // The event log's verdicts on inbox rows: recorded already, or a gap before it.
  if (error.code === 'MESSAGE_CONSUMED') return DONE;
  if (error.code === 'MESSAGE_GAP') return WAIT;
  const reason = REASON_OF[error.code];
  if (reason !== undefined) return rejected(reason, error);
  switch (error.kind) {
    case 'unavailable':
    case 'overload':
      return { kind: 'retry', unavailable: true, error };
    case 'version-conflict':
    case 'deadline':
    case 'internal':
      return { kind: 'retry', unavailable: false, error };
    default:
      return rejected('DOMAIN_REJECTED', error);
  }
}

/** The rejection that an error stands for, with its field and rule. */
export function rejected(reason: DeadLetterReason, error: DomainError): Outcome {
  return { kind: 'reject', reason, code: error.code, field: error.detail.field, rule: error.detail.rule };
}
