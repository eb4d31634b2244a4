import { describe, expect, it } from '@jest/globals';
import { runClosedLoop } from './closed-loop.js';
import { treeCpuSeconds } from './cpu.js';
import { runOpenLoop } from './open-loop.js';
import { Latencies } from './quantiles.js';
import { parsePgbench } from '../programs/pgbench.js';
import { zipf } from '../workload/zipf.js';

const SHORT = { concurrency: 4, warmUpSeconds: 0.02, seconds: 0.1 };

describe('latencies', () => {
  it('give quantiles by rank, however many there are', () => {
    const latencies = new Latencies();
    for (let value = 100_000; value > 0; value -= 1) latencies.add(value);
    expect(latencies.summary()).toEqual({ p50Ms: 50_000, p99Ms: 99_000, p999Ms: 99_900, maxMs: 100_000 });
  });

  it('give nothing for nothing', () => {
    expect(new Latencies().summary()).toEqual({});
  });
});

describe('a closed loop', () => {
  it('counts every acknowledgement, but judges only the measured time', async () => {
    let calls = 0;
    const result = await runClosedLoop({ options: SHORT, call: async () => (await turn(), (calls += 1), 2) });
    expect(result.acknowledged).toBe(2 * calls);
    expect(result.eventsPerSecond * SHORT.seconds).toBeLessThan(result.acknowledged);
    expect(result.eventsPerSecond).toBeGreaterThan(0);
    expect(result).toMatchObject({ errors: 0 });
  });

  it('counts refusals and failures as errors, and keeps what the first one said', async () => {
    let calls = 0;
    const call = async (): Promise<number> => {
      await turn();
      calls += 1;
      if (calls % 2 === 0) return 0;
      throw new RangeError('no room');
    };
    const result = await runClosedLoop({ options: { ...SHORT, warmUpSeconds: 0 }, call });
    expect(result).toMatchObject({ acknowledged: 0, eventsPerSecond: 0, firstError: 'RangeError: no room' });
    expect(result.errors).toBeGreaterThan(0);
  });

  it('ends early, with the right rate, when there is nothing left to do', async () => {
    let left = 50;
    const begin = performance.now();
    const result = await runClosedLoop({
      options: { concurrency: 1, warmUpSeconds: 0, seconds: 60 },
      call: async () => (await turn(), (left -= 1) < 0 ? undefined : 1),
    });
    const seconds = (performance.now() - begin) / 1000;
    expect(result.acknowledged).toBe(50);
    expect(result.eventsPerSecond).toBeGreaterThanOrEqual(50 / seconds - 1);
  });
});

describe('an open loop', () => {
  it('offers its rate whatever the answers, and counts latency from the intended start', async () => {
    let calls = 0;
    let release: () => void = () => undefined;
    const blocked = new Promise<void>((settle) => (release = settle));
    const result = runOpenLoop({
      options: { concurrency: 1_000, warmUpSeconds: 0, seconds: 0.2, rate: 500 },
      call: async () => ((calls += 1), await blocked, 1),
    });
    setTimeout(release, 150);
    const { p50Ms = 0, maxMs = 0, errors } = await result;
    expect(calls).toBeGreaterThan(50);
    expect(errors).toBe(0);
    expect(maxMs).toBeGreaterThan(p50Ms);
    expect(maxMs).toBeGreaterThan(100);
  });

  it('refuses by itself beyond its bound', async () => {
    const result = await runOpenLoop({
      options: { concurrency: 1, warmUpSeconds: 0, seconds: 0.1, rate: 1_000 },
      call: async () => (await new Promise((settle) => setTimeout(settle, 50)), 1),
    });
    expect(result.errors).toBeGreaterThan(10);
    expect(result.acknowledged).toBeLessThan(10);
  });
});

describe('processor time', () => {
  it('is told for a process that runs, and not for one that does not', () => {
    expect(treeCpuSeconds(process.pid) ?? 0).toBeGreaterThan(0);
    expect(treeCpuSeconds(2 ** 30)).toBeUndefined();
  });
});

describe('what pgbench says', () => {
  it('is read', () => {
    const output = `number of transactions actually processed: 4321\nnumber of failed transactions: 3 (0.069%)\ntps = 864.250000 (without initial connection time)\n`;
    expect(parsePgbench(output)).toEqual({ transactions: 4321, perSecond: 864.25, failed: 3 });
  });

  it('is an error without a rate', () => {
    expect(() => parsePgbench('pgbench: error: connection failed')).toThrow('connection failed');
  });
});

describe('Zipf', () => {
  it('draws the first far more often than the last, and never outside', () => {
    const draw = zipf(100, 7);
    const counts = new Uint32Array(100);
    for (let index = 0; index < 20_000; index += 1) counts[draw()]! += 1;
    expect(counts[0]).toBeGreaterThan(3_000);
    expect(counts[0]).toBeGreaterThan(10 * counts[99]!);
    expect(counts.reduce((sum, count) => sum + count)).toBe(20_000);
  });
});

function turn(): Promise<void> {
  return new Promise((settle) => setImmediate(settle));
}
