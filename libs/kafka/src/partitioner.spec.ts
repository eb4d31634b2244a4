import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { keyPartitioner, murmur2 } from './partitioner.js';

const partitions = (count: number, leaderless: readonly number[] = []) =>
  Array.from({ length: count }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: leaderless.includes(partitionId) ? -1 : 1,
    replicas: [1],
    isr: [1],
  }));

describe('the partition of a key', () => {
  // Vectors of Apache Kafka's own UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %p as Kafka does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('is the one that kafkajs chooses, for keys of every length', () => {
    const theirs = kafkajs.Partitioners.DefaultPartitioner();
    const ours = keyPartitioner();
    for (let length = 0; length < 200; length += 1) {
      for (const count of [1, 3, 4, 12]) {
        const to = { topic: 't', partitionMetadata: partitions(count), message: { key: randomBytes(length), value: null } };
        expect(ours(to)).toBe(theirs(to));
      }
    }
    const text = { topic: 't', partitionMetadata: partitions(12), message: { key: '2YTRYZ93191234/2019', value: null } };
    expect(ours(text)).toBe(theirs(text));
  });

  it('spreads records without a key over partitions that have a leader', () => {
    const partition = keyPartitioner();
    const to = { topic: 't', partitionMetadata: partitions(4, [1]), message: { key: null, value: null } };
    expect(new Set(Array.from({ length: 12 }, () => partition(to)))).toEqual(new Set([0, 2, 3]));
  });

  it('takes a partition that is named', () => {
    const message = { key: 'a', value: null, partition: 2 };
    expect(keyPartitioner()({ topic: 't', partitionMetadata: partitions(4), message })).toBe(2);
  });
});
