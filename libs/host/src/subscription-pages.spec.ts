import type { LogRow } from '@countersign/event-log';
import { describe, expect, it } from '@jest/globals';

import { fitting, LogPages } from './subscription-pages.js';

function row(position: number, bytes = 10): LogRow {
  const [header, entry] = [new Uint8Array(bytes), new Uint8Array(0)];
  return { position: BigInt(position), streamId: '', sequence: 0n, eventId: '', type: '', header, entry, disclosures: entry };
}

/** A log whose reads answer when they are told to. */
function slowLog(): {
  reads: string[];
  answer: ((rows: LogRow[] | Error) => void)[];
  readLog: (from: bigint, limit: number) => Promise<LogRow[]>;
} {
  const log = {
    reads: [] as string[],
    answer: [] as ((rows: LogRow[] | Error) => void)[],
    readLog: (from: bigint, limit: number) => {
      log.reads.push(`${from} ${limit}`);
      return new Promise<LogRow[]>((resolve, reject) => {
        log.answer.push((rows) => (rows instanceof Error ? reject(rows) : resolve(rows)));
      });
    },
  };
  return log;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('pages of a log', () => {
  it('are read once for all who ask in the same turn, and again for who comes later', async () => {
    const log = slowLog();
    const pages = new LogPages(log, 2);
    const first = [pages.read(5n, 10), pages.read(5n, 10), pages.read(5n, 10)];
    await turn();
    // One that began may have missed what this one was woken for.
    const late = pages.read(5n, 10);
    await turn();
    expect(log.reads).toEqual(['5 10', '5 10']);
    log.answer[0]!([row(5)]);
    log.answer[1]!([row(5), row(6)]);
    expect((await Promise.all(first)).map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(await late).toHaveLength(2);
  });

  it('are read a few at a time, in the order asked for, also after one that failed', async () => {
    const log = slowLog();
    const pages = new LogPages(log, 2);
    const outcomes = [1n, 2n, 3n, 4n].map((from) => pages.read(from, 1).then(String, String));
    await turn();
    expect(log.reads).toEqual(['1 1', '2 1']);
    log.answer[1]!(new Error('away'));
    await turn();
    expect(log.reads).toEqual(['1 1', '2 1', '3 1']);
    log.answer.forEach((answer) => answer([]));
    await turn();
    log.answer.forEach((answer) => answer([]));
    expect(await Promise.all(outcomes)).toEqual(['', 'Error: away', '', '']);
  });

  it('are cut to what fits, never to nothing', () => {
    const cut = (...sizes: number[]): number =>
      fitting(
        sizes.map((bytes, at) => row(at, bytes)),
        100,
      ).length;
    expect([cut(), cut(50, 50), cut(50, 51), cut(500), cut(500, 1), cut(1, 500, 1)]).toEqual([0, 2, 1, 1, 1, 1]);
  });
});
