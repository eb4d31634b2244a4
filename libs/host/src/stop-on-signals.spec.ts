import { EventEmitter } from 'node:events';

import { silentLogger } from '@countersign/observability';
import { eventually } from '@countersign/testing';
import { describe, expect, it } from '@jest/globals';

import { stopOnSignals, type SignalledProcess } from './stop-on-signals.js';

class FakeProcess extends EventEmitter implements SignalledProcess {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

describe('a signalled service', () => {
  it('stops, then ends with 0', async () => {
    const host = new FakeProcess();
    let stopped = 0;
    stopOnSignals({ stop: async () => void (stopped += 1) }, silentLogger, host);
    host.emit('SIGTERM', 'SIGTERM');
    await eventually(() => expect(host.exits).toEqual([0]));
    expect(stopped).toBe(1);
  });

  it('ends at once on a second signal', async () => {
    const host = new FakeProcess();
    stopOnSignals({ stop: () => new Promise(() => undefined) }, silentLogger, host, 60_000);
    host.emit('SIGTERM', 'SIGTERM');
    expect(host.exits).toEqual([]);
    host.emit('SIGINT', 'SIGINT');
    expect(host.exits).toEqual([1]);
    host.removeAllListeners();
  });

  it('ends when it cannot stop in time', async () => {
    const host = new FakeProcess();
    stopOnSignals({ stop: () => new Promise(() => undefined) }, silentLogger, host, 20);
    host.emit('SIGTERM', 'SIGTERM');
    await eventually(() => expect(host.exits).toEqual([1]));
  });
});
