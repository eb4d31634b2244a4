import type { LogReader, LogRow } from '@countersign/event-log';

export interface ChunkLimits {
  readonly recordsMax: number;
  /** Bytes of headers and entries; one larger record makes a chunk of its own. */
  readonly bytesMax: number;
}

/**
 * The log from a position on up to the size it had at the call, in chunks. Rows that somebody removed are simply not among them:
 * whoever reads sees the gap in the positions.
 */
export async function* readChunks(
  log: Pick<LogReader, 'readLog' | 'size'>,
  from: bigint,
  limits: ChunkLimits,
): AsyncGenerator<readonly LogRow[]> {
  const end = await log.size();
  let next = from;
  while (next < end) {
    const read = await log.readLog(next, limits.recordsMax);
    const rows = read.filter(({ position }) => position < end);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield* splitByBytes(rows, limits.bytesMax);
    next = last.position + 1n;
  }
}

function* splitByBytes(rows: readonly LogRow[], bytesMax: number): Generator<readonly LogRow[]> {
  let chunk: LogRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    const length = row.header.length + row.entry.length + row.streamId.length;
    if (chunk.length > 0 && bytes + length > bytesMax) {
      yield chunk;
      [chunk, bytes] = [[], 0];
    }
    chunk.push(row);
    bytes += length;
  }
  if (chunk.length > 0) yield chunk;
}
