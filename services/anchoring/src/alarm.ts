import { count, type LogFields, type Logger } from '@countersign/observability';
import type { TreeLog } from './log/known-log.js';
import type { LiveLog, Trouble } from './log/live-log.js';

/** Evidence that something is wrong: counted, so that somebody is called, and told with its facts. */
export function alarm(logger: Logger, kind: string, origin: string, fields: LogFields = {}): void {
  count('alarms', 1, { kind, log: origin });
  logger.error(kind, { origin, ...fields });
}

/** Raises a trouble of a log, with one alarm for the first time. */
export function raise(logger: Logger, live: LiveLog<TreeLog>, trouble: Trouble, fields: LogFields = {}): void {
  if (live.raise(trouble)) alarm(logger, `log-${trouble}`, live.log.origin, fields);
}
