import type { Logger } from '@countersign/observability';

import { LIMITS } from './config.js';
import { EXIT } from './exit-codes.js';

/** As much of `process` as a stop needs. */
export interface SignalledProcess {
  on(signal: 'SIGTERM' | 'SIGINT', listener: (signal: NodeJS.Signals) => void): unknown;
  exit(code: number): unknown;
}

/** The first signal stops the service within the limit; a second one, or the limit, ends the process at once. */
export function stopOnSignals(
  service: { stop(): Promise<void> },
  logger: Logger,
  host: SignalledProcess,
  limitMs: number = LIMITS.stopMs,
): void {
  let limit: NodeJS.Timeout | undefined;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (limit !== undefined) {
      clearTimeout(limit);
      logger.warn('stop-cut-short', { signal });
      host.exit(EXIT.failed);
      return;
    }
    logger.info('stopping', { signal });
    limit = setTimeout(() => {
      logger.error('stop-timed-out', { timeoutMs: limitMs });
      host.exit(EXIT.failed);
    }, limitMs);
    await service.stop();
    clearTimeout(limit);
    logger.info('stopped');
    host.exit(EXIT.stopped);
  };
  host.on('SIGTERM', (signal) => void stop(signal));
  host.on('SIGINT', (signal) => void stop(signal));
}
