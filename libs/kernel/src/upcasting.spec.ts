import { describe, expect, it } from '@jest/globals';
import type { EventSchema, Upcaster } from './event.js';
import { upcastingBy } from './upcasting.js';

const type = (name: string, version: number): EventSchema['type'] => `countersign.test.${name}.v${version}`;
const upcaster = (from: EventSchema['type'], ...to: readonly EventSchema['type'][]): Upcaster => ({
  schema: { type: from, fields: {} },
  upcast: (data) => to.map((next, index) => ({ type: next, data: { ...data, [from]: index } })),
});

describe('Upcasting', () => {
  it('leaves what is of today as it is', () => {
    const event = { type: type('Weighed', 3), data: { grams: 5 } };
    expect(upcastingBy([])(event)).toEqual([event]);
  });

  it('goes from version to version, and through splits and renames', () => {
    const upcast = upcastingBy([
      upcaster(type('Moved', 1), type('Moved', 2)),
      upcaster(type('Moved', 2), type('Left', 1), type('Arrived', 1)),
      upcaster(type('Arrived', 1), type('Received', 1)),
    ]);
    expect(upcast({ type: type('Moved', 1), data: {} }).map((event) => event.type)).toEqual([
      type('Left', 1),
      type('Received', 1),
    ]);
    expect(upcast({ type: type('Moved', 2), data: { kept: true } })[0]?.data).toEqual({ kept: true, [type('Moved', 2)]: 0 });
  });

  it('refuses two upcasters of one type, and a circle', () => {
    const twice = [upcaster(type('A', 1), type('A', 2)), upcaster(type('A', 1), type('A', 3))];
    expect(() => upcastingBy(twice)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    const circle = upcastingBy([upcaster(type('A', 1), type('A', 2)), upcaster(type('A', 2), type('A', 1))]);
    expect(() => circle({ type: type('A', 1), data: {} })).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
