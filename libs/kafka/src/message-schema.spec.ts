import { describe, expect, it } from '@jest/globals';
import type { DomainError, JsonValue } from '@countersign/kernel';
import { dataCheckOf, messageSchema, validateMessageData } from './message-schema.js';

const check = dataCheckOf({
  type: 'object',
  additionalProperties: false,
  required: ['piid', 'lines'],
  properties: {
    piid: { type: 'string', pattern: '^[A-Z0-9]{13}$' },
    due: { type: 'string', format: 'date' },
    lines: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['quantity'],
        properties: { quantity: { type: 'integer' }, unit: { enum: ['EA', 'BX'] } },
      },
    },
  },
});

function detailOf(run: () => void): DomainError['detail'] & { code: string } {
  try {
    run();
  } catch (error) {
    const { code, detail } = error as DomainError;
    return { code, ...detail };
  }
  throw new Error('It was accepted.');
}

describe('The schema of a message', () => {
  it('accepts data that holds to it', () => {
    expect(() => check({ piid: 'W99CT126C0017', due: '2026-11-09', lines: [{ quantity: 4, unit: 'EA' }] })).not.toThrow();
  });

  it.each([
    ['a missing member', { lines: [] }, 'piid', 'must be given'],
    ['a missing member below', { piid: 'W99CT126C0017', lines: [{}] }, 'lines.0.quantity', 'must be given'],
    ['a wrong type', { piid: 7, lines: [] }, 'piid', 'must be of type string'],
    ['a broken pattern', { piid: 'w99ct126c0017', lines: [] }, 'piid', 'must match ^[A-Z0-9]{13}$'],
    [
      'a value that is not listed',
      { piid: 'W99CT126C0017', lines: [{ quantity: 1, unit: 'DZ' }] },
      'lines.0.unit',
      'must be one of the listed values',
    ],
    ['a date that is none', { piid: 'W99CT126C0017', due: '2026-13-01', lines: [] }, 'due', 'must be a date'],
    ['no object', [], 'data', 'must be of type object'],
  ] as [string, JsonValue, string, string][])('names field and rule of %s', (_name, data, field, rule) => {
    expect(detailOf(() => check(data))).toEqual({ code: 'SCHEMA_INVALID', field, rule });
  });

  it('never repeats what the message says, not even the name of an unknown member', () => {
    const detail = detailOf(() => check({ piid: 'W99CT126C0017', lines: [{ quantity: 1, 'canary-7731': 'canary-7732' }] }));
    expect(detail.field).toBe('lines.0');
    expect(JSON.stringify(detail)).not.toContain('canary');
  });

  it('is refused itself with a misspelt keyword', () => {
    expect(() => dataCheckOf({ type: 'object', requird: ['a'] })).toThrow();
  });

  it.each(['absent.v1', '../package', 'in.procurement.order.v1/../../package', '', 'A'])('named %p is unknown', (name) => {
    expect(detailOf(() => validateMessageData(name, {})).code).toBe('SCHEMA_UNKNOWN');
    expect(detailOf(() => messageSchema(name)).code).toBe('SCHEMA_UNKNOWN');
  });
});
