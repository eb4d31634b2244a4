import { DomainError, type ErrorCode } from '@countersign/kernel';

/** Every copy of the bytes with one bit turned. */
export function bitFlips(bytes: Uint8Array): Buffer[] {
  return Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return copy;
  });
}

/** A byte shorter and longer, at either end, and nothing. */
export function lengthChanges(bytes: Uint8Array): Buffer[] {
  const zero = Buffer.alloc(1);
  return [
    Buffer.alloc(0),
    Buffer.from(bytes.subarray(1)),
    Buffer.from(bytes.subarray(0, -1)),
    Buffer.concat([zero, bytes]),
    Buffer.concat([bytes, zero]),
  ];
}

/** The code and the field with which an action is refused, or undefined if it is not. Any other error is a bug and comes through. */
export function refusalOf(action: () => unknown): { readonly code: ErrorCode; readonly field: string | undefined } | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, field: error.detail.field };
    throw error;
  }
}

/** The code alone. */
export function codeOf(action: () => unknown): ErrorCode | undefined {
  return refusalOf(action)?.code;
}
