import { DomainError, type ErrorCode } from '@countersign/kernel';

/**
 * The code that an action fails with; tests assert codes, never messages.
 * @throws Error when the action succeeds, or its own error when that is no DomainError
 */
export async function codeOf(action: () => unknown): Promise<ErrorCode> {
  try {
    await action();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  throw new Error('expected a DomainError, but nothing was thrown');
}
