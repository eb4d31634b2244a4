import type { IncomingMessage, OutgoingMessage } from './event-bus.js';
import type { Outcome } from './outcome.js';

/** What is known about a message's failures. */
export interface FailureHistory {
  /** How often handling was tried. */
  readonly attempts: number;
  readonly firstFailedAt: Date;
}

const HEADER_LENGTH_MAX = 256;

/**
 * The dead letter of a message: key, value and headers as they came, and why it is here. No header says anything about the content
 * but the names of its fields. Headers that came in under one of our names are replaced: nobody else states our reasons.
 *
 * @param omitValue leaves the value out when even the dead letter topic cannot take it; the original stays readable at its offset
 */
export function deadLetterOf(
  message: IncomingMessage,
  outcome: Extract<Outcome, { kind: 'reject' }>,
  history: FailureHistory,
  groupId: string,
  omitValue = false,
): OutgoingMessage {
  const reasons = reasonHeaders(message, outcome, history, groupId);
  if (omitValue) reasons.set('x-value-omitted', String(message.value?.length ?? 0));
  const headers: Record<string, Buffer | string | readonly Buffer[]> = {};
  for (const [name, values] of message.headers) if (!OUR_HEADERS.has(name)) headers[name] = values;
  for (const [name, text] of reasons) headers[name] = printable(text);
  return { key: message.key, value: omitValue ? null : message.value, headers };
}

const OUR_HEADERS: ReadonlySet<string> = new Set([
  'x-original-topic',
  'x-original-partition',
  'x-original-offset',
  'x-reason',
  'x-reason-code',
  'x-reason-field',
  'x-reason-rule',
  'x-attempt',
  'x-first-failed-at',
  'x-consumer-group',
  'x-value-omitted',
]);

function reasonHeaders(
  message: IncomingMessage,
  outcome: Extract<Outcome, { kind: 'reject' }>,
  history: FailureHistory,
  groupId: string,
): Map<string, string> {
  const headers = new Map([
    ['x-original-topic', message.topic],
    ['x-original-partition', String(message.partition)],
    ['x-original-offset', String(message.offset)],
    ['x-reason', outcome.reason],
    ['x-attempt', String(history.attempts)],
    ['x-first-failed-at', history.firstFailedAt.toISOString()],
    ['x-consumer-group', groupId],
  ]);
  if (outcome.code !== undefined) headers.set('x-reason-code', outcome.code);
  if (outcome.field !== undefined) headers.set('x-reason-field', outcome.field);
  if (outcome.rule !== undefined) headers.set('x-reason-rule', outcome.rule);
  return headers;
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, HEADER_LENGTH_MAX);
}
