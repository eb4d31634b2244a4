import type { OutgoingMessage } from './event-bus.js';

/** Bytes that a record adds to a batch, with a generous allowance for its varints. */
export function messageBytes(message: OutgoingMessage): number {
  const recordOverhead = 32;
  let bytes = recordOverhead + sizeOf(message.key) + sizeOf(message.value);
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const values = typeof value === 'string' || Buffer.isBuffer(value) ? [value] : value;
    for (const each of values) bytes += Buffer.byteLength(name) + sizeOf(each) + 8;
  }
  return bytes;
}

function sizeOf(value: Buffer | string | null): number {
  if (value === null) return 0;
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length;
}
