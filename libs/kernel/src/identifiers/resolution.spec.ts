import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  compareTimes,
  concatenateUii,
  documentKey,
  dodaacOf,
  epochNanoseconds,
  isIssuable,
  niinOf,
  ordinalDay,
  parseDocumentNumber,
  parseNsn,
  parsePastTime,
  parsePiid,
  parseStockNumber,
  parseTime,
  parseUiiParts,
  priorityOf,
  resolveDocumentYear,
  sameUiiParts,
  SUPPLY_CONDITIONS,
  conditionGroup,
} from '../index.js';

const number = (text: string): ReturnType<typeof parseDocumentNumber> => parseDocumentNumber(text, 'document_number');

describe('document year', () => {
  it.each([
    ['N0010422790001', '2026-11-05T00:00:00Z', 2022],
    ['W81X9C90520417', '2026-11-05T00:00:00Z', 2019],
    ['N0010400050001', '2026-11-05T00:00:00Z', 2020],
    ['W99UN163060042', '2026-11-02T08:00:00Z', 2026],
    ['2YTRYZ92598384', '2019-10-01T00:00:00Z', 2019],
    // The day after `asOf` is today somewhere east of Greenwich, the one after that lies ten years back.
    ['W99UN163070042', '2026-11-02T08:00:00Z', 2026],
    ['W99UN163080042', '2026-11-02T08:00:00Z', 2016],
    ['W99UN170010042', '2026-12-31T12:00:00Z', 2027],
    ['W99UN100010042', '2029-12-31T12:00:00Z', 2030],
    ['W99UN170010042', '2026-12-30T12:00:00Z', 2017],
    ['W99UN143660042', '2026-11-02T08:00:00Z', 2024],
  ])('resolves %s as of %s to %i', (text, asOf, year) => {
    expect(resolveDocumentYear(number(text), asOf, 'document_number')).toBe(year);
  });

  it('refuses day 366 of a year that has none', () => {
    expect(() => resolveDocumentYear(number('W99UN153660042'), '2026-11-02T08:00:00Z', 'document_number')).toThrow(
      expect.objectContaining({ code: 'FIELD_INVALID' }),
    );
  });

  it('always finds the nearest year with the right digit, never in the future', () => {
    const times = fc.date({ min: new Date('1990-01-01'), max: new Date('2080-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 365 }), (date, digit, day) => {
        const asOf = date.toISOString();
        const year = resolveDocumentYear(number(`W99UN1${digit}${String(day).padStart(3, '0')}0001`), asOf, 'document_number');
        const today = ordinalDay(parseTime(asOf, 'as_of'));
        const ageDays = (today.year - year) * 365.25 + today.day - day;
        expect(year % 10).toBe(digit);
        expect(ageDays).toBeGreaterThanOrEqual(-2);
        expect(ageDays).toBeLessThan(10 * 365.25 + 2);
      }),
    );
  });

  it('makes a key that never repeats', () => {
    expect(documentKey(number('W99UN163060042'), 2026)).toBe('W99UN163060042/2026');
    expect(dodaacOf(number('W99UN163060042'))).toBe('W99UN1');
  });
});

describe('time', () => {
  it('names the same instant in any offset', () => {
    const local = parseTime('2026-11-05T06:40:00.1415+02:00', 'time');
    const utc = parseTime('2026-11-05T04:40:00.141500Z', 'time');
    const unknownOffset = parseTime('2026-11-05T04:40:00.1415-00:00', 'time');
    expect(compareTimes(local, utc)).toBe(0);
    expect(compareTimes(utc, unknownOffset)).toBe(0);
    expect(compareTimes(local, parseTime('2026-11-05T04:40:00.141500001Z', 'time'))).toBeLessThan(0);
  });

  it('agrees with the platform clock', () => {
    const times = fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
    fc.assert(
      fc.property(times, (date) => {
        expect(epochNanoseconds(parseTime(date.toISOString(), 'time'))).toBe(BigInt(date.getTime()) * 1_000_000n);
      }),
    );
  });

  it('refuses a fact from the future, beyond what clocks differ', () => {
    const now = '2026-11-05T04:40:00Z';
    expect(parsePastTime('2026-11-05T04:44:59Z', 'event_time', now)).toBe('2026-11-05T04:44:59Z');
    expect(() => parsePastTime('2026-11-05T04:46:00Z', 'event_time', now)).toThrow(
      expect.objectContaining({ code: 'TIME_INVALID' }),
    );
  });
});

describe('stock number', () => {
  it('identifies an item by its NIIN and drops dashes', () => {
    expect(niinOf(parseNsn('6615-12-999-9901', 'nsn'))).toBe('129999901');
    expect(parsePiid('W91QUZ-06-D-0020', 'piid')).toBe('W91QUZ06D0020');
  });

  it('keeps local numbers apart', () => {
    expect(parseStockNumber('2330DSTRAILE1', 'nsn')).toEqual({
      kind: 'local',
      value: '2330DSTRAILE1',
      supplyClass: '2330',
      localNumber: 'DSTRAILE1',
    });
    expect(parseStockNumber('5905-00-734-5199', 'nsn')).toEqual({
      kind: 'nsn',
      value: '5905007345199',
      supplyClass: '5905',
      niin: '007345199',
    });
  });
});

describe('UII parts', () => {
  it('concatenate without separators', () => {
    const parts = parseUiiParts(
      { construct: 2, agency: 'D', enterprise: 'D9X91', originalPart: 'IMU7700-3', serial: '000417B' },
      'mark',
    );
    expect(concatenateUii(parts)).toBe('DD9X91IMU7700-3000417B');
    const giai = parseUiiParts({ construct: 1, agency: 'GS1', enterprise: '0614141', serial: '9999960MH80312' }, 'mark');
    expect(concatenateUii(giai)).toBe('06141419999960MH80312');
  });

  it('can collide, and then are told apart', () => {
    const one = parseUiiParts(
      { construct: 2, agency: 'D', enterprise: '35962', originalPart: 'PQ7VZ4', serial: 'M37GXB92' },
      'mark',
    );
    const other = parseUiiParts(
      { construct: 2, agency: 'D', enterprise: '35962', originalPart: 'PQ7', serial: 'VZ4M37GXB92' },
      'mark',
    );
    expect(concatenateUii(one)).toBe(concatenateUii(other));
    expect(sameUiiParts(one, other)).toBe(false);
    expect(sameUiiParts(one, { ...one })).toBe(true);
  });

  it.each([
    [{ construct: 2, agency: 'D', enterprise: '3I962', originalPart: 'P', serial: 'S' }, 'mark.enterprise'],
    [{ construct: 2, agency: 'X', enterprise: '35962', originalPart: 'P', serial: 'S' }, 'mark.agency'],
    [{ construct: 2, agency: 'D', enterprise: '35962', serial: 'S' }, 'mark.originalPart'],
    [{ construct: 1, agency: 'D', enterprise: '35962', serial: '' }, 'mark.serial'],
    [{ construct: 3, agency: 'D', enterprise: '35962', serial: 'S' }, 'mark.construct'],
    [{ construct: 2, agency: 'D', enterprise: '35962', originalPart: 'P'.repeat(32), serial: 'S'.repeat(30) }, 'mark'],
  ])('refuses %j at %s', (parts, field) => {
    expect(() => parseUiiParts(parts, 'mark')).toThrow(expect.objectContaining({ detail: expect.objectContaining({ field }) }));
  });
});

describe('code tables', () => {
  it('issue only A, B and C without waiver', () => {
    const issuable = (Object.keys(SUPPLY_CONDITIONS) as (keyof typeof SUPPLY_CONDITIONS)[]).filter(isIssuable);
    expect(issuable).toEqual(['A', 'B', 'C']);
    expect(conditionGroup('L')).toBe('suspended');
    expect(conditionGroup('H')).toBe('unserviceable');
  });

  it('give the priority designator of the published matrix', () => {
    expect(priorityOf('II', 'A')).toBe('02');
    expect(priorityOf('V', 'C')).toBe('15');
  });
});
