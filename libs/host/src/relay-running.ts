import { startRelay, type EventLog, type Relay } from '@countersign/event-log';
import { kafkaRelaySink, type EventBus, type RelaySinkOptions } from '@countersign/kafka';
import { gauge, type Logger } from '@countersign/observability';

export interface RelayingOptions {
  readonly serviceName: string;
  readonly topicPrefix: string;
  readonly log: EventLog;
  readonly bus: EventBus;
  readonly outMapper?: RelaySinkOptions['outMapper'];
  readonly logger: Logger;
}

const AGE =
  'SELECT extract(epoch FROM clock_timestamp() - recorded_at)::float8 AS seconds FROM event_log.event WHERE position = $1';

/** Hop 5: publishes the log to Kafka, with its lag as metrics. */
export function startRelaying({ serviceName, topicPrefix, log, bus, outMapper, logger }: RelayingOptions): Relay {
  const sink = kafkaRelaySink({
    bus,
    logIdentity: { logId: log.identity.logId, leavesKey: log.identity.leavesKey },
    serviceName,
    topicPrefix,
    ...(outMapper === undefined ? {} : { outMapper }),
  });
  let leading = false;
  const relay = startRelay({
    name: 'kafka',
    log,
    sink,
    onStatus: (status) => {
      if (status.leading === leading) return;
      leading = status.leading;
      logger.info(leading ? 'relay-leads' : 'relay-stands-by', { epoch: status.epoch, position: status.position });
    },
    onFailure: (error) => logger.warn('relay-failed', { position: relay.status().position, error }),
  });
  const gauges = [
    gauge('logSize', async () => Number(await log.size())),
    gauge('relayLagEvents', async () => Number((await log.size()) - relay.status().position)),
    gauge('relayLagSeconds', async () => {
      const rows: readonly { readonly seconds: number }[] = await log.dataSource.query(AGE, [String(relay.status().position)]);
      return rows[0]?.seconds ?? 0;
    }),
  ];
  return {
    status: () => relay.status(),
    stop: async () => {
      await relay.stop();
      gauges.forEach((remove) => remove());
    },
  };
}
