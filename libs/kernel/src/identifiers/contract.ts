import { parsePattern, refuse, type Branded } from './parsing.js';

/** Procurement instrument identifier without dashes, 13 to 17 characters. */
export type Piid = Branded<string, 'Piid'>;
/** Contract line item number, `4N` or `4N2A`. */
export type Clin = Branded<string, 'Clin'>;
/** Transportation control number, 17 characters: opaque; build and compare, never parse. */
export type Tcn = Branded<string, 'Tcn'>;
/** Reference of a request in the disposal services' screening system; digits. */
export type RtdReference = Branded<string, 'RtdReference'>;
/** Number of a shipment under a contract, e.g. `SER0001`. */
export type ShipmentNumber = Branded<string, 'ShipmentNumber'>;

/** The PIID without dashes. @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parsePiid(text: unknown, field: string): Piid {
  const rule = '13 to 17 characters: activity (6), year (2), type letter, serial; dashes allowed';
  const written = parsePattern<'Piid'>(text, field, /^[0-9A-Z](?:-?[0-9A-Z]){0,24}$/, rule);
  const piid = written.replaceAll('-', '');
  if (!/^[0-9A-HJ-NP-Z]{6}\d{2}[A-Z][0-9A-Z]{4,8}$/.test(piid)) refuse(field, rule);
  return piid as Piid;
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseClin(text: unknown, field: string): Clin {
  return parsePattern(text, field, /^\d{4}([0-9A-Z]{2})?$/, 'four digits, or four digits and two characters');
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseTcn(text: unknown, field: string): Tcn {
  return parsePattern(text, field, /^[0-9A-Z]{17}$/, '17 capital letters or digits');
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseRtdReference(text: unknown, field: string): RtdReference {
  return parsePattern(text, field, /^[1-9]\d{0,11}$/, '1 to 12 digits without leading zero');
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseShipmentNumber(text: unknown, field: string): ShipmentNumber {
  return parsePattern(text, field, /^[0-9A-Z]{1,22}$/, '1 to 22 capital letters or digits');
}
