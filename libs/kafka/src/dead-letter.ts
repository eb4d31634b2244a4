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
  const ours: Record<string, string | undefined> = {
    'x-original-topic': message.topic,
    'x-original-partition': String(message.partition),
    'x-original-offset': String(message.offset),
    'x-reason': outcome.reason,
    'x-reason-code': outcome.code,
    'x-reason-field': outcome.field,
    'x-reason-rule': outcome.rule,
    'x-attempt': String(history.attempts),
    'x-first-failed-at': history.firstFailedAt.toISOString(),
    'x-consumer-group': groupId,
    'x-value-omitted': omitValue ? String(message.value?.length ?? 0) : undefined,
  };
  const headers: Record<string, Buffer | string | readonly Buffer[]> = {};
  for (const [name, values] of message.headers) {
    if (!Object.hasOwn(ours, name)) headers[name] = values.length === 1 && values[0] !== undefined ? values[0] : values;
  }
  for (const [name, text] of Object.entries(ours)) if (text !== undefined) headers[name] = printable(text);
  return { key: message.key, value: omitValue ? null : message.value, headers };
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, HEADER_LENGTH_MAX);
}
