import { defaultDataDir, StackError, startPlatform, stopOnSignals, type Platform } from '@countersign/stack';
import { Narrator } from './narrator.js';
import { openFolder, toJson, writeFiles } from './outputs.js';
import { parseOptions, USAGE, type StoryOptions } from './options.js';
import { storedEvents } from './platform-facts.js';
import { printDoors } from './print-doors.js';
import { printQuarter } from './print-quarter.js';
import { printReport } from './print-report.js';
import { renewProfile, runQuarter, runStory } from './run-story.js';

/** `npm start` after the set-up: starts the platform, plays the story, stays up until Ctrl-C or ends with `--once`. */
async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) return;
  const narrator = new Narrator(options.json ? process.stderr : process.stdout);
  const interruption = new AbortController();
  const isInterrupted = (): boolean => interruption.signal.aborted;
  narrator.chapter('Platform');
  const starting = startPlatform({
    dataDir: defaultDataDir(),
    log: (line) => isInterrupted() || narrator.line(`  ${line}`),
    signal: interruption.signal,
    ...(options.profile === undefined ? {} : { profiles: options.profile }),
  });
  stopOnSignals(
    async () => {
      interruption.abort();
      const started = await starting.catch(() => undefined);
      await started?.stop();
      narrator.line('stopped everything that was started');
    },
    (reason) => narrator.line(`\n${reason}: stopping services, then parts`),
  );
  try {
    const platform = await starting;
    await play(platform, narrator, options, isInterrupted);
  } catch (error) {
    // What is under way fails when everything is being stopped.
    if (!isInterrupted()) throw error;
  }
}

async function play(platform: Platform, narrator: Narrator, options: StoryOptions, isInterrupted: () => boolean): Promise<void> {
  try {
    if (await storedEvents(platform)?.undo()) narrator.line('  restored the byte that an interrupted tamper drill had changed');
    await tell(platform, narrator, options);
  } catch (error) {
    if (isInterrupted()) return;
    process.stderr.write(`\nthe story did not come to its end: ${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write(`logs: ${platform.parts.layout.logs}\n`);
    process.exitCode = 1;
    if (!options.once) narrator.line('the platform stays up; Ctrl-C stops it');
  }
  if (isInterrupted()) return;
  if (options.once) await end(platform, narrator);
  else printDoors(platform, narrator);
}

async function tell(platform: Platform, narrator: Narrator, options: StoryOptions): Promise<void> {
  if (options.quarter) await tellQuarter(platform, narrator, options);
  else if (options.story) await tellStory(platform, narrator, options);
  else renewProfile(platform);
}

async function end(platform: Platform, narrator: Narrator): Promise<void> {
  await platform.stop();
  narrator.line('stopped everything that was started');
  process.exit(process.exitCode ?? 0);
}

async function tellStory(platform: Platform, narrator: Narrator, options: StoryOptions): Promise<void> {
  const outcome = await runStory(platform, narrator);
  if (options.json) process.stdout.write(`${toJson(outcome.report)}\n`);
  else printReport(outcome.report, (text) => process.stdout.write(text));
  if (options.out !== undefined) writeFiles(options.out, outcome);
  process.exitCode = outcome.report.holds ? 0 : 1;
}

async function tellQuarter(platform: Platform, narrator: Narrator, options: StoryOptions): Promise<void> {
  const quarter = await runQuarter(platform, narrator);
  if (options.json) process.stdout.write(`${toJson(quarter)}\n`);
  else printQuarter(quarter, (text) => process.stdout.write(text));
  process.exitCode = quarter.holds ? 0 : 1;
}

function readOptions(): StoryOptions | undefined {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== 'help') {
      if (options.out !== undefined) openFolder('--out', options.out);
      if (options.profile !== undefined) openFolder('--profile', options.profile);
      return options;
    }
    process.stdout.write(USAGE);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 2;
  }
  return undefined;
}

main().catch((error: unknown) => {
  // What a person can put right is told in one line; anything else is a defect and shows where it happened.
  const text =
    error instanceof StackError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(error instanceof StackError ? 2 : 1);
});
