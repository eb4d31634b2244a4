import { DomainError } from '@countersign/kernel';

interface KafkaFailure {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly cause?: unknown;
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
const LOST_MEMBERSHIP = new Set([
  'REBALANCE_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
]);

/** The protocol error type anywhere in the chain of causes, e.g. `MESSAGE_TOO_LARGE`. */
export function protocolErrorType(error: unknown): string | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth += 1) {
    const failure = current as KafkaFailure;
    if (typeof failure.type === 'string') return failure.type;
    current = failure.cause;
  }
  return undefined;
}

export function isTooLarge(error: unknown): boolean {
  const type = protocolErrorType(error);
  return type !== undefined && TOO_LARGE.has(type);
}

export function isUnknownTopic(error: unknown): boolean {
  return protocolErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
}

/** The member lost (or is losing) its partitions; another one may have them already. */
export function isMembershipLost(error: unknown): boolean {
  const type = protocolErrorType(error);
  return type !== undefined && LOST_MEMBERSHIP.has(type);
}

/** A short name for logs: the protocol error type, else the class of the error. Never the message: it may quote data. */
export function failureName(error: unknown): string {
  return protocolErrorType(error) ?? (error instanceof Error ? error.name : typeof error);
}

export function unavailable(cause: unknown): DomainError {
  return new DomainError('DEPENDENCY_UNAVAILABLE', { context: { dependency: 'kafka', reason: failureName(cause) } }, { cause });
}
