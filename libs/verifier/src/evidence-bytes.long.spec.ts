import { describe, expect, it } from '@jest/globals';
import { sealBundle } from './bundle-file.js';
import { AT, buildEvidence } from './evidence.builders.js';
import { Unreadable } from './unreadable.js';
import { verifyBundle } from './verify-bundle.js';

describe('a bundle with all evidence', () => {
  const { bundle, trust } = buildEvidence();
  const bytes = sealBundle(bundle);
  const trustBytes = Buffer.from(JSON.stringify(trust));

  it('is refused after any single bit is turned', () => {
    let refused = 0;
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const mutated = Buffer.from(bytes);
      mutated[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (!holds(mutated)) refused += 1;
    }
    expect(refused).toBe(8 * bytes.length);
  });

  function holds(mutated: Uint8Array): boolean {
    try {
      return verifyBundle(mutated, trustBytes, { at: AT }).holds;
    } catch (error) {
      expect(error).toBeInstanceOf(Unreadable);
      return false;
    }
  }
});
