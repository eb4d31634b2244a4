import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** What every log line of one call, message or background step shares. */
export interface CallScope {
  readonly correlationId: string;
}

const scopes = new AsyncLocalStorage<CallScope>();

/** Visible ASCII without separators, so that an id can stand in metadata, headers and log lines as it is. */
const CORRELATION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/;

/** Whether a foreign id may be taken over: 8 to 64 characters of letters, digits, `.`, `_` and `-`. */
export function isCorrelationId(text: unknown): text is string {
  return typeof text === 'string' && CORRELATION_ID.test(text);
}

/** A fresh correlation id (UUIDv4). */
export function newCorrelationId(): string {
  return randomUUID();
}

/** The correlation id of the work that is running, if it runs for a call or a message. */
export function currentCorrelationId(): string | undefined {
  return scopes.getStore()?.correlationId;
}

/** Runs work, and everything it awaits, under a correlation id. */
export function withCorrelation<Result>(correlationId: string, work: () => Result): Result {
  return scopes.run({ correlationId }, work);
}
