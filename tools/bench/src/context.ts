import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { REPOSITORY_ROOT } from '@countersign/stack';
import type { BenchContext, BenchPostgres, Mode } from './row.js';
import { startBenchPostgres } from './server/bench-postgres.js';
import { FreshDatabases } from './server/fresh-databases.js';
import { installPeers } from './server/peers.js';
import { buildSlowDisk } from './server/slow-disk.js';

export interface OwnedContext extends BenchContext {
  /** Stops whatever was started, newest first. */
  stop(): Promise<void>;
}

/** Starts parts when they are first asked for; everything it starts or writes stands below `home`. */
export function openContext(mode: Mode, say: (line: string) => void, home = benchDirectory()): OwnedContext {
  const scratch = openScratch(home);
  const abort = new AbortController();
  const servers: Promise<{ stop(): Promise<void> }>[] = [];
  const databases = new Map<BenchPostgres, FreshDatabases>();
  const start = (slow?: { readonly preload: string }): Promise<BenchPostgres> => {
    abort.signal.throwIfAborted();
    const server = startBenchPostgres(home, slow);
    servers.push(server);
    return server;
  };
  const usual = once(() => start());
  return {
    mode,
    root: REPOSITORY_ROOT,
    scratch,
    signal: abort.signal,
    say,
    postgres: usual,
    slowPostgres: once(() => start({ preload: buildSlowDisk(home) })),
    freshDatabase: async (kind, prepare, on) => {
      const server = on ?? (await usual());
      const made = databases.get(server) ?? new FreshDatabases(server);
      databases.set(server, made);
      return made.make(kind, prepare);
    },
    keep: (part) => {
      abort.signal.throwIfAborted();
      servers.push(part);
      return part;
    },
    installPeers: (name) => installPeers(REPOSITORY_ROOT, name, say),
    stop: async () => {
      abort.abort(new Error('the bench is being stopped'));
      for (const server of servers.reverse()) await (await server.catch(() => undefined))?.stop();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** `COUNTERSIGN_BENCH_DIR` for a second bench beside the usual one; one program owns a directory at a time. */
function benchDirectory(): string {
  const named = process.env['COUNTERSIGN_BENCH_DIR'];
  return named === undefined || named === '' ? join(REPOSITORY_ROOT, '.tools', 'bench') : resolve(named);
}

/** A directory of this process; those of processes that are gone are removed. */
function openScratch(home: string): string {
  mkdirSync(home, { recursive: true });
  for (const name of readdirSync(home)) {
    const pid = /^scratch-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !runs(Number(pid))) rmSync(join(home, name), { recursive: true, force: true });
  }
  const scratch = join(home, `scratch-${process.pid}`);
  mkdirSync(scratch, { recursive: true });
  return scratch;
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
