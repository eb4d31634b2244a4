import { startRelay, type EventLog, type LogRow } from '@countersign/event-log';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { SealedCommands } from './relay-commands.js';
import { openBenchLog } from './relay-log.js';

const POLL_MS = 100;
const BATCH_ROWS_MAX = 1_000;
const PATIENCE_MS = 15_000;

/** A sink that counts: no broker, so that what is measured is the way from the log's commit to the publisher's call. */
class CountingSink {
  readonly deliveredAt: number[] = [];
  readonly deliveries: number[] = [];
  outOfOrder = 0;
  #last = -1;

  publish(rows: readonly LogRow[]): Promise<void> {
    const now = performance.now();
    for (const { position } of rows) {
      const index = Number(position);
      if (index !== this.#last + 1) this.outOfOrder += 1;
      this.#last = index;
      this.deliveredAt[index] ??= now;
      this.deliveries[index] = (this.deliveries[index] ?? 0) + 1;
    }
    return Promise.resolve();
  }
}

export async function measureDelivery(options: VariantOptions): Promise<Measurement> {
  const { log, store, close } = await openBenchLog(options.database);
  const sink = new CountingSink();
  const stop = options.parameters['poll'] === true ? pollEvery(log, sink) : await relayed(log, sink);
  const rate = options.rate ?? 2_000;
  const commands = new SealedCommands(`r${options.round}-`);
  const intended: number[] = [];
  const acked: number[] = [];
  const total = Math.round((options.warmUpSeconds + options.seconds) * rate);
  const skip = Math.round(options.warmUpSeconds * rate);
  const sealed = commands.take(total);
  let cpu = process.cpuUsage();
  const begin = performance.now();
  let errors = 0;
  const pending: Promise<void>[] = [];
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - begin) * rate) / 1_000) + 1);
    for (; sent < due; sent += 1) {
      if (sent === skip) cpu = process.cpuUsage();
      const at = begin + (sent * 1_000) / rate;
      const measured = sent >= skip;
      const command = sealed[sent];
      if (!command) break;
      pending.push(
        store.append(command).then((outcome) => {
          if (outcome.kind !== 'appended') {
            errors += 1;
            return;
          }
          const position = Number(outcome.firstPosition);
          acked[position] = performance.now();
          if (measured) intended[position] = at;
        }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
  const size = Number(await log.size());
  const deadline = performance.now() + PATIENCE_MS;
  while (sink.deliveredAt.length < size && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  const spent = process.cpuUsage(cpu);
  await stop();
  await close();
  const after: number[] = [];
  const fromStart: number[] = [];
  intended.forEach((at, position) => {
    const d = sink.deliveredAt[position];
    if (d === undefined) return;
    after.push(Math.max(0, d - (acked[position] ?? 0)));
    fromStart.push(d - at);
  });
  after.sort((a, b) => a - b);
  fromStart.sort((a, b) => a - b);
  const q = (l: number[], f: number): number => l[Math.min(l.length - 1, Math.floor(f * l.length))] ?? 0;
  let lost = 0;
  for (let p = 0; p < size; p += 1) if (!sink.deliveries[p]) lost += 1;
  console.log({
    after: [0.5, 0.9, 0.99, 1].map((f) => q(after, f).toFixed(2)),
    start: [0.5, 0.9, 0.99, 1].map((f) => q(fromStart, f).toFixed(2)),
    lost,
    n: after.length,
    cpu: (spent.user + spent.system) / 1e6,
    ooo: sink.outOfOrder,
    batches: store.stats.batches,
  });
  return undefined as never;
}

async function relayed(log: EventLog, sink: CountingSink): Promise<() => Promise<void>> {
  const relay = startRelay({ name: 'bench', log, sink });
  return () => relay.stop();
}

function pollEvery(log: EventLog, sink: CountingSink): () => Promise<void> {
  let next = 0n;
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      for (;;) {
        const rows = await log.readLog(next, BATCH_ROWS_MAX);
        const last = rows.at(-1);
        if (!last) break;
        await sink.publish(rows);
        next = last.position + 1n;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const running = loop();
  return () => {
    stopped = true;
    return running;
  };
}
