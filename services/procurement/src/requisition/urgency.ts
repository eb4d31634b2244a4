import { DomainError, PRIORITY_MATRIX, type UrgencyOfNeed } from '@countersign/kernel';

/** Urgency of need that a priority designator claims (UMMIPS matrix). @throws DomainError CODE_UNKNOWN */
export function urgencyOf(priority: string): UrgencyOfNeed {
  for (const cells of Object.values(PRIORITY_MATRIX)) {
    const found = (Object.keys(cells) as UrgencyOfNeed[]).find((urgency) => cells[urgency] === priority);
    if (found !== undefined) return found;
  }
  throw new DomainError('CODE_UNKNOWN', { field: 'priority', rule: 'a priority designator of the matrix, 01 to 15' });
}

const SPECIAL_REQUIREMENTS = /^(777|555|444|[NE][0-9A-Z]{2})$/;

/** Invariant R3: 999 (expedite) needs priority 01 to 03; otherwise an ordinal day or a special requirement. @throws DomainError */
export function checkRequiredDelivery(requiredDelivery: string, priority: string): void {
  if (requiredDelivery === '999') {
    if (['01', '02', '03'].includes(priority)) return;
    throw new DomainError('EXPEDITE_NOT_ALLOWED', { field: 'required_delivery', rule: '999 only with priority 01 to 03' });
  }
  if (SPECIAL_REQUIREMENTS.test(requiredDelivery)) return;
  const day = /^\d{3}$/.test(requiredDelivery) ? Number(requiredDelivery) : 0;
  if (day < 1 || day > 366) {
    throw new DomainError('CODE_UNKNOWN', { field: 'required_delivery', rule: 'day 001 to 366, 999, 777, 555, 444, N__ or E__' });
  }
}
