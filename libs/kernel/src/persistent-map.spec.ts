import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { PersistentList } from './persistent-list.js';
import { PersistentMap } from './persistent-map.js';
import { PersistentSet } from './persistent-set.js';

type Change = { readonly key: string; readonly value: number | undefined };

const CHANGES = fc.array(fc.record({ key: fc.string({ maxLength: 2 }), value: fc.option(fc.integer(), { nil: undefined }) }), {
  maxLength: 200,
});

function changed(map: PersistentMap<string, number>, { key, value }: Change): PersistentMap<string, number> {
  return value === undefined ? map.delete(key) : map.set(key, value);
}

/** Sorted as the map is: by code units. */
function sorted(model: ReadonlyMap<string, number>): [string, number][] {
  return [...model].sort(([left], [right]) => (left < right ? -1 : 1));
}

describe('A persistent map', () => {
  it('holds what a map holds, and every version of it goes on holding what it held', () => {
    fc.assert(
      fc.property(CHANGES, (changes) => {
        const model = new Map<string, number>();
        let map = PersistentMap.empty<string, number>();
        const versions = [{ map, entries: sorted(model) }];
        for (const change of changes) {
          map = changed(map, change);
          if (change.value === undefined) model.delete(change.key);
          else model.set(change.key, change.value);
          expect(map.has(change.key)).toBe(model.has(change.key));
          expect(map.get(change.key)).toBe(model.get(change.key));
          versions.push({ map, entries: sorted(model) });
        }
        for (const { map: version, entries } of versions) {
          expect([...version]).toEqual(entries);
          expect([version.size, [...version.keys()], [...version.values()]]).toEqual([
            entries.length,
            entries.map(([key]) => key),
            entries.map(([, value]) => value),
          ]);
        }
      }),
    );
  });

  it('says the same whatever came first', () => {
    const entries = Array.from({ length: 100 }, (_, index) => [`key-${index}`, index] as const);
    expect(PersistentMap.of(entries.toReversed())).toEqual(PersistentMap.of(entries));
    expect(PersistentMap.of(entries)).not.toEqual(PersistentMap.of(entries.slice(1)));
    expect(PersistentMap.of(entries).set('key-7', 8)).not.toEqual(PersistentMap.of(entries));
  });

  it('takes keys in any order at the same cost', () => {
    for (const order of [(key: number) => key, (key: number) => -key]) {
      let looked = 0;
      const counting = (key: number): number => ({ valueOf: () => ((looked += 1), order(key)) }) as unknown as number;
      let map = PersistentMap.empty<number, number>();
      for (let key = 0; key < 4_096; key += 1) map = map.set(order(key), key);
      map.set(counting(5_000), 0);
      // A tree of 4,096 entries is at most 17 high; each level is looked at a few times.
      expect(looked).toBeLessThan(100);
    }
  });

  it('keeps its two sides alike when entries go', () => {
    let map = PersistentMap.of(Array.from({ length: 4_096 }, (_, key) => [key, key] as const));
    for (let key = 0; key < 4_000; key += 1) map = map.delete(key);
    expect([...map.keys()]).toEqual(Array.from({ length: 96 }, (_, index) => 4_000 + index));
    expect(map.delete(0)).toBe(map);
  });
});

describe('A persistent set', () => {
  it('adds and deletes without touching what it was made from', () => {
    const some = PersistentSet.empty<string>().add('b', 'a', 'b');
    const fewer = some.delete('a', 'z');
    expect([[...some], some.size, some.has('a')]).toEqual([['a', 'b'], 2, true]);
    expect([[...fewer], fewer.size, fewer.has('a')]).toEqual([['b'], 1, false]);
  });
});

describe('A persistent list', () => {
  it('keeps the order of coming, in every version', () => {
    const one = PersistentList.of('first');
    const [left, right] = [one.append('left'), one.append('right')];
    expect([[...one], [...left], [...right]]).toEqual([['first'], ['first', 'left'], ['first', 'right']]);
    expect([one.length, left.length, PersistentList.empty().length]).toEqual([1, 2, 0]);
  });
});
