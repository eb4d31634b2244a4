import { DomainError } from '../domain-error.js';
import type { ErrorCode } from '../error-codes.js';

declare const brand: unique symbol;

/** A value that only its parser makes, so that an unchecked string never stands where a checked one is expected. */
export type Branded<Value, Name extends string> = Value & { readonly [brand]: Name };

/** Refuses a field by naming the rule. The input is never echoed: it may be confidential or hostile. */
export function refuse(field: string, rule: string, code: ErrorCode = 'FIELD_INVALID'): never {
  throw new DomainError(code, { field, rule });
}

/** Narrows to a non-empty string; numbers are refused because a pattern test would coerce them. */
export function requireText(text: unknown, field: string, rule: string, code: ErrorCode = 'FIELD_INVALID'): string {
  if (text === undefined || text === null || text === '') {
    throw new DomainError('FIELD_MISSING', { field, rule });
  }
  return typeof text === 'string' ? text : refuse(field, rule, code);
}

/** Matches a whole string. Patterns MUST be anchored and free of the `m` flag. */
export function parsePattern<Name extends string>(
  text: unknown,
  field: string,
  pattern: RegExp,
  rule: string,
): Branded<string, Name> {
  const value = requireText(text, field, rule);
  if (!pattern.test(value)) refuse(field, rule);
  return value as Branded<string, Name>;
}

/** Looks a code up in a table; prototype members such as `constructor` are no codes. */
export function parseCode<Code extends string>(
  text: unknown,
  field: string,
  table: Readonly<Record<Code, unknown>>,
  rule: string,
): Code {
  const value = requireText(text, field, rule);
  if (!Object.hasOwn(table, value)) refuse(field, rule, 'CODE_UNKNOWN');
  return value as Code;
}
