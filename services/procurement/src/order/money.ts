import { DomainError } from '@countersign/kernel';

/** An amount as a decimal string with its ISO 4217 currency. Arithmetic is exact; there is no float in its path. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

const AMOUNT = /^(0|[1-9]\d{0,11})(?:\.(\d{1,4}))?$/;

/** Currencies that orders are placed in. Another one is refused until it is added here. */
const CURRENCIES: readonly string[] = ['CAD', 'CZK', 'DKK', 'EUR', 'GBP', 'NOK', 'PLN', 'SEK', 'USD'];

/** @throws DomainError FIELD_INVALID, CODE_UNKNOWN */
export function parseMoney(money: Money, field: string): Money {
  if (!AMOUNT.test(money.amount)) {
    throw new DomainError('FIELD_INVALID', {
      field: `${field}.amount`,
      rule: 'at most 12 digits before and 4 after the point, no leading zero',
    });
  }
  if (!CURRENCIES.includes(money.currency)) {
    throw new DomainError('CODE_UNKNOWN', { field: `${field}.currency`, rule: 'an ISO 4217 code of the currency list' });
  }
  return { amount: money.amount, currency: money.currency };
}
