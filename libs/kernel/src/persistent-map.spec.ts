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

  it('finds a key in as few steps as its size allows, whatever came and went in whatever order', () => {
    const run = fc.record({ from: fc.nat(400), length: fc.nat(200), step: fc.constantFrom(1, -1), isDelete: fc.boolean() });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 8 }), (runs) => {
        const model = new Set<number>();
        let map = PersistentMap.empty<number, number>();
        for (const { from, length, step, isDelete } of runs) {
          for (let key = from, left = length; left > 0; key += step, left -= 1) {
            map = isDelete ? map.delete(key) : map.set(key, key);
            if (isDelete) model.delete(key);
            else model.add(key);
          }
        }
        expect([...map.keys()]).toEqual([...model].sort((one, other) => one - other));
        // The height of an AVL tree: Knuth, The Art of Computer Programming, volume 3, section 6.2.3, theorem A.
        const stepsMax = Math.ceil(1.4405 * Math.log2(map.size + 2));
        for (const key of [...model, -1, 1_000]) expect(stepsTo(map, key)).toBeLessThanOrEqual(stepsMax);
      }),
    );
  });

  it('is itself when nothing goes', () => {
    const map = PersistentMap.of<string, number>([['a', 1]]);
    expect(map.delete('b')).toBe(map);
  });
});

/** How many entries are looked at on the way to a key. */
function stepsTo(map: PersistentMap<number, number>, key: number): number {
  let steps = 0;
  map.get({ valueOf: () => ((steps += 1), key) } as unknown as number);
  return steps;
}

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
