import { parseCage, parseDodaac } from './activity.js';
import { parsePattern, refuse, type Branded } from './parsing.js';

/**
 * Unique item identifier as marked: the concatenation. It cannot be parsed back into its parts and two different items
 * can concatenate to one string, so parts are kept beside it wherever they are known.
 */
export type Uii = Branded<string, 'Uii'>;

/** Issuing agency code; `GS1` stands for an enterprise id that begins with its own code (0 to 9), which is not repeated. */
export type IssuingAgency = 'D' | 'LD' | 'UN' | 'LB' | 'LH' | 'GS1';

/** What a mark was made from (MIL-STD-130). The original part number never changes; a current one stays outside. */
export type UiiParts =
  | { readonly construct: 1; readonly agency: IssuingAgency; readonly enterprise: string; readonly serial: string }
  | {
      readonly construct: 2;
      readonly agency: IssuingAgency;
      readonly enterprise: string;
      readonly originalPart: string;
      readonly serial: string;
    };

const UII_RULE = '1 to 50 characters: capital letters, digits, dash, slash';
const AGENCIES: readonly string[] = ['D', 'LD', 'UN', 'LB', 'LH', 'GS1'];

/** The concatenation as scanned: compared byte for byte, never repaired. @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseUii(text: unknown, field: string): Uii {
  return parsePattern(text, field, /^[0-9A-Z/-]{1,50}$/, UII_RULE);
}

/** Checks each part by the agency's rule. @throws DomainError FIELD_MISSING, FIELD_INVALID, naming `<field>.<part>` */
export function parseUiiParts(
  parts: {
    readonly construct: unknown;
    readonly agency: unknown;
    readonly enterprise: unknown;
    readonly originalPart?: unknown;
    readonly serial: unknown;
  },
  field: string,
): UiiParts {
  const agency = parseAgency(parts.agency, `${field}.agency`);
  const enterprise = parseEnterprise(agency, parts.enterprise, `${field}.enterprise`);
  const serial: string = parsePattern(
    parts.serial,
    `${field}.serial`,
    /^[0-9A-Z/-]{1,30}$/,
    'serial: 1 to 30 capital letters, digits, dash, slash',
  );
  if (parts.construct === 1) return fits({ construct: 1, agency, enterprise, serial }, field);
  if (parts.construct !== 2) refuse(`${field}.construct`, 'construct 1 or 2');
  const rule = 'original part, lot or batch number: 1 to 32 capital letters, digits, dash, slash';
  const originalPart: string = parsePattern(parts.originalPart, `${field}.originalPart`, /^[0-9A-Z/-]{1,32}$/, rule);
  return fits({ construct: 2, agency, enterprise, originalPart, serial }, field);
}

/** The mark: agency, enterprise, original part (construct 2), serial, without separators. */
export function concatenateUii(parts: UiiParts): Uii {
  const agency = parts.agency === 'GS1' ? '' : parts.agency;
  const part = parts.construct === 2 ? parts.originalPart : '';
  return `${agency}${parts.enterprise}${part}${parts.serial}` as Uii;
}

/** Whether two marks were made from the same parts; equal concatenations of different parts are a collision. */
export function sameUiiParts(left: UiiParts, right: UiiParts): boolean {
  return (
    left.construct === right.construct &&
    left.agency === right.agency &&
    left.enterprise === right.enterprise &&
    left.serial === right.serial &&
    (left.construct === 1 || right.construct === 1 || left.originalPart === right.originalPart)
  );
}

function parseAgency(text: unknown, field: string): IssuingAgency {
  if (typeof text !== 'string' || !AGENCIES.includes(text))
    refuse(field, 'issuing agency D, LD, UN, LB, LH or GS1', 'CODE_UNKNOWN');
  return text as IssuingAgency;
}

function parseEnterprise(agency: IssuingAgency, text: unknown, field: string): string {
  switch (agency) {
    case 'D':
      return parseCage(text, field);
    case 'LD':
      return parseDodaac(text, field);
    case 'UN':
      return parsePattern(text, field, /^\d{9}$/, 'DUNS: nine digits');
    case 'GS1':
      return parsePattern(text, field, /^\d{1,13}$/, 'GS1 prefix: up to 13 digits');
    case 'LB':
    case 'LH':
      return parsePattern(text, field, /^[0-9A-Z]{1,13}$/, '1 to 13 capital letters or digits');
  }
}

function fits(parts: UiiParts, field: string): UiiParts {
  parseUii(concatenateUii(parts), field);
  return parts;
}
