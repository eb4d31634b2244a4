import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Call } from './journal-client.js';
import { answerOf, submissionOf, type ReplicaLine, type ReplicaTerms, type SentSubmission } from './replica-terms.js';

const HOOKS = new URL('../../../../scripts/typescript-hooks.mjs', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('replica-program.ts', import.meta.url));

/** A replica that runs, and what it wrote down. */
export class ReplicaProcess {
  readonly ended: Promise<string>;
  #errors = '';

  private constructor(
    readonly terms: ReplicaTerms,
    private readonly child: ChildProcess,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code} ${this.#errors}`));
    });
  }

  /** Starts it and waits until its log is open. */
  static async start(terms: ReplicaTerms): Promise<ReplicaProcess> {
    const child = spawn(process.execPath, ['--import', HOOKS, PROGRAM], {
      env: { PATH: process.env['PATH'], TZ: 'UTC', COUNTERSIGN_REPLICA: JSON.stringify(terms) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const replica = new ReplicaProcess(terms, child);
    const ready = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    const failed = replica.ended.then((how) => {
      throw new Error(`a replica did not start: ${how}`);
    });
    await Promise.race([ready, failed]);
    failed.catch(() => undefined); // Its end is judged by whoever waits for it.
    return replica;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** How many calls it has begun. */
  get calls(): number {
    return linesOf(this.terms.file).filter((line) => 'submission' in line).length;
  }
}

/** Every call that stands in a file, with its answer if there is one. */
export function callsIn(file: string): readonly Call[] {
  const calls = new Map<number, Call>();
  for (const line of linesOf(file)) {
    if ('submission' in line) {
      const call: Call = {
        submission: submissionOf(line.submission),
        invokedAt: line.at,
        respondedAt: Infinity,
        answer: { kind: 'unknown' },
      };
      calls.set(line.call, call);
      continue;
    }
    const call = calls.get(line.call);
    if (!call) throw new Error('an answer to no call');
    call.respondedAt = line.at;
    call.answer = answerOf(line.answer);
  }
  return [...calls.values()];
}

/** What was sent and not answered. */
export function unfinishedIn(file: string): readonly SentSubmission[] {
  const lines = linesOf(file);
  const answered = new Set(lines.filter((line) => 'answer' in line).map(({ call }) => call));
  return lines.flatMap((line) => ('submission' in line && !answered.has(line.call) ? [line.submission] : []));
}

/** The last line of a killed process may be cut off. */
function linesOf(file: string): readonly ReplicaLine[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReplicaLine);
}
