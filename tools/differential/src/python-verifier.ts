import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Judgement, Judged } from './judgement.js';

/** Where the second verifier and its tests stand. */
export const PYTHON_FOLDER = join(import.meta.dirname, '../../../verifiers/python');

/** Why the second verifier cannot run here, or nothing if it can. */
export async function whyNoPython(): Promise<string | undefined> {
  const probe = spawn('python3', ['-c', 'import sys, cryptography; sys.exit(sys.version_info < (3, 11))'], { stdio: 'ignore' });
  const code = await new Promise<number | null>((resolve) => probe.once('error', () => resolve(null)).once('exit', resolve));
  return code === 0 ? undefined : 'python3 (3.11 or newer) with the package cryptography is not installed';
}

/** The verifier of verifiers/python as one long-lived process; answers come in the order of the questions. */
export class PythonVerifier {
  private readonly process: ChildProcessByStdio<Writable, Readable, null>;
  private readonly waiting: ((line: string) => void)[] = [];
  private readonly failing: ((error: Error) => void)[] = [];

  constructor() {
    this.process = spawn('python3', ['-m', 'countersign_verifier.serve'], {
      cwd: PYTHON_FOLDER,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      this.failing.shift();
      this.waiting.shift()?.(line);
    });
    this.process.once('exit', (code) => {
      for (const fail of this.failing.splice(0)) fail(new Error(`the Python verifier ended with ${code}`));
    });
    this.process.stdin.on('error', () => undefined); // Told by `exit`.
  }

  /** @throws Error if the process ended: the second verifier must never fail on any input */
  async judge({ bundle, trust, at }: Judged): Promise<Judgement> {
    const answer = new Promise<string>((resolve, reject) => {
      this.waiting.push(resolve);
      this.failing.push(reject);
    });
    const question = { bundle: bundle.toString('base64'), trust: trust.toString('base64'), ...(at !== undefined && { at }) };
    this.process.stdin.write(`${JSON.stringify(question)}\n`);
    return JSON.parse(await answer) as Judgement;
  }

  /** Ends the process once it has answered everything. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.stdin.end();
    if (this.process.exitCode === null) await ended;
  }
}
