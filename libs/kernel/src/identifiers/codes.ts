import { CONTROLLED_ITEM_CODES, DEMILITARISATION_CODES } from '../codes/control.js';
import { NCB_CODES } from '../codes/ncb.js';
import { PRIORITY_MATRIX, type ForceActivityDesignator, type UrgencyOfNeed } from '../codes/priority.js';
import { ISSUABLE_CONDITIONS, SUPPLY_CONDITIONS, type ConditionGroup } from '../codes/supply-condition.js';
import { SUPPLY_STATUSES } from '../codes/supply-status.js';
import { UNITS_OF_ISSUE } from '../codes/unit-of-issue.js';
import { parseCode, parsePattern, type Branded } from './parsing.js';

export type Ncb = keyof typeof NCB_CODES;
export type UnitOfIssue = keyof typeof UNITS_OF_ISSUE;
export type SupplyCondition = keyof typeof SUPPLY_CONDITIONS;
export type ControlledItemCode = keyof typeof CONTROLLED_ITEM_CODES;
export type DemilitarisationCode = keyof typeof DEMILITARISATION_CODES;
export type SupplyStatus = keyof typeof SUPPLY_STATUSES;
export type PriorityDesignator = Branded<string, 'PriorityDesignator'>;

/** Two digits of the NCB table. @throws DomainError FIELD_MISSING, CODE_UNKNOWN */
export function parseNcb(text: unknown, field: string): Ncb {
  return parseCode(text, field, NCB_CODES, 'two digits of the NCB table');
}

/** A unit of issue, two letters of the table. @throws DomainError FIELD_MISSING, CODE_UNKNOWN */
export function parseUnitOfIssue(text: unknown, field: string): UnitOfIssue {
  return parseCode(text, field, UNITS_OF_ISSUE, 'two letters of the unit of issue table');
}

/** A supply condition code; I is never assigned. @throws DomainError FIELD_MISSING, CODE_UNKNOWN */
export function parseSupplyCondition(text: unknown, field: string): SupplyCondition {
  return parseCode(text, field, SUPPLY_CONDITIONS, 'one letter of the supply condition table');
}

/** @throws DomainError FIELD_MISSING, CODE_UNKNOWN */
export function parseControlledItemCode(text: unknown, field: string): ControlledItemCode {
  return parseCode(text, field, CONTROLLED_ITEM_CODES, 'one character of the CIIC table');
}

/** @throws DomainError FIELD_MISSING, CODE_UNKNOWN */
export function parseDemilitarisationCode(text: unknown, field: string): DemilitarisationCode {
  return parseCode(text, field, DEMILITARISATION_CODES, 'one letter of the DEMIL table');
}

/** @throws DomainError FIELD_MISSING, CODE_UNKNOWN */
export function parseSupplyStatus(text: unknown, field: string): SupplyStatus {
  return parseCode(text, field, SUPPLY_STATUSES, 'a supply status of the table');
}

/** A priority designator, 01 to 15. @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parsePriorityDesignator(text: unknown, field: string): PriorityDesignator {
  return parsePattern(text, field, /^(0[1-9]|1[0-5])$/, 'two digits, 01 to 15');
}

/** The only priority designator that force/activity designator and urgency of need allow. */
export function priorityOf(force: ForceActivityDesignator, urgency: UrgencyOfNeed): PriorityDesignator {
  return PRIORITY_MATRIX[force][urgency] as string as PriorityDesignator;
}

/** Whether materiel in this condition issues without a waiver (invariant I2). */
export function isIssuable(condition: SupplyCondition): boolean {
  return (ISSUABLE_CONDITIONS as readonly string[]).includes(condition);
}

/** Serviceable, unserviceable or suspended. */
export function conditionGroup(condition: SupplyCondition): ConditionGroup {
  return SUPPLY_CONDITIONS[condition].group;
}
