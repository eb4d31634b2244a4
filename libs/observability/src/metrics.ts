import {
  metrics,
  type Attributes,
  type Counter,
  type Histogram,
  type ObservableCallback,
  type ObservableGauge,
} from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/**
 * Every metric of the platform, named here and nowhere else (dashboards and alarms quote these names).
 * Counters end in `_total` when exposed.
 */
export const METRICS = {
  rpcDuration: { name: 'countersign_rpc_duration_seconds', description: 'Duration of served calls by method and status' },
  appendBatchSize: { name: 'countersign_append_batch_size', description: 'Commands settled by one append' },
  appendDuration: { name: 'countersign_append_duration_seconds', description: 'Duration of one append up to its commit' },
  eventsAppended: { name: 'countersign_events_appended', description: 'Events appended to the log' },
  versionConflicts: { name: 'countersign_version_conflicts', description: 'Commands decided again because a stream had changed' },
  logSize: { name: 'countersign_log_size', description: 'Events in the log' },
  relayLagEvents: { name: 'countersign_relay_lag_events', description: 'Events appended but not yet published to Kafka' },
  relayLagSeconds: {
    name: 'countersign_relay_lag_seconds',
    description: 'Age of the oldest event that is not yet published to Kafka',
  },
  projectionLagEvents: {
    name: 'countersign_projection_lag_events',
    description: 'Events in the log whose effect a read model does not show yet, by read model',
  },
  consumerLagEvents: { name: 'countersign_consumer_lag_events', description: 'Messages a consumer group has not handled yet' },
  messagesHandled: { name: 'countersign_messages_handled', description: 'Messages handled by topic and outcome' },
  messagesDeadLettered: {
    name: 'countersign_messages_dead_lettered',
    description: 'Messages sent to a dead letter topic by topic and reason',
  },
  oldestUnanchoredSeconds: {
    name: 'countersign_oldest_unanchored_seconds',
    description: 'Age of the oldest entry that is not on chain',
  },
  treeSize: { name: 'countersign_tree_size', description: 'Entries committed to the tree by log' },
  anchoredSize: { name: 'countersign_anchored_size', description: 'Entries under the latest head confirmed on chain by log' },
  intakeLagEvents: { name: 'countersign_intake_lag_events', description: 'Entries received but not yet in the tree by log' },
  headsLagEvents: {
    name: 'countersign_heads_lag_events',
    description: 'Entries committed to the tree but not yet to an item head by log',
  },
  alarms: {
    name: 'countersign_alarms',
    description: 'Evidence that something is wrong: conflicting entries, broken proofs, altered records',
  },
  subscriptionsOpen: { name: 'countersign_subscriptions_open', description: 'Subscriptions to the log that are open' },
  unitKeysPooled: { name: 'countersign_unit_keys_pooled', description: 'Fresh unit keys in the pool' },
} as const;

/** Name of a metric in the catalogue. */
export type MetricName = keyof typeof METRICS;

const METER = 'countersign';
const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Adds to a counter. Costs nothing while no metrics are served. */
export function count(name: MetricName, amount = 1, attributes: Attributes = {}): void {
  counterOf(name).add(amount, attributes);
}

/** Records one measurement (a duration in seconds, a batch size). Costs nothing while no metrics are served. */
export function record(name: MetricName, value: number, attributes: Attributes = {}): void {
  histogramOf(name).record(value, attributes);
}

/**
 * A gauge that is read when metrics are scraped; one that throws is left out of that scrape. May be called before `startMetrics`.
 * @returns ends the reading; the last value stays
 */
export function gauge(name: MetricName, read: () => number | Promise<number>, attributes: Attributes = {}): () => void {
  const observe: ObservableCallback = async (result) => {
    const value = await Promise.resolve()
      .then(read)
      .catch(() => undefined);
    if (value !== undefined) result.observe(value, attributes);
  };
  const source = { name, observe };
  sources.add(source);
  attach(source);
  return () => {
    sources.delete(source);
    gauges.get(name)?.removeCallback(observe);
  };
}

/** Serves what was counted. */
export interface MetricsDoor {
  /** The current values in Prometheus text format. */
  expose(): Promise<string>;
  close(): Promise<void>;
}

/** Installs the meter provider of this process, one at a time. What was counted before is not served. */
export function startMetrics(): MetricsDoor {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  forgetInstruments();
  metrics.setGlobalMeterProvider(provider);
  sources.forEach(attach);
  const serializer = new PrometheusSerializer();
  return {
    expose: async () => serializer.serialize((await exporter.collect()).resourceMetrics),
    close: async () => {
      metrics.disable();
      forgetInstruments();
      await provider.shutdown();
    },
  };
}

const counters = new Map<MetricName, Counter>();
const histograms = new Map<MetricName, Histogram>();
const gauges = new Map<MetricName, ObservableGauge>();
const sources = new Set<{ readonly name: MetricName; readonly observe: ObservableCallback }>();

/** Instruments belong to the provider they were made with; before the first one they are inert. */
function forgetInstruments(): void {
  counters.clear();
  histograms.clear();
  gauges.clear();
}

function attach({ name, observe }: { readonly name: MetricName; readonly observe: ObservableCallback }): void {
  const instrument =
    gauges.get(name) ??
    metrics.getMeter(METER).createObservableGauge(METRICS[name].name, { description: METRICS[name].description });
  gauges.set(name, instrument);
  instrument.addCallback(observe);
}

function counterOf(name: MetricName): Counter {
  const counter =
    counters.get(name) ?? metrics.getMeter(METER).createCounter(METRICS[name].name, { description: METRICS[name].description });
  counters.set(name, counter);
  return counter;
}

function histogramOf(name: MetricName): Histogram {
  const seconds = METRICS[name].name.endsWith('_seconds');
  const histogram =
    histograms.get(name) ??
    metrics.getMeter(METER).createHistogram(METRICS[name].name, {
      description: METRICS[name].description,
      ...(seconds ? { unit: 's', advice: { explicitBucketBoundaries: SECONDS_BUCKETS } } : {}),
    });
  histograms.set(name, histogram);
  return histogram;
}
