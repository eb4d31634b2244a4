import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 65_536;

/** Fresh random bytes, drawn in bulk: one system call a salt would cost more than hashing the record. Each byte is given out once. */
let pool = Buffer.alloc(0);

export function randomSalt(size: number): Buffer {
  if (pool.length < size) pool = randomFillSync(Buffer.alloc(POOL_BYTES));
  const salt = pool.subarray(0, size);
  pool = pool.subarray(size);
  return salt;
}
