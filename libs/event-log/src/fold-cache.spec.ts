import { describe, expect, it } from '@jest/globals';
import { FoldCache } from './fold-cache.js';

const LINEAGE = {};
const folded = (nextSequence: bigint) => ({ nextSequence, lastDigest: undefined, state: nextSequence, lineage: LINEAGE });

const LIMITS = { foldedStreamsMax: 2, foldedEventsMax: 100, usesPerRefoldedEvent: 3, usesMin: 5 };

describe('The fold cache', () => {
  it('forgets what was not used for longest', () => {
    const definition = {};
    const cache = new FoldCache(LIMITS);
    cache.put(definition, 'a', folded(1n));
    cache.put(definition, 'b', folded(2n));
    expect(cache.get(definition, 'a')).toEqual(folded(1n));
    cache.put(definition, 'c', folded(3n));
    expect(cache.get(definition, 'b')).toBeUndefined();
    expect(cache.get(definition, 'a')).toEqual(folded(1n));
    expect(cache.get(definition, 'c')).toEqual(folded(3n));
  });

  it('gives no definition the state of another', () => {
    const cache = new FoldCache(LIMITS);
    cache.put({}, 'a', folded(1n));
    expect(cache.get({}, 'a')).toBeUndefined();
  });

  it('holds no more events than it may, however few streams they are of', () => {
    const definition = {};
    const cache = new FoldCache({ ...LIMITS, foldedStreamsMax: 1_000 });
    for (let index = 0; index < 1_000; index += 1) {
      cache.put(definition, `s${index}`, folded(BigInt(1 + (index % 50))));
      expect(cache.eventCount).toBeLessThanOrEqual(100);
    }
    cache.put(definition, 's0', folded(40n));
    cache.put(definition, 's0', folded(41n));
    cache.delete('s0');
    cache.delete('s0');
    expect(cache.eventCount).toBeLessThanOrEqual(59);
  });

  it('keeps the stream at hand, even one that is longer than all it may hold', () => {
    const definition = {};
    const cache = new FoldCache(LIMITS);
    cache.put(definition, 'short', folded(1n));
    cache.put(definition, 'long', folded(1_000n));
    expect([cache.get(definition, 'short'), cache.get(definition, 'long')]).toEqual([undefined, folded(1_000n)]);
    cache.put(definition, 'short', folded(1n));
    expect([cache.get(definition, 'long'), cache.eventCount]).toEqual([undefined, 1]);
  });

  it('keeps no slab of memory alive for the digest of a state', () => {
    const definition = {};
    const cache = new FoldCache(LIMITS);
    const lastDigest = Buffer.alloc(4_096, 7).subarray(0, 32);
    cache.put(definition, 'a', { ...folded(1n), lastDigest });
    const kept = cache.get(definition, 'a')?.lastDigest;
    expect(Buffer.from(kept ?? []).equals(lastDigest)).toBe(true);
    expect(kept?.buffer.byteLength).toBe(32);
  });

  it('says once that a state was believed for long, sooner of a short stream', () => {
    const definition = {};
    const cache = new FoldCache(LIMITS);
    const usesUntilDue = (length: bigint): number => {
      cache.put(definition, 'a', folded(length));
      let uses = 0;
      for (; !cache.takeDue('a'); uses += 1) cache.get(definition, 'a');
      return uses;
    };
    expect([usesUntilDue(1n), usesUntilDue(10n)]).toEqual([5, 30]);
    expect([cache.takeDue('a'), cache.takeDue('unknown')]).toEqual([false, false]);
  });

  it('takes nothing that comes of a state it was told to distrust', () => {
    const definition = {};
    const cache = new FoldCache(LIMITS);
    const [wrong, right] = [{ ...folded(1n), lineage: {} }, folded(2n)];
    cache.put(definition, 'a', wrong);
    cache.distrust('a', wrong);
    cache.put(definition, 'a', { ...wrong, nextSequence: 2n });
    expect([cache.get(definition, 'a'), cache.isTrusted(wrong), cache.eventCount]).toEqual([undefined, false, 0]);
    cache.put(definition, 'a', right);
    cache.distrust('a', wrong);
    expect(cache.get(definition, 'a')).toEqual(right);
  });
});
