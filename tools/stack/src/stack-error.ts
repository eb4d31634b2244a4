/**
 * Something the person at the keyboard can put right: a missing program, a port or data directory in use, a given
 * address that does not answer. Shown as one message without a stack trace; the caller exits with code 2.
 */
export class StackError extends Error {
  override readonly name = 'StackError';
  readonly exitCode = 2;
}
