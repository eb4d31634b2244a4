import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openRegistryFixture, type RegistryFixture } from './registry-fixture.js';
import { RegistryPlay } from './registry-play.js';
import { sampleHistories } from './registry-steps.js';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

describe('log registry under many random calls', () => {
  let fixture: RegistryFixture;
  // A fresh node each time: what one keeps of earlier contracts makes it slower.
  beforeEach(async () => {
    fixture = await openRegistryFixture();
  });
  afterEach(() => fixture?.close());

  it.each(SEEDS)(
    'does what the rules say, and keeps the invariants, from seed %d',
    async (seed) => {
      const seen = new Set<string>();
      for (const history of sampleHistories(seed, 12, 100)) await RegistryPlay.history(fixture, history, seen);
      expect(seen).toContain('Accepted');
      expect(seen).toContain('Enacted');
    },
    300_000,
  );
});
