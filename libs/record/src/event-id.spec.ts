import { describe, expect, it } from '@jest/globals';
import { freshEventId } from './event-id.js';

describe('event ids', () => {
  it('are UUIDv7 of their time', () => {
    // The time of the example in RFC 9562, appendix A.6.
    expect(freshEventId(0x017f22e279b0)).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(freshEventId(2 ** 48 - 1).startsWith('ffffffff-ffff-7')).toBe(true);
  });

  it('differ, in every random digit', () => {
    const ids = Array.from({ length: 1_000 }, () => freshEventId(0));
    expect(new Set(ids).size).toBe(1_000);
    const digits = [15, 16, 17, 20, 21, 22, 24, 29, 35].map((at) => new Set(ids.map((id) => id[at])).size);
    expect(digits.every((count) => count === 16)).toBe(true);
    expect(new Set(ids.map((id) => id[19]))).toEqual(new Set(['8', '9', 'a', 'b']));
  });
});
