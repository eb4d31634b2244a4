import { trace } from '@opentelemetry/api';
import { pino, stdTimeFunctions, type DestinationStream, type Logger as Pino } from 'pino';

import { currentCorrelationId } from './correlation.js';
import { errorFacts } from './error-facts.js';
import { allowedFields, type LogFields } from './log-fields.js';

/** Levels a service can be set to with COUNTERSIGN_LOG_LEVEL. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * JSON lines. Every line carries time, level, service, `event` (a fixed kebab-case word, never a built sentence), the correlation id of
 * the call it was written for, and the trace id if tracing is on. Facts come from a closed list; see `LOG_FIELDS`.
 */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger whose lines all carry these facts. */
  with(fields: LogFields): Logger;
}

/** @param options.destination where lines go; standard output if absent */
export function createLogger(options: {
  readonly service: string;
  readonly level?: LogLevel;
  readonly destination?: DestinationStream;
}): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: { service: options.service },
    timestamp: stdTimeFunctions.isoTime,
    messageKey: 'event',
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return wrap(options.destination === undefined ? pino(settings) : pino(settings, options.destination), {});
}

/** For tests and tools that do not care. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLogger,
};

function wrap(lines: Pino, fixed: LogFields): Logger {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: LogFields = {}): void => {
      if (!lines.isLevelEnabled(level)) return;
      lines[level]({ ...scopeFields(), ...allowedFields({ ...fixed, ...fields }), ...errorField(fields.error) }, event);
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (fields) => wrap(lines, { ...fixed, ...fields }),
  };
}

function scopeFields(): Record<string, string> {
  const correlationId = currentCorrelationId();
  const traceId = trace.getActiveSpan()?.spanContext().traceId;
  return { ...(correlationId === undefined ? {} : { correlationId }), ...(traceId === undefined ? {} : { trace_id: traceId }) };
}

function errorField(error: unknown): Record<string, unknown> {
  return error === undefined ? {} : { error: errorFacts(error) };
}
