import { NCB_CODES } from '../codes/ncb.js';
import { SUPPLY_GROUPS } from '../codes/supply-group.js';
import { parsePattern, refuse, requireText, type Branded } from './parsing.js';

/** National stock number: 13 characters without dashes, supply class (4) and NIIN (9). */
export type Nsn = Branded<string, 'Nsn'>;
/** National item identification number: the item's identity; its supply class may change. */
export type Niin = Branded<string, 'Niin'>;
/** Supply class, four digits. */
export type SupplyClass = Branded<string, 'SupplyClass'>;
/** Local stock number: supply class (4) and nine characters that begin with two letters. Never coerced to an NSN. */
export type LocalStockNumber = Branded<string, 'LocalStockNumber'>;

/** A national or a local stock number, told apart by type. */
export type StockNumber =
  | { readonly kind: 'nsn'; readonly value: Nsn; readonly supplyClass: SupplyClass; readonly niin: Niin }
  | { readonly kind: 'local'; readonly value: LocalStockNumber; readonly supplyClass: SupplyClass; readonly localNumber: string };

const NSN_RULE = '13 characters: supply class (4), NCB (2), 7 more; dashes as 4-2-3-4 allowed';
// The seventh character of newer NSNs may be a letter; every other position is a digit.
const NSN_PATTERN = /^\d{4}-?\d{2}-?[0-9A-HJ-NP-Z]\d{2}-?\d{4}$/;
const LOCAL_PATTERN = /^\d{4}[A-Z]{2}[0-9A-Z]{7}$/;

/** The NSN without dashes. @throws DomainError FIELD_MISSING, FIELD_INVALID, CODE_UNKNOWN (supply class or NCB not in its table) */
export function parseNsn(text: unknown, field: string): Nsn {
  const nsn = parsePattern<'Nsn'>(text, field, NSN_PATTERN, NSN_RULE).replaceAll('-', '');
  requireSupplyGroup(nsn, field);
  requireBureau(nsn.slice(4), field);
  return nsn as Nsn;
}

/** Nine characters, NCB first. @throws DomainError FIELD_MISSING, FIELD_INVALID, CODE_UNKNOWN */
export function parseNiin(text: unknown, field: string): Niin {
  const niin = parsePattern<'Niin'>(
    text,
    field,
    /^\d{2}[0-9A-HJ-NP-Z]\d{6}$/,
    '9 characters: NCB (2) and 7 more, without dashes',
  );
  requireBureau(niin, field);
  return niin;
}

/** Four digits whose group (first two) is in the table. @throws DomainError FIELD_MISSING, FIELD_INVALID, CODE_UNKNOWN */
export function parseSupplyClass(text: unknown, field: string): SupplyClass {
  const supplyClass = parsePattern<'SupplyClass'>(text, field, /^\d{4}$/, 'four digits');
  requireSupplyGroup(supplyClass, field);
  return supplyClass;
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID, CODE_UNKNOWN */
export function parseLocalStockNumber(text: unknown, field: string): LocalStockNumber {
  const rule = 'supply class (4 digits) and 9 letters or digits that begin with two letters';
  const number = parsePattern<'LocalStockNumber'>(text, field, LOCAL_PATTERN, rule);
  requireSupplyGroup(number, field);
  return number;
}

/** Either kind, told apart by the two characters after the supply class. @throws DomainError as `parseNsn`, `parseLocalStockNumber` */
export function parseStockNumber(text: unknown, field: string): StockNumber {
  const value = requireText(text, field, 'an NSN or a local stock number');
  if (/^\d{4}[A-Z]{2}/.test(value)) {
    const local = parseLocalStockNumber(value, field);
    return { kind: 'local', value: local, supplyClass: local.slice(0, 4) as SupplyClass, localNumber: local.slice(4) };
  }
  const nsn = parseNsn(value, field);
  return { kind: 'nsn', value: nsn, supplyClass: supplyClassOf(nsn), niin: niinOf(nsn) };
}

/** The item's identity. */
export function niinOf(nsn: Nsn): Niin {
  return nsn.slice(4) as Niin;
}

/** The supply class the number carries now. */
export function supplyClassOf(nsn: Nsn): SupplyClass {
  return nsn.slice(0, 4) as SupplyClass;
}

function requireSupplyGroup(stockNumber: string, field: string): void {
  if (!Object.hasOwn(SUPPLY_GROUPS, stockNumber.slice(0, 2)))
    refuse(field, 'the supply class must be in the supply group table', 'CODE_UNKNOWN');
}

function requireBureau(niin: string, field: string): void {
  if (!Object.hasOwn(NCB_CODES, niin.slice(0, 2))) refuse(field, 'the NCB must be in the NCB table', 'CODE_UNKNOWN');
}
