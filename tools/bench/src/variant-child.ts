import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measurement } from './measurement.js';
import type { VariantOptions } from './variant.js';

const PROGRAM = fileURLToPath(new URL('./run-variant.js', import.meta.url));
/** What a variant may take besides warm-up and measuring: loading, verifying. */
const PATIENCE_MS = 180_000;
const OUTPUT_SHOWN = 2_000;

/** A variant that ended without a measurement. */
class VariantFailed extends Error {
  override readonly name = 'VariantFailed';
}

/**
 * Runs a Node variant in a process of its own, which gets none of this one's Node options.
 * @throws VariantFailed with what it wrote; the signal's reason when it was aborted
 */
export async function runVariantChild(node: string, options: VariantOptions, signal: AbortSignal): Promise<Measurement> {
  const args = ['--expose-gc', PROGRAM, node, JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_OPTIONS: '' } });
  const end = (): boolean => child.kill('SIGKILL');
  const patience = setTimeout(end, (options.warmUpSeconds + options.seconds) * 1000 + PATIENCE_MS);
  signal.addEventListener('abort', end);
  const outputs = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (outputs.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (outputs.stderr += chunk.toString()));
  try {
    const how = await new Promise<string>((settle, fail) => {
      child.once('error', fail);
      child.once('close', (code, killed) => settle(killed ?? `exit code ${code}`));
    });
    signal.throwIfAborted();
    if (how === 'exit code 0') return parseMeasurement(outputs.stdout);
    throw new VariantFailed(`${options.variant} ended with ${how}: ${reasonIn(outputs.stderr)}`);
  } finally {
    clearTimeout(patience);
    signal.removeEventListener('abort', end);
  }
}

/** What an uncaught error said, without its stack. */
function reasonIn(stderr: string): string {
  const said = stderr.split('\n').find((line) => /^(Uncaught )?[A-Za-z]*Error\b/.test(line));
  return said ?? stderr.slice(-OUTPUT_SHOWN).trim();
}

/** The last line that is a JSON object. */
function parseMeasurement(output: string): Measurement {
  const line = output
    .split('\n')
    .filter((each) => each.startsWith('{'))
    .at(-1);
  if (line === undefined) throw new VariantFailed(`no measurement in: ${output.slice(-OUTPUT_SHOWN)}`);
  return JSON.parse(line) as Measurement;
}
