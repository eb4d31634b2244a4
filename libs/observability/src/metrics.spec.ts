import { afterEach, describe, expect, it } from '@jest/globals';

import { METRICS, count, gauge, record, startMetrics, type MetricsDoor } from './metrics.js';

describe('metrics', () => {
  let door: MetricsDoor | undefined;
  afterEach(() => door?.close());

  it('are served with their attributes', async () => {
    door = startMetrics();
    count('eventsAppended', 2);
    count('messagesDeadLettered', 1, { reason: 'SCHEMA_INVALID' });
    record('rpcDuration', 0.02, { method: 'GetLog' });
    const text = await door.expose();
    expect(text).toMatch(/countersign_events_appended_total(\{.*\})? 2/);
    expect(text).toMatch(/countersign_messages_dead_lettered_total\{.*reason="SCHEMA_INVALID".*\} 1/);
    expect(text).toMatch(/countersign_rpc_duration_seconds_count\{.*method="GetLog".*\} 1/);
  });

  it('may be registered and used before they are served', async () => {
    count('eventsAppended');
    let value = 7;
    const remove = gauge('relayLagEvents', () => value);
    door = startMetrics();
    count('eventsAppended');
    expect(await door.expose()).toMatch(/countersign_relay_lag_events(\{.*\})? 7/);
    expect(await door.expose()).toMatch(/countersign_events_appended_total(\{.*\})? 1/);
    remove();
    value = 8;
    expect(await door.expose()).not.toMatch(/countersign_relay_lag_events(\{.*\})? 8/);
  });

  it('leave out a gauge that cannot be read', async () => {
    door = startMetrics();
    const remove = [gauge('treeSize', () => Promise.reject(new Error('down'))), gauge('relayLagSeconds', () => 3)];
    const text = await door.expose();
    expect(text).not.toMatch(/countersign_tree_size(\{.*\})? \d/);
    expect(text).toMatch(/countersign_relay_lag_seconds(\{.*\})? 3/);
    remove.forEach((take) => take());
  });

  it('have names of one form, each once', () => {
    const names = Object.values(METRICS).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    names.forEach((name) => expect(name).toMatch(/^countersign_[a-z_]+$/));
  });
});
