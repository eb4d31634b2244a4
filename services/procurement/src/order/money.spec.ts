import { describe, expect, it } from '@jest/globals';
import { multiply, parseMoney } from './money.js';

describe('money', () => {
  it.each([
    ['48250.00', 4, '193000.00'],
    ['0.1', 3, '0.3'],
    ['0.0007', 99_999_999, '69999.9993'],
    ['999999999999.9999', 99_999_999, '99999998999999990000.0001'],
    ['12', 4, '48'],
    ['0.05', 1, '0.05'],
  ])('multiplies %s by %d exactly', (amount, quantity, product) => {
    expect(multiply({ amount, currency: 'EUR' }, quantity)).toEqual({ amount: product, currency: 'EUR' });
  });

  it.each(['', '-1', '1e3', '1,000', '01', '.5', '5.', '1.00000', '1000000000000', ' 1', '٣'])(
    'refuses the amount %p',
    (amount) => {
      expect(() => parseMoney({ amount, currency: 'EUR' }, 'unitPrice')).toThrow(
        expect.objectContaining({ code: 'FIELD_INVALID', detail: expect.objectContaining({ field: 'unitPrice.amount' }) }),
      );
    },
  );

  it.each(['eur', 'XXX', '', 'EU'])('refuses the currency %p', (currency) => {
    expect(() => parseMoney({ amount: '1.00', currency }, 'unitPrice')).toThrow(
      expect.objectContaining({ code: 'CODE_UNKNOWN' }),
    );
  });
});
