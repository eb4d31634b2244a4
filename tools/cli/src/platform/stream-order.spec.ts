import { describe, expect, it } from '@jest/globals';
import { streamOrder } from './stream-order.js';

const place = (sequence: number): { sequence: bigint; position: bigint } => ({
  sequence: BigInt(sequence),
  position: BigInt(10 * sequence),
});

describe('the order of a stored stream', () => {
  it('agrees if every record stands at its sequence', () => {
    expect(streamOrder([0, 1, 2, 3].map(place))).toEqual({ misplaced: new Set(), repeated: new Set(), gaps: [] });
    expect(streamOrder([])).toEqual({ misplaced: new Set(), repeated: new Set(), gaps: [] });
  });

  it('names the records that changed places, and no others', () => {
    expect(streamOrder([0, 2, 1, 3].map(place))).toEqual({ misplaced: new Set([20n, 10n]), repeated: new Set(), gaps: [] });
  });

  it('names what is missing at the beginning and in the middle, with the leaves between which it lay', () => {
    expect(streamOrder([1, 2, 5].map(place))).toEqual({
      misplaced: new Set(),
      repeated: new Set(),
      gaps: [
        { sequence: 0n, after: -1n, before: 10n },
        { sequence: 3n, after: 20n, before: 50n },
        { sequence: 4n, after: 20n, before: 50n },
      ],
    });
  });
});
