import { describe, expect, it } from '@jest/globals';
import { StreamQueue } from './stream-queue.js';

describe('The stream queue', () => {
  it('lets one at a time in, in order of arrival, per stream', async () => {
    const queue = new StreamQueue();
    const order: string[] = [];
    const enter = async (stream: string, name: string): Promise<() => void> => {
      const leave = await queue.enter(stream);
      order.push(name);
      return leave;
    };
    const first = await enter('a', 'first');
    const second = enter('a', 'second');
    const third = enter('a', 'third');
    (await enter('b', 'other'))();
    expect(order).toEqual(['first', 'other']);
    first();
    (await second)();
    (await third)();
    expect(order).toEqual(['first', 'other', 'second', 'third']);
    (await enter('a', 'again'))();
    expect(order.at(-1)).toBe('again');
  });
});
