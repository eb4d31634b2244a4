import { describe, expect, it } from '@jest/globals';
import { FoldCache } from './fold-cache.js';

const folded = (nextSequence: bigint) => ({ nextSequence, lastDigest: undefined, state: nextSequence });

describe('The fold cache', () => {
  it('forgets what was not used for longest', () => {
    const definition = {};
    const cache = new FoldCache(2);
    cache.put(definition, 'a', folded(1n));
    cache.put(definition, 'b', folded(2n));
    expect(cache.get(definition, 'a')).toEqual(folded(1n));
    cache.put(definition, 'c', folded(3n));
    expect(cache.get(definition, 'b')).toBeUndefined();
    expect(cache.get(definition, 'a')).toEqual(folded(1n));
    expect(cache.get(definition, 'c')).toEqual(folded(3n));
  });

  it('gives no definition the state of another', () => {
    const cache = new FoldCache(2);
    cache.put({}, 'a', folded(1n));
    expect(cache.get({}, 'a')).toBeUndefined();
  });
});
