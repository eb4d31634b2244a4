import { DomainError, type ErrorCode } from '@countersign/kernel';

/** Bytes from elsewhere that break the format. */
export function malformed(field: string, rule: string): DomainError {
  return new DomainError('RECORD_MALFORMED', { field, rule });
}

/** Bytes in good form that are not what a digest, tag or signature says. */
export function altered(field: string, rule: string): DomainError {
  return new DomainError('RECORD_ALTERED', { field, rule });
}

/** Our own caller handed over something that the format does not allow. */
export function invalid(field: string, rule: string): DomainError {
  return new DomainError('FIELD_INVALID', { field, rule });
}

/** @throws DomainError `code` if it has another length */
export function requireSize(bytes: Uint8Array, size: number, field: string, code: ErrorCode = 'FIELD_INVALID'): void {
  if (bytes.length !== size) throw new DomainError(code, { field, rule: `must have ${size} bytes` });
}
