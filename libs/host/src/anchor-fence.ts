import { setTimeout as pause } from 'node:timers/promises';

import { createClient, type AccessTokens } from '@countersign/grpc';
import type { EventLog } from '@countersign/event-log';
import { DomainError } from '@countersign/kernel';
import { count, type Logger } from '@countersign/observability';
import { anchoringV1 } from '@countersign/proto';

import { LIMITS } from './config.js';

export interface AnchorFenceOptions {
  readonly log: Pick<EventLog, 'identity' | 'assertNotBehind'>;
  /** `host:port` */
  readonly anchoringAddress: string;
  readonly tokenSource: AccessTokens;
  readonly logger: Logger;
}

/**
 * Asks anchoring how many entries of this log it holds, and closes the log for writing if the log itself holds fewer: its database was
 * rewound, and new records would get positions that are taken. Anchoring being down is no reason not to write, so it is asked until it
 * answers once.
 * @returns ends the asking
 */
export function fenceAgainstAnchor({ log, anchoringAddress, tokenSource, logger }: AnchorFenceOptions): () => Promise<void> {
  const stop = new AbortController();
  const client = createClient(anchoringV1.LogService, anchoringAddress, { tokenSource });
  const logId = Buffer.from(log.identity.logId);

  let told = false;
  const asked = async (): Promise<boolean> => {
    try {
      const { logs } = await client.listLogs({}, { signal: stop.signal });
      const known = logs.find((each) => logId.equals(each.logId));
      const held = known === undefined ? 0n : larger(known.received, known.anchored?.size ?? 0n);
      await log.assertNotBehind(held);
      logger.info('log-not-behind', { size: held });
      return true;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'LOG_BEHIND_ANCHOR') {
        if (!told) logger.info('anchored-size-unknown', { dependency: 'anchoring', error });
        told = true;
        return false;
      }
      count('alarms', 1, { code: error.code });
      logger.error('log-behind-anchor', { ...error.detail.context, error });
      return true;
    }
  };

  const asking = (async () => {
    while (!stop.signal.aborted && !(await asked())) {
      await pause(LIMITS.anchorCheckPauseMs, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
    }
  })();
  return async () => {
    stop.abort();
    await asking;
    client.close();
  };
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
