import { DomainError } from '../domain-error.js';
import { refuse, requireText, type Branded } from './parsing.js';

/** RFC 3339 date and time with offset, kept exactly as received (`-00:00` = offset unknown, RFC 3339 section 4.3). */
export type Rfc3339 = Branded<string, 'Rfc3339'>;

const RULE = 'RFC 3339 date and time with offset, at most 9 fraction digits';
const PATTERN = /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/** Leap seconds are refused: no clock of ours can represent them. @throws DomainError FIELD_MISSING, TIME_INVALID */
export function parseTime(text: unknown, field: string): Rfc3339 {
  const value = requireText(text, field, RULE, 'TIME_INVALID');
  const parts = PATTERN.exec(value);
  if (parts === null || !isRealDate(Number(parts[1]), Number(parts[2]), Number(parts[3]))) refuse(field, RULE, 'TIME_INVALID');
  return value as Rfc3339;
}

/**
 * A time that lies in the past, within a tolerance for clocks that run ahead.
 * @param now RFC 3339
 * @throws DomainError FIELD_MISSING, TIME_INVALID
 */
export function parsePastTime(text: unknown, field: string, now: string, toleranceSeconds = 300): Rfc3339 {
  const time = parseTime(text, field);
  const limit = epochNanoseconds(parseTime(now, field)) + BigInt(toleranceSeconds) * NANOSECONDS_PER_SECOND;
  if (epochNanoseconds(time) > limit)
    throw new DomainError('TIME_INVALID', { field, rule: 'a time of a fact must not lie in the future' });
  return time;
}

/** Nanoseconds since 1970-01-01T00:00:00Z; exact. */
export function epochNanoseconds(time: Rfc3339): bigint {
  const parts = PATTERN.exec(time);
  if (parts === null) refuse('time', RULE, 'TIME_INVALID');
  const [, year, month, day, hour, minute, second, fraction, offset] = parts;
  const local =
    utcMilliseconds(Number(year), Number(month), Number(day)) +
    (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000;
  const fromUtc = local - offsetMinutes(offset ?? 'Z') * 60_000;
  return BigInt(fromUtc) * 1_000_000n + BigInt((fraction ?? '').padEnd(9, '0'));
}

/** Negative if `left` is earlier, 0 if both name the same instant, positive if later. */
export function compareTimes(left: Rfc3339, right: Rfc3339): number {
  const difference = epochNanoseconds(left) - epochNanoseconds(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Year and day of year (from 1) in UTC, some days later. */
export function ordinalDay(time: Rfc3339, daysLater = 0): { readonly year: number; readonly day: number } {
  const instant = new Date(Number(epochNanoseconds(time) / 1_000_000n) + daysLater * 86_400_000);
  const year = instant.getUTCFullYear();
  const day = Math.floor((instant.getTime() - utcMilliseconds(year, 1, 1)) / 86_400_000) + 1;
  return { year, day };
}

/** Gregorian rule. */
export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function isRealDate(year: number, month: number, day: number): boolean {
  // A day or month that does not exist rolls over into another one.
  const date = new Date(utcMilliseconds(year, month, day));
  return year >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function offsetMinutes(offset: string): number {
  if (offset === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return offset.startsWith('-') ? -minutes : minutes;
}

function utcMilliseconds(year: number, month: number, day: number): number {
  // Date.UTC maps years 0 to 99 to 1900 to 1999; setUTCFullYear does not.
  return new Date(0).setUTCFullYear(year, month - 1, day);
}
