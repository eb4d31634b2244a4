import type { ICustomPartitioner } from 'kafkajs';

const MULTIPLIER = 0x5bd1e995;
const SEED = 0x9747b28c;

/**
 * Kafka's own way from key to partition (murmur2, as every Java client goes it), so that foreign producers agree. kafkajs brings
 * the same with 64-bit arithmetic in objects, which cost a fifth of everything it did for a published record.
 */
export const keyPartitioner: ICustomPartitioner = () => {
  let next = 0;
  return ({ partitionMetadata, message: { key, partition } }) => {
    if (partition !== undefined && partition !== null) return partition;
    if (key !== undefined && key !== null) {
      return (murmur2(Buffer.isBuffer(key) ? key : Buffer.from(key)) & 0x7fffffff) % partitionMetadata.length;
    }
    const led = partitionMetadata.filter(({ leader }) => leader >= 0);
    const candidates = led.length > 0 ? led : partitionMetadata;
    next = (next + 1) % candidates.length;
    return candidates[next]?.partitionId ?? 0;
  };
};

/** murmur2 of the key, 32 bits, as `org.apache.kafka.common.utils.Utils` computes it. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  const tail = length & ~3;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  let hash = SEED ^ length;
  for (let at = 0; at < tail; at += 4) {
    let word = Math.imul(view.getInt32(at, true), MULTIPLIER);
    word = Math.imul(word ^ (word >>> 24), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  if (tail < length) {
    for (let at = length - 1; at >= tail; at -= 1) hash ^= view.getUint8(at) << ((at - tail) * 8);
    hash = Math.imul(hash, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}
