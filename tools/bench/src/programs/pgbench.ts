import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { BenchError } from '../bench-error.js';
import { endedChildrenCpuSeconds, treeCpuSeconds } from '../load/cpu.js';
import type { Measurement } from '../measurement.js';
import type { BenchContext } from '../row.js';
import type { VariantOptions } from '../variant.js';
import { countStored } from '../workload/count-stored.js';
import { EVENT_AND_OUTBOX_STORED } from '../workload/plain-tables.js';

export const HOW_TO_INSTALL_PGBENCH =
  'pgbench is not installed: apt-get install -y postgresql-contrib postgresql-client (Debian: pgbench comes with postgresql-15)';

/** Debian keeps it beside the server's other programs, off the search path. */
export function findPgbench(): string | undefined {
  found ??= { program: searchPgbench() };
  return found.program;
}

let found: { readonly program: string | undefined } | undefined;

function searchPgbench(): string | undefined {
  const names = ['pgbench', ...Array.from({ length: 9 }, (_, index) => `/usr/lib/postgresql/${22 - index}/bin/pgbench`)];
  return names.find((name) => spawnSync(name, ['--version']).status === 0);
}

/** One transaction for each event, in one statement; 493 bytes that compress as little as a record does. */
const ONE_EVENT = `\\set s random(1, 9000000000000000000)
\\set p random(1, 9000000000000000000)
WITH e AS (
  INSERT INTO event (stream_id, version, type, payload)
  VALUES ('requisition/' || :s || '/2026', 1, 'countersign.bench.LineRequested.v1', convert_to(:p || '${'x'.repeat(474)}', 'UTF8'))
  RETURNING position
) INSERT INTO outbox (position) SELECT position FROM e;
`;

const ROWS = 100;

/** A hundred events, and their outbox rows, in one statement. */
const HUNDRED_EVENTS = `\\set s random(1, 9000000000000000000)
\\set p random(1, 9000000000000000000)
WITH e AS (
  INSERT INTO event (stream_id, version, type, payload)
  SELECT 'requisition/' || hashint8extended(i::int8, :s::int8) || '/2026', 1, 'countersign.bench.LineRequested.v1',
    convert_to(hashint8extended(i::int8, :p::int8) || '${'x'.repeat(474)}', 'UTF8')
  FROM generate_series(1, ${ROWS}) i
  RETURNING position
) INSERT INTO outbox (position) SELECT position FROM e;
`;

/**
 * PostgreSQL's own load generator, in C, with prepared statements. One thread of it: a second one would take a core from the
 * server on two cores.
 */
export function pgbench(form: 'one event' | 'hundred events') {
  const [script, rows] = form === 'one event' ? [ONE_EVENT, 1] : [HUNDRED_EVENTS, ROWS];
  return async (context: BenchContext, options: VariantOptions): Promise<Measurement> => {
    const { database, concurrency, warmUpSeconds, seconds } = options;
    const file = join(context.scratch, `pgbench-${rows}.sql`);
    writeFileSync(file, script);
    const run = (duration: number): Promise<PgbenchRun> =>
      runPgbench(context, { url: database?.ownerUrl ?? '', file, concurrency, duration });
    const warm = await run(warmUpSeconds);
    const pid = options.postgresPid ?? 0;
    const [own, server] = [endedChildrenCpuSeconds(), treeCpuSeconds(pid) ?? 0];
    const measured = await run(seconds);
    const cpuSeconds = { process: endedChildrenCpuSeconds() - own, postgres: (treeCpuSeconds(pid) ?? server) - server };
    const acknowledged = (warm.transactions + measured.transactions) * rows;
    const { bytesPerEvent, ...verification } = await countStored(database?.ownerUrl ?? '', acknowledged, EVENT_AND_OUTBOX_STORED);
    return {
      variant: options.variant,
      concurrency,
      eventsPerSecond: measured.perSecond * rows,
      cpuSeconds,
      errors: measured.failed,
      ...verification,
      stores: `${bytesPerEvent} bytes on disk per event: event (493 bytes, stream and version unique), outbox row`,
      settings: { rowsPerStatement: rows, mode: 'prepared', threads: 1 },
    };
  };
}

interface PgbenchRun {
  readonly transactions: number;
  readonly perSecond: number;
  readonly failed: number;
}

/** Its own durations are whole seconds. */
async function runPgbench(
  context: BenchContext,
  {
    url,
    file,
    concurrency,
    duration,
  }: { readonly url: string; readonly file: string; readonly concurrency: number; readonly duration: number },
): Promise<PgbenchRun> {
  const program = findPgbench();
  if (program === undefined) throw new BenchError(HOW_TO_INSTALL_PGBENCH);
  const { username, password, hostname, port, pathname } = new URL(url);
  const seconds = String(Math.max(1, Math.round(duration)));
  const args = ['-n', '-M', 'prepared', '-c', String(concurrency), '-j', '1', '-T', seconds, '-f', file];
  const place = ['-h', hostname, '-p', port, '-U', username, pathname.slice(1)];
  const output = await new Promise<string>((settle, fail) => {
    const child = spawn(program, [...args, ...place], {
      env: { PATH: process.env['PATH'], PGPASSWORD: password, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: context.signal,
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('error', fail);
    child.once('close', () => settle(text));
  });
  return parsePgbench(output);
}

/** @throws Error when it did not come to its end */
export function parsePgbench(output: string): PgbenchRun {
  const transactions = /^number of transactions actually processed: (\d+)/m.exec(output)?.[1];
  const perSecond = /^tps = ([\d.]+)/m.exec(output)?.[1];
  if (transactions === undefined || perSecond === undefined)
    throw new Error(`pgbench said: ${output.split('\n').find((line) => /error|fatal/i.test(line)) ?? output.trim().slice(-500)}`);
  const failed = /^number of failed transactions: (\d+)/m.exec(output)?.[1] ?? '0';
  return { transactions: Number(transactions), perSecond: Number(perSecond), failed: Number(failed) };
}
