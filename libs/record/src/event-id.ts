import { randomSalt } from './randomness.js';

const UUID_SIZE = 16;
const TIME_SIZE = 6;

/**
 * A fresh event id: UUIDv7 in lower case (RFC 9562 section 5.7), whose 48 bits of Unix milliseconds keep ids of one time close together.
 * Own code: whoever verifies offline reads records with this package, and must need nothing but it.
 */
export function freshEventId(now: number = Date.now()): string {
  const id = Buffer.from(randomSalt(UUID_SIZE));
  id.writeUIntBE(now, 0, TIME_SIZE);
  id[6] = 0x70 | ((id[6] as number) & 0x0f);
  id[8] = 0x80 | ((id[8] as number) & 0x3f);
  const hex = id.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
