import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defaultDataDir, StackError, startPlatform, stopOnSignals, type Platform } from '@countersign/stack';
import { Narrator } from './narrator.js';
import { parseOptions, USAGE, type StoryOptions } from './options.js';
import { printReport } from './print-report.js';
import { runStory, type StoryOutcome } from './run-story.js';
import { ITEM } from './story-facts.js';

/** `npm start` after the set-up: starts the platform, plays the story, stays up until Ctrl-C or ends with `--once`. */
async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) return;
  const narrator = new Narrator(options.json ? process.stderr : process.stdout);
  narrator.chapter('Platform');
  const platform = await startPlatform({ dataDir: defaultDataDir(), log: (line) => narrator.line(`  ${line}`) });
  stopOnSignals(
    () => platform.stop(),
    (reason) => narrator.line(`\n${reason}: stopping services, then parts`),
  );
  try {
    if (options.story) await tellStory(platform, narrator, options);
  } catch (error) {
    process.stderr.write(`\nthe story did not come to its end: ${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write(`logs: ${platform.parts.layout.logs}\n`);
    process.exitCode = 1;
    if (!options.once) narrator.line('the platform stays up; Ctrl-C stops it');
  }
  if (options.once) await end(platform, narrator);
  else printDoors(platform, narrator);
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
  if (options.out !== undefined) writeFiles(options.out, outcome, platform);
  process.exitCode = outcome.report.holds ? 0 : 1;
}

function writeFiles(folder: string, { report, bundle }: StoryOutcome, platform: Platform): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'audit.json'), `${toJson(report)}\n`);
  writeFileSync(path.join(folder, 'item.bundle.json'), bundle);
  copyFileSync(platform.provisioned.publicFiles.trust, path.join(folder, 'trust.json'));
}

function toJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => (typeof member === 'bigint' ? member.toString() : member), 2);
}

function printDoors({ addresses, parts, provisioned }: Platform, narrator: Narrator): void {
  narrator.line('\nDoors (all on loopback)');
  for (const [name, { grpc, http }] of Object.entries(addresses))
    narrator.line(`  ${name.padEnd(12)} gRPC ${grpc}   health, metrics http://${http}`);
  narrator.line(`  Kafka        ${parts.kafka.brokers.join(',')}   (countersign.in.*, countersign.out.*, countersign.evt.*)`);
  narrator.line(`  chain        ${parts.chain.rpcUrl}   contract ${provisioned.contract.address}, single-node development chain`);
  narrator.line('\nTry next');
  narrator.line(`  npx countersign trace ${ITEM}`);
  narrator.line(
    `  npx countersign proof ${ITEM} -o item.bundle.json && npx countersign verify item.bundle.json --trust .countersign/public/trust.json`,
  );
  narrator.line('  npx countersign audit');
  narrator.line('\nCtrl-C stops everything');
}

function readOptions(): StoryOptions | undefined {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== 'help') return options;
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
