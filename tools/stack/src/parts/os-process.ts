import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process as it can be found again later: an id alone may have been given to another program meanwhile. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, in the form the system tells it. */
  readonly started: string;
}

/** Undefined if no such process runs (a zombie counts as ended). */
export function markOf(pid: number): ProcessMark | undefined {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : askPs(pid, 'lstart=');
  return started === undefined ? undefined : { pid, started };
}

export function stillRuns(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.started === mark.started;
}

/** The command line of a process; empty if it cannot be told. */
export function commandLineOf(pid: number): string {
  if (process.platform !== 'linux') return askPs(pid, 'command=') ?? '';
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** A process and everything it started, as far as that did not lose its parent. */
export function withDescendants(pid: number): readonly number[] {
  if (process.platform !== 'linux') return [pid];
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(statFields(Number(name))?.[PARENT_FIELD] ?? 0);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  for (let queue = [pid]; queue.length > 0; queue = queue.flatMap((each) => childrenOf.get(each) ?? [])) found.push(...queue);
  return found;
}

/**
 * Memory of a process in bytes; 0 if it cannot be told. A page that several processes share is divided among them, so
 * that the sum over processes is what they hold together; where the system does not tell that, it is counted for each.
 */
export function memoryBytes(pid: number): number {
  if (process.platform !== 'linux') return Number(askPs(pid, 'rss=') ?? 0) * 1024;
  return (kibibytesIn(`/proc/${pid}/smaps_rollup`, 'Pss') ?? kibibytesIn(`/proc/${pid}/status`, 'VmRSS') ?? 0) * 1024;
}

/** A process as it stands now. */
export interface ProcessUse {
  readonly pid: number;
  /** As the process shows itself; PostgreSQL's name their database. */
  readonly commandLine: string;
  /** Processor time since its start, of its own and of the ended processes it waited for. */
  readonly cpuSeconds: number;
}

/** Undefined if it ended, or the system does not tell. Linux only. */
export function processUse(pid: number): ProcessUse | undefined {
  const fields = process.platform === 'linux' ? statFields(pid) : undefined;
  if (fields === undefined) return undefined;
  const ticks = fields.slice(CPU_FIELDS.from, CPU_FIELDS.to).reduce((sum, field) => sum + Number(field), 0);
  return { pid, commandLine: commandLineOf(pid), cpuSeconds: ticks / TICKS_PER_SECOND };
}

function kibibytesIn(file: string, field: string): number | undefined {
  try {
    const value = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined;
  }
}

/** Sends a signal; a process or group that is gone is no error. Negative ids name a process group. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export async function waitForEnd(mark: ProcessMark, limitMs: number, pollMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (stillRuns(mark)) {
    if (Date.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}

// Fields of /proc/<pid>/stat after the command name in brackets (proc(5)): 0 is the state.
const STATE_FIELD = 0;
const PARENT_FIELD = 1;
/** User and system time, then those of ended children. */
const CPU_FIELDS = { from: 11, to: 15 } as const;
const START_FIELD = 19;
/** USER_HZ, the same on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

function startedOnLinux(pid: number): string | undefined {
  const fields = statFields(pid);
  return fields === undefined || fields[STATE_FIELD] === 'Z' ? undefined : fields[START_FIELD];
}

function statFields(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function askPs(pid: number, column: string): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', column, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}
