import { describe, expect, it } from '@jest/globals';
import type { NewEvent } from './log-store.js';
import { RecentRows } from './recent-rows.js';

const events = (count: number, bytes = 10): NewEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    streamId: `parcel/${index}`,
    sequence: 0n,
    eventId: String(index),
    type: 'countersign.test.ParcelPacked.v1',
    header: Buffer.alloc(bytes),
    entry: Buffer.alloc(0),
    disclosures: Buffer.alloc(0),
    recordDigest: Buffer.alloc(32),
  }));
const positions = (recent: RecentRows, from: bigint, limit = 1_000): bigint[] =>
  recent.from(from, limit).map(({ position }) => position);

describe('the rows appended last', () => {
  it('are given from a position on, in order, and only if that position is remembered', () => {
    const recent = new RecentRows();
    recent.add(5n, events(2));
    recent.add(7n, events(1));
    expect(positions(recent, 5n)).toEqual([5n, 6n, 7n]);
    expect(positions(recent, 6n, 1)).toEqual([6n]);
    expect(positions(recent, 4n)).toEqual([]);
    expect(positions(recent, 8n)).toEqual([]);
  });

  it('begin anew after rows of another process, and after rows out of order', () => {
    const recent = new RecentRows();
    recent.add(0n, events(3));
    recent.add(10n, events(1));
    expect(positions(recent, 0n)).toEqual([]);
    expect(positions(recent, 10n)).toEqual([10n]);
    recent.add(4n, events(1));
    expect(positions(recent, 10n)).toEqual([]);
  });

  it.each([
    { what: 'by count', limits: { rowsMax: 10, bytesMax: 1_000_000 } },
    { what: 'by bytes', limits: { rowsMax: 1_000, bytesMax: 100 } },
  ])('are bounded $what, and the newest ones stay', ({ limits }) => {
    const recent = new RecentRows(limits);
    for (let position = 0n; position < 100n; position += 1n) {
      recent.add(position, events(1));
      expect(recent.from(0n, 1_000).length).toBeLessThanOrEqual(10);
      expect(positions(recent, position)).toEqual([position]);
    }
    recent.add(100n, events(1, 200));
    expect(recent.from(100n, 10).length).toBeLessThanOrEqual(1);
  });

  it('are told once for all that one turn brings', async () => {
    const recent = new RecentRows();
    let told = 0;
    const end = recent.onAdded(() => (told += 1));
    recent.add(0n, events(1));
    recent.add(1n, events(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(1);
    end();
    recent.add(2n, events(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(1);
  });
});
