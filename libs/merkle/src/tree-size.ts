import { DomainError } from '@countersign/kernel';

/** Whether it is a tree size or a leaf index this code can count with: an integer from 0 to 2^53 − 1. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** @throws DomainError FIELD_INVALID if it is not an integer from 0 to 2^53 − 1 */
export function requireCount(value: number, field: string): void {
  if (!isCount(value)) throw new DomainError('FIELD_INVALID', { field, rule: 'must be an integer from 0 to 2^53 − 1' });
}

/** The largest power of two that is smaller than `count`; `count` MUST be at least 2. */
export function splitPoint(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

/** Halves, rounding down. Bit operators end at 32 bits, sizes do not. */
export function half(value: number): number {
  return Math.floor(value / 2);
}

export function isOdd(value: number): boolean {
  return value % 2 === 1;
}

/** How many bits of it are set: the number of complete subtrees a tree of this size consists of. */
export function bitCount(value: number): number {
  let count = 0;
  for (let rest = value; rest > 0; rest = half(rest)) count += rest % 2;
  return count;
}
