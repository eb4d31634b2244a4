import { describe, expect, it } from '@jest/globals';
import type { EventSchema, Upcaster } from '@countersign/kernel';
import { factVersions } from './fact-versions.js';

const type = (name: string, version: number): EventSchema['type'] => `countersign.procurement.${name}.v${version}`;
const upcaster = (from: EventSchema['type'], ...to: readonly EventSchema['type'][]): Upcaster => ({
  schema: { type: from, fields: {} },
  upcast: (data) => to.map((next) => ({ type: next, data: { ...data, seen: from } })),
});
const at = (ofType: string) => ({
  type: ofType,
  source: 'o',
  subject: 'order/1',
  sequence: 3n,
  eventId: 'e',
  correlationId: undefined,
});

describe('The versions of a fact', () => {
  const versions = factVersions(
    [type('Noted', 3)],
    [upcaster(type('Noted', 1), type('Noted', 2)), upcaster(type('Noted', 2), type('Noted', 3))],
  );

  it('that are known are read as the newest', () => {
    expect(versions.newest(type('Noted', 1), { note: 'a' })).toEqual({
      type: type('Noted', 3),
      data: { note: 'a', seen: type('Noted', 2) },
    });
    expect(versions.newest(type('Noted', 3), { note: 'a' })).toEqual({ type: type('Noted', 3), data: { note: 'a' } });
    for (const version of [1, 2, 3]) {
      expect(versions.isRead(type('Noted', version))).toBe(true);
      expect(versions.holdBack(at(type('Noted', version)))).toBeUndefined();
    }
  });

  it('that are newer are held back, as long as it takes, and named', () => {
    expect(versions.isRead(type('Noted', 4))).toBe(true);
    expect(versions.holdBack(at(type('Noted', 4)))).toMatchObject({
      ...{ kind: 'retry', unavailable: true },
      error: { code: 'EVENT_TYPE_UNKNOWN', detail: { context: { streamId: 'order/1', sequence: '3', type: type('Noted', 4) } } },
    });
  });

  it('of events that are not read here do not matter', () => {
    for (const other of [type('Filed', 1), type('NotedElsewhere', 1)]) expect(versions.isRead(other)).toBe(false);
  });

  it.each([
    ['to nothing', []],
    ['to two events', [type('Noted', 3), type('Noted', 3)]],
    ['to an event that nobody reads', [type('Filed', 1)]],
  ])('cannot lead %s', (_case, to) => {
    const wrong = factVersions([type('Noted', 3)], [upcaster(type('Noted', 1), ...to)]);
    expect(() => wrong.newest(type('Noted', 1), {})).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
