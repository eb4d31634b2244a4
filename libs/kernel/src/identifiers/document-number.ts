import { isLeapYear, ordinalDay, parseTime } from './time.js';
import { parsePattern, refuse, type Branded } from './parsing.js';

/** MILSTRIP document number, 14 characters: DoDAAC (6), YDDD (4), serial (4). Repeats every ten years. */
export type DocumentNumber = Branded<string, 'DocumentNumber'>;
/** Document number and full year, `<number>/<year>`: unique for ever. */
export type DocumentKey = Branded<string, 'DocumentKey'>;
/** Marks a partial of a document number. */
export type Suffix = Branded<string, 'Suffix'>;

const RULE = '14 characters: DoDAAC (6), year digit and day 001 to 366 (4), serial (4), without I and O';

/** Grammar and day range; whether day 366 exists is known only once the year is resolved. @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseDocumentNumber(text: unknown, field: string): DocumentNumber {
  const number = parsePattern<'DocumentNumber'>(text, field, /^[0-9A-HJ-NP-Z]{6}\d{4}[0-9A-HJ-NP-Z]{4}$/, RULE);
  const day = dayOf(number);
  if (day < 1 || day > 366) refuse(field, RULE);
  return number;
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseSuffix(text: unknown, field: string): Suffix {
  return parsePattern(text, field, /^[A-HJ-NP-Z]$/, 'one letter, not I or O');
}

/**
 * The year of a document number as seen at a time: the nearest year with the number's last digit in which its day is
 * not later than the day after `asOf` (local dates run ahead of UTC).
 * @param asOf RFC 3339: when the number was first submitted
 * @throws DomainError FIELD_INVALID if the day is 366 and that year is no leap year
 */
export function resolveDocumentYear(number: DocumentNumber, asOf: string, field: string): number {
  const latest = ordinalDay(parseTime(asOf, field), 1);
  const day = dayOf(number);
  const nearest = latest.year - ((latest.year - Number(number[6]) + 10) % 10);
  const year = nearest === latest.year && day > latest.day ? nearest - 10 : nearest;
  if (day === 366 && !isLeapYear(year)) refuse(field, 'day 366 only in a leap year');
  return year;
}

/** The key that never repeats. */
export function documentKey(number: DocumentNumber, year: number): DocumentKey {
  return `${number}/${year}` as DocumentKey;
}

/** The DoDAAC that assigned the number. */
export function dodaacOf(number: DocumentNumber): string {
  return number.slice(0, 6);
}

function dayOf(number: DocumentNumber): number {
  return Number(number.slice(7, 10));
}
