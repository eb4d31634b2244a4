import { ERROR_CODES, type ErrorCode, type ErrorKind } from './error-codes.js';

/** What an error says besides its code: the field and the rule, never a confidential value. */
export interface ErrorDetail {
  /** Path of the offending field as the caller names it, e.g. `document_number`. */
  readonly field?: string;
  /** The rule that was broken, in words that help to fix it. */
  readonly rule?: string;
  /** Facts for operators (stream, expected and actual version). Logged, never sent to the caller. */
  readonly context?: Readonly<Record<string, string | number>>;
}

/** A broken rule. The code is stable and documented; transports map its kind to a status in one table. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly kind: ErrorKind;

  constructor(
    readonly code: ErrorCode,
    readonly detail: ErrorDetail = {},
    options?: ErrorOptions,
  ) {
    super(detail.rule === undefined ? ERROR_CODES[code].message : `${ERROR_CODES[code].message}: ${detail.rule}`, options);
    this.kind = ERROR_CODES[code].kind;
  }
}
