import { describe, expect, it } from '@jest/globals';
import { payableAmount } from './payable-amount.js';

describe('payable amount', () => {
  it.each([
    ['48250.00', 4, '193000.00'],
    ['0.1', 3, '0.3'],
    ['0.0007', 99_999_999, '69999.9993'],
    ['999999999999.9999', 99_999_999, '99999998999999990000.0001'],
    ['12', 4, '48'],
    ['0.05', 1, '0.05'],
  ])('multiplies %s by %d exactly', (amount, quantity, product) => {
    expect(payableAmount({ amount, currency: 'EUR' }, quantity)).toEqual({ amount: product, currency: 'EUR' });
  });
});
