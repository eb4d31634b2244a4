import { describe, expect, it } from '@jest/globals';
import { parseMoney } from './money.js';

describe('money', () => {
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
