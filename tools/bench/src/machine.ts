import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { spreadOf } from './figures.js';

/** What a reader has to know to judge the figures. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string;
  /** Median time of one fdatasync after a write of 8 KiB, in microseconds. */
  readonly fsyncUs: number;
  readonly measuredAt: string;
}

export function describeMachine(root: string, directory: string, versions: Machine['versions']): Machine {
  return {
    processor: cpus()[0]?.model.trim() || processorName(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    versions,
    commit: commitOf(root),
    fsyncUs: measureFsync(directory),
    measuredAt: new Date().toISOString().slice(0, 10),
  };
}

function processorName(): string {
  try {
    return /^model name\s*:\s*(.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function commitOf(root: string): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return git('rev-parse', '--short=12', 'HEAD') + (changed ? ' with changes' : '');
  } catch {
    return 'unknown'; // Unpacked without its history.
  }
}

const FSYNC_TRIES = 50;

function measureFsync(directory: string): number {
  const file = join(directory, 'fsync-probe');
  const handle = openSync(file, 'w');
  try {
    const block = Buffer.alloc(8192, 1);
    const times = Array.from({ length: FSYNC_TRIES }, () => {
      writeSync(handle, block);
      const begin = performance.now();
      fdatasyncSync(handle);
      return (performance.now() - begin) * 1000;
    });
    return Math.round(spreadOf(times)?.median ?? 0);
  } finally {
    closeSync(handle);
    rmSync(file, { force: true });
  }
}
