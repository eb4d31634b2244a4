import { DomainError } from '@countersign/kernel';
import type { Money } from '../order/money.js';
import type { OrderedLine } from '../order/order.js';

/**
 * The conditions an agreement can state: a closed list. Each is decided from evidence alone, by `evaluation.ts`.
 * - CoCValid: the shipment came with a certificate of this standard and the inspector examined exactly that document.
 * - UiiSetMatches: announced, received and accepted UIIs are the same set.
 * - NoOpenDiscrepancy: every discrepancy of the line is resolved.
 * - CustodyUnbroken: every transfer of an item was accepted from the party that held it; nothing is on offer.
 * - QuantityWithin: accepted quantity is at most `under` below and `over` above the ordered quantity.
 */
export type Condition =
  | { readonly type: 'CoCValid'; readonly standard: string }
  | { readonly type: 'UiiSetMatches' }
  | { readonly type: 'NoOpenDiscrepancy' }
  | { readonly type: 'CustodyUnbroken' }
  | { readonly type: 'QuantityWithin'; readonly under: number; readonly over: number };

export interface TermsLine extends OrderedLine {
  readonly unitPrice: Money;
}

/** What both parties sign. Content-addressed: the digest over its canonical JSON stands in every later evaluation. */
export interface Terms {
  readonly piid: string;
  readonly supplierCage: string;
  readonly buyerDodaac: string;
  readonly lines: readonly TermsLine[];
  readonly conditions: readonly Condition[];
}

/** Refuses a condition that stands twice: which of the two counts would be a matter of taste. @throws DomainError FIELD_INVALID */
export function checkConditions(conditions: readonly Condition[]): readonly Condition[] {
  const types = new Set(conditions.map((condition) => condition.type));
  if (types.size !== conditions.length) {
    throw new DomainError('FIELD_INVALID', { field: 'conditions', rule: 'every type of condition stands at most once' });
  }
  return conditions;
}
