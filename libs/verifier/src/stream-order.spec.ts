import { describe, expect, it } from '@jest/globals';
import { Checks, type Check } from './report.js';
import { verifyOrder } from './stream-order.js';
import type { VerifiedRecord } from './verify-record.js';

/** Records as they come from a log whose operator committed them in any order: only their places matter here. */
function judge(...places: readonly (readonly [index: number, sequence?: number])[]): Check | undefined {
  const records = places.map(([index, sequence]) => {
    const place = { subject: `log#${index}`, index, ...(sequence !== undefined && { sequence: BigInt(sequence) }) };
    return place as unknown as VerifiedRecord;
  });
  const checks = new Checks();
  const holds = verifyOrder(records, 'log stream', checks);
  expect(checks.list).toHaveLength(1);
  expect(checks.list[0]?.result === 'PASS').toBe(holds);
  return checks.list[0];
}

describe('the order of a stream', () => {
  it.each([
    ['nothing', [], 'MISSING', undefined],
    ['a stream without its beginning', [[4, 1]], 'MISSING', 4],
    [
      'a gap',
      [
        [1, 0],
        [4, 2],
      ],
      'MISSING',
      4,
    ],
    [
      'a later record first',
      [
        [1, 1],
        [4, 0],
      ],
      'REORDERED',
      1,
    ],
    [
      'a leaf before its predecessor',
      [
        [4, 0],
        [1, 1],
      ],
      'REORDERED',
      1,
    ],
    [
      'two records at one leaf',
      [
        [4, 0],
        [4, 1],
      ],
      'REORDERED',
      4,
    ],
    [
      'a sequence a second time',
      [
        [1, 0],
        [4, 1],
        [5, 1],
      ],
      'INSERTED',
      5,
    ],
  ] as const)('is broken by %s', (_name, places, verdict, leaf) => {
    const check = judge(...places);
    expect(check).toMatchObject({ result: 'FAIL', verdict });
    expect(check?.leaf).toBe(leaf);
  });

  it('holds with leaves of others between, and takes what cannot be read for what has a check of its own', () => {
    expect(judge([1, 0], [4, 1], [90, 2])?.result).toBe('PASS');
    expect(judge([1, 0], [4], [90, 2])?.result).toBe('PASS');
    expect(judge([1, 0], [4], [90, 3])?.verdict).toBe('MISSING');
  });
});
