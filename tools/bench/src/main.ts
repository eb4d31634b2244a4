import { inspect } from 'node:util';
import { StackError, stopOnSignals } from '@countersign/stack';
import { runBench } from './bench.js';
import { BenchError } from './bench-error.js';
import { openContext } from './context.js';
import { describeMachine } from './machine.js';
import { parseOptions, USAGE, type BenchOptions } from './options.js';
import { publish } from './report/publish.js';
import { terminalTable } from './report/table.js';
import { ROWS } from './rows.js';
import type { Recorded } from './run-row.js';
import { versionsOf } from './versions.js';

const EXIT = { usage: 2, couldNotRun: 3 } as const;

/** `npm run bench` after the set-up. */
async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) return;
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const context = openContext(options.mode, say);
  stopOnSignals(
    () => context.stop(),
    (reason) => say(`\n${reason}: stopping what was started`),
  );
  try {
    process.exitCode = await measure(options, context);
  } catch (error) {
    // What is under way fails when everything is being stopped.
    if (context.signal.aborted) return;
    const isForPerson = error instanceof BenchError || error instanceof StackError;
    say(`\nthe bench could not run: ${isForPerson ? error.message : inspect(error)}`);
    process.exitCode = EXIT.couldNotRun;
  } finally {
    await context.stop();
  }
  process.exit();
}

async function measure(options: BenchOptions, context: ReturnType<typeof openContext>): Promise<number> {
  const { settings, superuserUrl } = await context.postgres();
  const versions = await versionsOf(context.root, superuserUrl);
  const machine = describeMachine(context.root, context.scratch, versions);
  context.say(`${machine.cores} × ${machine.processor}, ${machine.memoryGiB} GiB, ${machine.system}`);
  context.say(`commit ${machine.commit}, one fsync takes ${machine.fsyncUs} µs`);
  context.say(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
  context.say(
    `PostgreSQL: ${Object.entries(settings)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
  );
  const recorded: Recorded[] = [];
  const begin = performance.now();
  const result = await runBench(ROWS, options, context, (one) => {
    recorded.push(one);
    if (options.json) process.stdout.write(`${JSON.stringify({ row: one.row, round: one.round, ...one.measurement })}\n`);
  });
  context.say(`measured in ${Math.round((performance.now() - begin) / 1000)} s`);
  const table = `\n${terminalTable(result.outcomes)}`;
  (options.json ? process.stderr : process.stdout).write(table);
  publish({ options, context, machine, settings, recorded, result });
  return result.exitCode;
}

function readOptions(): BenchOptions | undefined {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== 'help') return options;
    process.stdout.write(USAGE);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = EXIT.usage;
  }
  return undefined;
}

await main();
