import { createHash } from 'node:crypto';

/** 32 bytes that follow from a name: keys, salts and ids of the built logs. */
export function bytesOf(name: string): Buffer {
  return createHash('sha256').update(`differential ${name}`).digest();
}
