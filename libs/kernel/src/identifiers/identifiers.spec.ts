import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DomainError } from '../domain-error.js';
import type { ErrorCode } from '../error-codes.js';
import {
  parseCage,
  parseClin,
  parseControlledItemCode,
  parseDemilitarisationCode,
  parseDocumentNumber,
  parseDodaac,
  parseLocalStockNumber,
  parseNcb,
  parseNiin,
  parseNsn,
  parseOrganisationId,
  parsePiid,
  parsePriorityDesignator,
  parseQuantity,
  parseRic,
  parseRtdReference,
  parseShipmentNumber,
  parseStockNumber,
  parseSuffix,
  parseSupplyCondition,
  parseSupplyStatus,
  parseTcn,
  parseTime,
  parseUic,
  parseUii,
  parseUnitOfIssue,
  QUANTITY_MAX,
} from './index.js';

type Parser = (value: unknown, field: string) => unknown;

const HOSTILE = [
  '',
  ' ',
  '\u0000',
  'hasOwnProperty',
  '__proto__',
  'toString',
  'Ａ１２３４',
  'А1234',
  'a'.repeat(10_000),
  '1\n',
  '\n1',
  '１２３',
  '٣',
];
const WRONG_TYPE: unknown[] = [null, undefined, {}, [], true, Number.NaN, Symbol.iterator, ['EA'], { length: 5 }];

const TABLE: readonly { name: string; parse: Parser; valid: readonly string[]; invalid: readonly string[] }[] = [
  {
    name: 'NSN',
    parse: parseNsn,
    valid: ['5905-00-734-5199', '5820-01-546-5288', '1005-00-073-9421', '6615129999901', '5905-01-C34-5199'],
    invalid: [
      '5905-00-734-519',
      '59O5-00-734-5199',
      '5905-10-734-5199',
      '5705-00-734-5199',
      '5905 00 734 5199',
      '5905-00-734-51999',
      '2330DSTRAILE1',
      '5905-0-0734-5199',
    ],
  },
  {
    name: 'NIIN',
    parse: parseNiin,
    valid: ['007345199', '129999901', '99C345199'],
    invalid: ['00-734-5199', '107345199', '00734519', '00O345199', 'DSTRAILE1'],
  },
  {
    name: 'local stock number',
    parse: parseLocalStockNumber,
    valid: ['2330DSTRAILE1', '5855DSTHRMCAM', '8415DSMITTENS'],
    invalid: ['2330D1TRAILE1', '2330DSTRAILE', '5905007345199', '5700DSTRAILE1', '2330dstraile1', '2330-DSTRAILE1'],
  },
  {
    name: 'stock number',
    parse: parseStockNumber,
    valid: ['2330DSTRAILE1', '5905-00-734-5199'],
    invalid: ['5905-00-734-519', '2330DSTRAILE', '2330D1TRAILE1'],
  },
  { name: 'NCB', parse: parseNcb, valid: ['00', '12', '99', '01', '15', '20', '21', '25', '66'], invalid: ['10', '1', 'A1'] },
  { name: 'CAGE', parse: parseCage, valid: ['35962', '2S194', '9359B'], invalid: ['3596', '3I962', '35-62', '3596b', '359621'] },
  {
    name: 'DoDAAC',
    parse: parseDodaac,
    valid: ['N00104', 'W81X9C', 'W91QUZ', '2YTRYZ'],
    invalid: ['W81X9', 'WO1234', 'W81-9C', 'w81x9c'],
  },
  { name: 'RIC', parse: parseRic, valid: ['SMS', 'A5R', 'BA9'], invalid: ['SM', 'sms', 'S-S'] },
  { name: 'UIC', parse: parseUic, valid: ['WZ9AA0', 'N12345', 'M98765'], invalid: ['1Z9AA0', 'WZ9A', 'WZ9-A0'] },
  {
    name: 'document number',
    parse: parseDocumentNumber,
    valid: ['N0010422790001', 'W81X9C90520417', 'N0010400050001', '2YTRYZ92598384'],
    invalid: ['N0010423670001', 'W81X9C20000417', 'N001042279001', 'N00104X2790001', 'N0010422790OO1'],
  },
  { name: 'suffix', parse: parseSuffix, valid: ['A', 'B', 'Z'], invalid: ['I', 'O', '1', 'AA', 'a'] },
  {
    name: 'TCN',
    parse: parseTcn,
    valid: ['N0010422790001XXX', 'W81X9C90520417AXX', 'W81X9C6001X001XXX'],
    invalid: ['N0010422790001XX', 'n0010422790001xxx', 'N0010422790001-XX'],
  },
  {
    name: 'PIID',
    parse: parsePiid,
    valid: ['W91QUZ06D0020', 'SPE4A118C0001', 'W99CT126C0017', 'W91QUZ-06-D-0020'],
    invalid: ['W91QUZ6D0020', 'W91QUZ0640020', 'W9IQUZ06D0020', 'W91QUZ06D0020-', '-W91QUZ06D0020', 'W91QUZ--06D0020'],
  },
  { name: 'CLIN', parse: parseClin, valid: ['0001', '0001AA', '0002AB'], invalid: ['001', 'A001', '0001A'] },
  {
    name: 'UII',
    parse: parseUii,
    valid: ['D35962PQ7VZ4M37GXB92', 'LDW81X9C3KL984PX12WMA-52', '06141419999960MH80312', 'DD9X91IMU7700-3000417B'],
    invalid: ['d35962PQ7VZ4M37GXB92', 'D35962 PQ7VZ4', 'D'.repeat(51)],
  },
  {
    name: 'unit of issue',
    parse: parseUnitOfIssue,
    valid: 'EA PR KT PG SE BX RO DZ AY CS CL RL HD SH LG CN FT BE SL AT MX YD GL LB'.split(' '),
    invalid: ['XX', 'ea', 'E', 'EAA', 'EACH'],
  },
  { name: 'supply condition', parse: parseSupplyCondition, valid: ['A', 'L', 'X'], invalid: ['I', 'O', 'a', 'AA', '1'] },
  { name: 'supply status', parse: parseSupplyStatus, valid: ['BA', 'BB', 'BV'], invalid: ['ba', 'ZZ', 'B'] },
  { name: 'CIIC', parse: parseControlledItemCode, valid: ['7', 'U', 'J', '9'], invalid: ['0', 'A', '77'] },
  { name: 'DEMIL', parse: parseDemilitarisationCode, valid: ['A', 'D', 'Q'], invalid: ['H', '1', 'AA'] },
  { name: 'priority designator', parse: parsePriorityDesignator, valid: ['01', '09', '15'], invalid: ['00', '16', '1', '001'] },
  {
    name: 'RTD reference',
    parse: parseRtdReference,
    valid: ['2451077', '1'],
    invalid: ['0', '02451077', '-1', '1e3', '1'.repeat(13)],
  },
  { name: 'shipment number', parse: parseShipmentNumber, valid: ['SER0001', '1'], invalid: ['SER-1', 'ser1', 'S'.repeat(23)] },
  {
    name: 'organisation id',
    parse: parseOrganisationId,
    valid: ['depot-z9d', 'ab1'],
    invalid: ['ab', '-ab', 'Depot', 'a'.repeat(64)],
  },
];

describe('identifiers', () => {
  for (const { name, parse, valid, invalid } of TABLE) {
    describe(name, () => {
      it.each(valid)('accepts %s', (text) => {
        expect(() => parse(text, 'some_field')).not.toThrow();
      });

      it.each([...invalid, ...HOSTILE])('refuses %j and names the field', (text) => {
        expectRefused(() => parse(text, 'some_field'));
      });

      it('refuses what is no string', () => {
        for (const value of WRONG_TYPE) expectRefused(() => parse(value, 'some_field'));
        expectRefused(() => parse(5905007345199, 'some_field'));
      });

      it('never throws anything but a DomainError, whatever the text', () => {
        fc.assert(
          fc.property(fc.string({ unit: 'binary' }), (text) => {
            try {
              parse(text, 'some_field');
            } catch (error) {
              expect(error).toBeInstanceOf(DomainError);
            }
          }),
        );
      });
    });
  }

  it('never echoes the input', () => {
    const secret = 'SECRET-VALUE';
    for (const { parse } of TABLE) {
      const error = refusal(() => parse(`${secret}\n`, 'some_field'));
      expect(`${error.message} ${JSON.stringify(error.detail)}`).not.toContain(secret);
    }
  });

  it('tells a broken grammar from an unknown code', () => {
    expect(codeOf(() => parseNsn('5905-10-734-5199', 'nsn'))).toBe('CODE_UNKNOWN');
    expect(codeOf(() => parseNsn('5705-00-734-5199', 'nsn'))).toBe('CODE_UNKNOWN');
    expect(codeOf(() => parseNsn('5905-00-734-519', 'nsn'))).toBe('FIELD_INVALID');
    expect(codeOf(() => parseNsn('', 'nsn'))).toBe('FIELD_MISSING');
    expect(codeOf(() => parseUnitOfIssue('XX', 'unit'))).toBe('CODE_UNKNOWN');
  });
});

describe('quantity', () => {
  it.each([1, 1n, '1', QUANTITY_MAX, BigInt(QUANTITY_MAX), String(QUANTITY_MAX)])('accepts %p', (value) => {
    expect(parseQuantity(value, 'quantity')).toBe(Number(value));
  });

  const refused: readonly unknown[] = [
    0,
    -1,
    1.5,
    Number.NaN,
    Infinity,
    -0,
    1e21,
    QUANTITY_MAX + 1,
    2 ** 31,
    2 ** 53 + 1,
    -1n,
    2n ** 63n - 1n,
    2n ** 64n,
    '0',
    '-1',
    '007',
    '1e3',
    '0x10',
    ' 1',
    '1 ',
    '1,000',
    '1.0',
    '٣',
    '+1',
    '9'.repeat(40),
    true,
    {},
    [1],
    { low: 1, high: 0 },
  ];
  it.each(refused.map((value) => [value]))('refuses %p', (value) => {
    expect(codeOf(() => parseQuantity(value, 'quantity'))).toBe('QUANTITY_INVALID');
  });

  it('keeps exactly the integers from 1 to the maximum', () => {
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        const accepted = value >= 1n && value <= BigInt(QUANTITY_MAX);
        expect(outcome(() => parseQuantity(value, 'quantity'))).toBe(accepted ? Number(value) : 'QUANTITY_INVALID');
      }),
    );
  });
});

describe('time', () => {
  it.each([
    '2026-11-05T06:40:00.1415+02:00',
    '2026-11-05T04:40:00Z',
    '2026-11-05T04:40:00-00:00',
    '2024-02-29T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999999Z',
  ])('accepts %s as it stands', (text) => {
    expect(parseTime(text, 'event_time')).toBe(text);
  });

  it.each([
    '2026-11-05',
    '2026-11-05T04:40:00',
    '2026-11-05 04:40:00Z',
    '2026-11-05T04:40Z',
    '2026-11-05T24:00:00Z',
    '2026-11-05T23:59:60Z',
    '2026-11-05T04:40:00+25:00',
    '2026-11-05T04:40:00+02:60',
    '0000-01-01T00:00:00Z',
    '10000-01-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-11-05t04:40:00z',
    '2026-11-05T04:40:00.Z',
    '2026-11-05T04:40:00.1234567890Z',
    '2026-11-05T04:40:00,5Z',
    '2026-11-05T04:40:00Z\n',
  ])('refuses %j', (text) => {
    expect(codeOf(() => parseTime(text, 'event_time'))).toBe('TIME_INVALID');
  });
});

function expectRefused(action: () => unknown): void {
  const error = refusal(action);
  expect(error.kind).toBe('invalid');
  expect(error.detail.field).toBe('some_field');
  expect(error.detail.rule).not.toBe('');
}

function refusal(action: () => unknown): DomainError {
  try {
    action();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function codeOf(action: () => unknown): ErrorCode {
  return refusal(action).code;
}

function outcome(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error instanceof DomainError ? error.code : error;
  }
}
