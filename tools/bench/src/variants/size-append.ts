import { createLogDataSource, openLogStore, type OpenLogStore } from '@countersign/event-log';
import { parseEntry, recordDigest } from '@countersign/record';
import pg from 'pg';
import { runClosedLoop } from '../load/closed-loop.js';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { readSealedCommands } from '../workload/sealed-commands.js';

const PAGE_ROWS = 500;

/** The append to a log that holds many events already. */
export async function measureAppendToLarge(options: VariantOptions): Promise<Measurement> {
  const { store, close } = await openStore(options);
  const before = await store.rows.size();
  const next = readSealedCommands(String(options.parameters['file']));
  // Each run begins where the last one on this database ended: its streams would be there already.
  for (let skipped = 0; skipped < Number(options.parameters['skip']); skipped += 1) next();
  const positions: bigint[] = [];
  const wal = await startWalMeter(options);
  const load = await runClosedLoop({
    options,
    call: async () => {
      const command = next();
      if (command === undefined) return undefined;
      const outcome = await store.append(command);
      if (outcome.kind !== 'appended') return 0;
      positions.push(outcome.firstPosition);
      return command.events.length;
    },
  });
  const written = await wal();
  const refused = await whatIsWrong(store, before, positions);
  await close();
  const { acknowledged, ...figures } = load;
  return {
    variant: options.variant,
    concurrency: options.concurrency,
    ...figures,
    lost: 0,
    doubled: 0,
    verified: refused === undefined,
    ...(refused !== undefined && { refused }),
    stores: 'as every append; the events before are filled rows of the same sizes',
    figures: {
      acknowledged,
      sizeBefore: Number(before),
      walBytesPerEvent: written.bytes / Math.max(1, acknowledged),
      wholePagesPerEvent: written.pages / Math.max(1, acknowledged),
    },
  };
}

/** Reads the last rows of the log again and again, as whoever follows it does. Units are rows. */
export async function measureTail(options: VariantOptions): Promise<Measurement> {
  const { store, close } = await openStore(options);
  const size = await store.rows.size();
  const from = size - BigInt(PAGE_ROWS);
  let wrong = 0;
  const load = await runClosedLoop({
    options,
    call: async () => {
      const rows = await store.rows.readLog(from, PAGE_ROWS);
      const isRight = rows.length === PAGE_ROWS && rows.every(({ position }, index) => position === from + BigInt(index));
      if (!isRight) wrong += 1;
      return rows.length;
    },
  });
  await close();
  const { acknowledged: _, ...figures } = load;
  return {
    variant: options.variant,
    concurrency: options.concurrency,
    ...figures,
    lost: 0,
    doubled: 0,
    verified: wrong === 0,
    ...(wrong > 0 && { refused: `${wrong} pages were not the end of the log` }),
    stores: 'nothing',
    figures: { size: Number(size) },
  };
}

async function openStore({
  database,
  variant,
}: VariantOptions): Promise<{ readonly store: OpenLogStore; readonly close: () => Promise<void> }> {
  if (database === undefined) throw new Error('needs a database');
  const dataSource = await createLogDataSource({ url: database.appUrl, applicationName: variant }).initialize();
  const store = openLogStore(dataSource);
  const close = async (): Promise<void> => {
    await store.close();
    await dataSource.destroy();
  };
  return { store, close };
}

/** What the server writes to its WAL from now on, warm-up included; nothing else runs on it. */
async function startWalMeter({
  database,
}: VariantOptions): Promise<() => Promise<{ readonly bytes: number; readonly pages: number }>> {
  const read = async (): Promise<readonly [number, number]> => {
    const client = new pg.Client({ connectionString: database?.appUrl });
    await client.connect();
    const { rows } = await client.query<{ bytes: string; pages: string }>(
      'select wal_bytes as bytes, wal_fpi as pages from pg_stat_wal',
    );
    await client.end();
    return [Number(rows[0]?.bytes), Number(rows[0]?.pages)];
  };
  const [bytes, pages] = await read();
  return async () => {
    const [bytesNow, pagesNow] = await read();
    return { bytes: bytesNow - bytes, pages: pagesNow - pages };
  };
}

/** Everything acknowledged stands behind what was there, without gap or repetition, and is what its entries say. */
async function whatIsWrong(store: OpenLogStore, before: bigint, positions: readonly bigint[]): Promise<string | undefined> {
  const size = await store.rows.size();
  if (size !== before + BigInt(positions.length)) return `the log grew by ${size - before}, not ${positions.length}`;
  const told = new Set(positions);
  if (told.size !== positions.length || positions.some((position) => position < before || position >= size))
    return 'positions were told twice or lie outside';
  for (let from = before; from < size;) {
    const rows = await store.rows.readLog(from, PAGE_ROWS);
    const broken = rows.findIndex(({ position, header, entry }, index) => {
      const isAltered = index % 20 === 0 && !Buffer.from(parseEntry(entry).recordDigest).equals(recordDigest(header));
      return position !== from + BigInt(index) || isAltered;
    });
    if (rows.length === 0 || broken >= 0) return `position ${from + BigInt(Math.max(0, broken))} is missing or altered`;
    from += BigInt(rows.length);
  }
  return undefined;
}
