import type { Money } from '../order/money.js';

/** Unit price times quantity, with the unit price's number of decimals. */
export function payableAmount(unitPrice: Money, quantity: number): Money {
  const [whole = '0', fraction = ''] = unitPrice.amount.split('.');
  const product = (BigInt(whole + fraction) * BigInt(quantity)).toString().padStart(fraction.length + 1, '0');
  const point = product.length - fraction.length;
  const amount = fraction === '' ? product : `${product.slice(0, point)}.${product.slice(point)}`;
  return { amount, currency: unitPrice.currency };
}
