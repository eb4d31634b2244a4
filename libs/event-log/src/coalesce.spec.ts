import { describe, expect, it } from '@jest/globals';
import { coalesce } from './coalesce.js';

function held(lookupsMax = 10): { asked: number[][]; lookUp: (key: number) => Promise<number>; answer: (error?: Error) => void } {
  const asked: number[][] = [];
  const answers: ((error?: Error) => void)[] = [];
  const lookUp = coalesce<number, number>(
    (keys) =>
      new Promise((resolve, reject) => {
        asked.push([...keys]);
        answers.push((error) => (error ? reject(error) : resolve(keys.map((key) => key * 10))));
      }),
    { lookupsMax, lookupsInFlightMax: 1 },
  );
  return { asked, lookUp, answer: (error) => answers.shift()!(error) };
}

describe('Coalesced lookups', () => {
  it('of one turn go together, and those asked meanwhile go next', async () => {
    const { asked, lookUp, answer } = held();
    const first = Promise.all([lookUp(1), lookUp(2)]);
    await Promise.resolve();
    expect(asked).toEqual([[1, 2]]);
    const second = Promise.all([lookUp(3), lookUp(4)]);
    await Promise.resolve();
    expect(asked).toHaveLength(1);
    answer();
    expect(await first).toEqual([10, 20]);
    answer();
    expect(await second).toEqual([30, 40]);
    expect(asked).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('are split at the limit', async () => {
    const { asked, lookUp, answer } = held(2);
    const all = Promise.all([lookUp(1), lookUp(2), lookUp(3)]);
    await Promise.resolve();
    answer();
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    expect(await all).toEqual([10, 20, 30]);
    expect(asked).toEqual([[1, 2], [3]]);
  });

  it('that fail, fail together and do not block the next', async () => {
    const { lookUp, answer } = held();
    const failed = Promise.allSettled([lookUp(1), lookUp(2)]);
    await Promise.resolve();
    answer(new RangeError('gone'));
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = lookUp(3);
    await Promise.resolve();
    answer();
    expect(await next).toBe(30);
  });
});
