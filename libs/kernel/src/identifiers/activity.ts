import { parsePattern, type Branded } from './parsing.js';

// None of these codes has a check digit: grammar here, existence in identity's directory.

/** Commercial and government entity code, US or NATO. */
export type Cage = Branded<string, 'Cage'>;
/** DoD activity address code. */
export type Dodaac = Branded<string, 'Dodaac'>;
/** Routing identifier code: where stock is stored and managed. */
export type Ric = Branded<string, 'Ric'>;
/** Unit identification code: a unit, not an address. */
export type Uic = Branded<string, 'Uic'>;
/** Id of an organisation in identity. */
export type OrganisationId = Branded<string, 'OrganisationId'>;
/** ISO 3166 trigraph. */
export type Nation = Branded<string, 'Nation'>;

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseCage(text: unknown, field: string): Cage {
  return parsePattern(text, field, /^[0-9A-HJ-NP-Z]{5}$/, '5 letters or digits without I and O');
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseDodaac(text: unknown, field: string): Dodaac {
  return parsePattern(text, field, /^[0-9A-HJ-NP-Z]{6}$/, '6 letters or digits without I and O');
}

/** A code that an actor acts for: a DoDAAC or a CAGE code. @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseActivityCode(text: unknown, field: string): Cage | Dodaac {
  return parsePattern<string>(text, field, /^[0-9A-HJ-NP-Z]{5,6}$/, 'a DoDAAC (6) or CAGE code (5) without I and O') as
    Cage | Dodaac;
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseRic(text: unknown, field: string): Ric {
  return parsePattern(text, field, /^[0-9A-Z]{3}$/, '3 letters or digits');
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseUic(text: unknown, field: string): Uic {
  return parsePattern(text, field, /^[A-Z][0-9A-Z]{5}$/, 'a letter and 5 letters or digits');
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseOrganisationId(text: unknown, field: string): OrganisationId {
  return parsePattern(text, field, /^[a-z0-9][a-z0-9-]{2,62}$/, '3 to 63 lower-case letters, digits or dashes');
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseNation(text: unknown, field: string): Nation {
  return parsePattern(text, field, /^[A-Z]{3}$/, 'an ISO 3166 trigraph');
}
