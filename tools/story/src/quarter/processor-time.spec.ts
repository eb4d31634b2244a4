import type { NamedProcess } from '@countersign/stack';
import { describe, expect, it } from '@jest/globals';
import { ProcessorMeter, totalOf } from './processor-time.js';

const node = (pid: number, name: string, cpuSeconds: number): NamedProcess => ({
  pid,
  name,
  commandLine: 'node main.js',
  cpuSeconds,
});
const connection = (pid: number, state: string, cpuSeconds: number): NamedProcess => ({
  pid,
  name: 'PostgreSQL',
  commandLine: `postgres: countersign_inventory_app countersign_inventory 127.0.0.1(40312) ${state}`,
  cpuSeconds,
});
const server: NamedProcess = { pid: 1, name: 'PostgreSQL', commandLine: '/opt/postgres -D /data', cpuSeconds: 9 };

describe('the processor meter', () => {
  it('counts from its making on, by part and database, largest first', () => {
    const looks = [
      [server, connection(2, 'idle', 4), node(5, 'inventory', 1)],
      [server, connection(2, 'SELECT', 4.5), connection(3, 'idle', 0.25), node(5, 'inventory', 3)],
    ];
    const meter = new ProcessorMeter(() => looks.shift() ?? []);
    const time = meter.read();
    expect(Object.entries(time)).toEqual([
      ['inventory', 2],
      ['PostgreSQL countersign_inventory', 0.75],
    ]);
    expect(totalOf(time)).toBe(2.75);
  });

  it('keeps what a process had used when it was seen last', () => {
    const looks = [[node(5, 'inventory', 1)], [node(5, 'inventory', 2)], []];
    const meter = new ProcessorMeter(() => looks.shift() ?? []);
    meter.read();
    expect(meter.read()).toEqual({ inventory: 1 });
  });
});
