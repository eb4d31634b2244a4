import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@countersign/observability';
import { startLoop, type Rest } from './run-loop.js';

const HOUR_MS = 3_600_000;

describe('loop', () => {
  /** A step that records its runs and does what it is told next. */
  function scripted(...script: (Rest | Error)[]): {
    readonly step: () => Promise<Rest>;
    runs: number;
    ran: (times: number) => Promise<void>;
  } {
    const waiters: (() => void)[] = [];
    const state = {
      runs: 0,
      step: async (): Promise<Rest> => {
        const next = script[state.runs] ?? { ms: HOUR_MS, wakeable: true };
        state.runs += 1;
        for (const waiter of waiters) waiter();
        await Promise.resolve();
        if (next instanceof Error) throw next;
        return next;
      },
      ran: async (times: number) => {
        while (state.runs < times) await new Promise<void>((resolve) => waiters.push(resolve));
      },
    };
    return state;
  }

  it('steps again when its rest is over, and when it is woken', async () => {
    const script = scripted({ ms: 1, wakeable: true });
    const loop = startLoop('test', script.step, silentLogger);
    await script.ran(2);
    loop.wake();
    await script.ran(3);
    await loop.stop();
    expect(script.runs).toBe(3);
  });

  it('hears of news that come during a step', async () => {
    const script = scripted();
    const loop = startLoop(
      'test',
      async () => {
        const rest = await script.step();
        if (script.runs === 1) loop.wake();
        return rest;
      },
      silentLogger,
    );
    await script.ran(2);
    await loop.stop();
  });

  it('is not woken from a rest that keeps a least distance', async () => {
    const script = scripted({ ms: 60, wakeable: false });
    const loop = startLoop('test', script.step, silentLogger);
    await script.ran(1);
    const before = performance.now();
    loop.wake();
    await script.ran(2);
    expect(performance.now() - before).toBeGreaterThan(40);
    await loop.stop();
  });

  it('goes on after a failure', async () => {
    const script = scripted(new Error('once'));
    const loop = startLoop('test', script.step, silentLogger);
    await script.ran(2);
    await loop.stop();
  });

  it('stops at once from any rest, and twice', async () => {
    const script = scripted({ ms: HOUR_MS, wakeable: false });
    const loop = startLoop('test', script.step, silentLogger);
    await script.ran(1);
    await loop.stop();
    await loop.stop();
    expect(script.runs).toBe(1);
  });
});
