import { DomainError } from '../domain-error.js';
import { refuse, type Branded } from './parsing.js';

/** A positive integer in the unit of issue. */
export type Quantity = Branded<number, 'Quantity'>;

/** Largest quantity of one transaction: eight digits, three more than the 80-column record holds. */
export const QUANTITY_MAX = 99_999_999;

const RULE = `a positive integer up to ${QUANTITY_MAX}`;

/**
 * From an integer number, a bigint, or decimal digits without sign, leading zero or exponent. Floats are refused, not rounded.
 * @throws DomainError FIELD_MISSING, QUANTITY_INVALID
 */
export function parseQuantity(value: unknown, field: string): Quantity {
  if (value === undefined || value === null || value === '') throw new DomainError('FIELD_MISSING', { field, rule: RULE });
  const quantity = toInteger(value);
  if (quantity === undefined || quantity < 1n || quantity > BigInt(QUANTITY_MAX)) refuse(field, RULE, 'QUANTITY_INVALID');
  return Number(quantity) as Quantity;
}

function toInteger(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^[1-9]\d{0,15}$/.test(value) ? BigInt(value) : undefined;
}
