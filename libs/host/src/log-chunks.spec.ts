import type { LogRow } from '@countersign/event-log';
import { describe, expect, it } from '@jest/globals';

import { readChunks } from './log-chunks.js';

function row(position: number, bytes = 10): LogRow {
  return {
    position: BigInt(position),
    streamId: 's/1',
    sequence: BigInt(position),
    eventId: '',
    type: '',
    header: new Uint8Array(bytes),
    entry: new Uint8Array(0),
    disclosures: new Uint8Array(0),
  };
}

function logOf(
  rows: LogRow[],
  size = rows.length,
): { size(): Promise<bigint>; readLog(from: bigint, limit: number): Promise<LogRow[]> } {
  return {
    size: () => Promise.resolve(BigInt(size)),
    readLog: (from, limit) => Promise.resolve(rows.filter(({ position }) => position >= from).slice(0, limit)),
  };
}

async function chunksOf(log: ReturnType<typeof logOf>, from = 0n): Promise<number[][]> {
  const chunks: number[][] = [];
  for await (const rows of readChunks(log, from, { recordsMax: 3, bytesMax: 100 }))
    chunks.push(rows.map(({ position }) => Number(position)));
  return chunks;
}

describe('the log in chunks', () => {
  it('holds every row once, in order, within the limit of records', async () => {
    expect(await chunksOf(logOf([0, 1, 2, 3, 4, 5, 6].map((at) => row(at))))).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  });

  it('begins where it is asked to', async () => {
    expect(await chunksOf(logOf([0, 1, 2, 3].map((at) => row(at))), 2n)).toEqual([[2, 3]]);
    expect(await chunksOf(logOf([row(0)]), 9n)).toEqual([]);
  });

  it('keeps within the limit of bytes, with a chunk of its own for a larger record', async () => {
    expect(await chunksOf(logOf([row(0, 60), row(1, 60), row(2, 500), row(3, 10)]))).toEqual([[0], [1], [2], [3]]);
  });

  it('ends at the size the log had', async () => {
    expect(
      await chunksOf(
        logOf(
          [0, 1, 2, 3, 4].map((at) => row(at)),
          2,
        ),
      ),
    ).toEqual([[0, 1]]);
  });

  it('goes on behind rows that somebody removed', async () => {
    expect(await chunksOf(logOf([row(0), row(5), row(6)], 8))).toEqual([[0, 5, 6]]);
    expect(await chunksOf(logOf([], 8))).toEqual([]);
  });
});
