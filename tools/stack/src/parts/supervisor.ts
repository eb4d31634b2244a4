import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from '../limits.js';
import { StackError } from '../stack-error.js';
import { startGuardian, type Guardian } from './guardian.js';
import {
  markOf,
  memoryBytes,
  processUse,
  sendSignal,
  stillRuns,
  waitForEnd,
  withDescendants,
  type ProcessMark,
  type ProcessUse,
} from './os-process.js';

export interface ChildSpec {
  /** As shown to people, e.g. `Apache Kafka`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Standard output and error go here; the previous run's file is kept as `<file>.1`. */
  readonly logFile: string;
  /** `append` continues the log, for a child that is started again within one run. */
  readonly logMode?: 'rotate' | 'append';
  readonly stopSignal?: 'SIGTERM' | 'SIGINT';
  readonly stopLimitMs?: number;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when the process has ended, with its exit code or signal in words. */
  readonly ended: Promise<string>;
  isRunning(): boolean;
  /** Asks it to end, waits, kills its whole process group after the limit. */
  stop(): Promise<void>;
  /** Sends a signal to its process group; after SIGKILL, resolves when it has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface MemoryUse {
  readonly name: string;
  readonly bytes: number;
}

/** A process of the platform, under the name of the child it belongs to. */
export interface NamedProcess extends ProcessUse {
  readonly name: string;
}

interface RunningFile {
  readonly owner: ProcessMark;
  readonly children: readonly (ProcessMark & { readonly name: string; readonly signal: NodeJS.Signals })[];
}

/**
 * Owns every process that runs for one data directory. One owner at a time.
 * - Each child is a process group of its own, so that Ctrl-C reaches only the owner, which then stops them in order.
 * - If the owner dies without doing so, the guardian stops them; if that fails too, the next `open` does.
 */
export class Supervisor {
  private readonly children: (Child & { readonly mark: ProcessMark; readonly signal: NodeJS.Signals })[] = [];
  private readonly guardian: Guardian = startGuardian();
  private closing: Promise<void> | undefined;
  private released = false;

  private constructor(private readonly file: string) {}

  /**
   * Takes the data directory; first stops what an earlier owner that crashed left running in it.
   * @throws StackError when a living process owns the directory
   */
  static async open(dataDir: string): Promise<Supervisor> {
    const file = join(dataDir, 'running.json');
    const leftovers = await takeOver(file);
    for (const child of leftovers.toReversed()) await endLeftover(child);
    const supervisor = new Supervisor(file);
    supervisor.writeFile();
    return supervisor;
  }

  /** @throws StackError once it is closing */
  start(spec: ChildSpec): Child {
    if (this.closing !== undefined) throw new StackError(`${spec.name} is not started: everything is being stopped`);
    if (spec.logMode !== 'append' && existsSync(spec.logFile)) renameSync(spec.logFile, `${spec.logFile}.1`);
    const log = openSync(spec.logFile, 'a');
    const { pid, ended, isRunning } = launch(spec, log);
    closeSync(log);
    const mark = markOf(pid) ?? { pid, started: 'ended at once' };
    const signal = spec.stopSignal ?? 'SIGTERM';
    this.guardian.watch(pid, signal);
    const child = {
      name: spec.name,
      logFile: spec.logFile,
      pid,
      ended,
      isRunning,
      mark,
      signal,
      stop: () => stopGroup(child, spec.stopLimitMs ?? LIMITS.partStopMs),
      kill: async (killSignal: NodeJS.Signals) => {
        sendSignal(-pid, killSignal);
        if (killSignal === 'SIGKILL') await ended;
      },
    };
    this.children.push(child);
    this.writeFile();
    void ended.then(() => this.forget(child));
    return child;
  }

  /** Stops everything that still runs, newest first, then gives the data directory free. */
  close(): Promise<void> {
    this.closing ??= this.stopEverything();
    return this.closing;
  }

  private async stopEverything(): Promise<void> {
    for (const child of this.children.toReversed()) await child.stop();
    this.guardian.release();
    this.released = true;
    rmSync(this.file, { force: true });
  }

  /** Memory of every child with what it started itself, and of the owner. */
  memory(): readonly MemoryUse[] {
    const of = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + memoryBytes(pid), 0);
    return [
      ...this.children.map(({ name, pid }) => ({ name, bytes: of(withDescendants(pid)) })),
      { name: 'this program', bytes: of([process.pid]) },
    ];
  }

  /** Every child with what it started itself, and the owner, each process by itself. Linux only; elsewhere none. */
  processes(): readonly NamedProcess[] {
    const named = (name: string, pids: readonly number[]): NamedProcess[] =>
      pids.flatMap((pid) => {
        const use = processUse(pid);
        return use === undefined ? [] : [{ name, ...use }];
      });
    return [
      ...this.children.flatMap(({ name, pid }) => named(name, withDescendants(pid))),
      ...named('this program', [process.pid]),
    ];
  }

  private forget(child: Child & { readonly signal: NodeJS.Signals }): void {
    const index = this.children.findIndex(({ pid }) => pid === child.pid);
    if (index >= 0) this.children.splice(index, 1);
    this.guardian.forget(child.pid, child.signal);
    if (!this.released) this.writeFile();
  }

  private writeFile(): void {
    writeRunning(this.file, {
      owner: ownMark(),
      children: this.children.map(({ name, mark, signal }) => ({ name, ...mark, signal })),
    });
  }
}

interface Launched {
  readonly pid: number;
  readonly ended: Promise<string>;
  readonly isRunning: () => boolean;
}

function launch(spec: ChildSpec, log: number): Launched {
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env ?? process.env,
    uid: spec.uid,
    gid: spec.gid,
    stdio: ['ignore', log, log],
    detached: true,
  });
  let running = true;
  const ended = new Promise<string>((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signal) => settle(signal ?? `exit code ${code}`));
  }).finally(() => {
    running = false;
  });
  if (child.pid === undefined) throw new StackError(`${spec.name}: cannot run ${spec.command}`);
  return { pid: child.pid, ended, isRunning: () => running };
}

async function stopGroup(
  child: Child & { readonly mark: ProcessMark; readonly signal: NodeJS.Signals },
  limitMs: number,
): Promise<void> {
  if (!child.isRunning()) return;
  sendSignal(child.pid, child.signal);
  const inTime = await waitForEnd(child.mark, limitMs, LIMITS.pollMs);
  // Also after an orderly end: what the child itself started must not outlive it.
  sendSignal(-child.pid, 'SIGKILL');
  if (!inTime) await waitForEnd(child.mark, LIMITS.leftoverStopMs, LIMITS.pollMs);
}

/**
 * Makes this process the owner; returns what an earlier owner left running. Two programs that start in the same moment
 * both write the file: the later one has it, which each sees when it looks again.
 * @throws StackError when a living process owns it
 */
async function takeOver(file: string): Promise<RunningFile['children']> {
  const earlier = readRunning(file);
  if (earlier !== undefined && stillRuns(earlier.owner)) throw alreadyRunning(earlier);
  const children = earlier?.children ?? [];
  writeRunning(file, { owner: ownMark(), children });
  await sleep(LIMITS.ownerSettleMs);
  const settled = readRunning(file);
  if (settled?.owner.pid !== process.pid) throw alreadyRunning(settled);
  return children;
}

function alreadyRunning(running: RunningFile | undefined): StackError {
  return new StackError(
    `already running as process ${running?.owner.pid}: stop that one first (Ctrl-C there), or set COUNTERSIGN_DATA_DIR to run a second one beside it`,
  );
}

async function endLeftover(child: RunningFile['children'][number]): Promise<void> {
  if (!stillRuns(child)) return;
  sendSignal(child.pid, child.signal);
  if (!(await waitForEnd(child, LIMITS.leftoverStopMs, LIMITS.pollMs))) sendSignal(-child.pid, 'SIGKILL');
  await waitForEnd(child, LIMITS.leftoverStopMs, LIMITS.pollMs);
}

function readRunning(file: string): RunningFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunningFile;
  } catch {
    return undefined;
  }
}

/** In one step, so that nobody ever reads half of it. */
function writeRunning(file: string, content: RunningFile): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(draft, file);
}

function ownMark(): ProcessMark {
  const mark = markOf(process.pid);
  if (mark === undefined) throw new Error('the own process cannot be found');
  return mark;
}
