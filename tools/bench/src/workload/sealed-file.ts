import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../row.js';
import { runVariantChild } from '../variant-child.js';

/** More than any round uses; a round that used them up would end early, and its rate still be right. */
const COMMANDS = { quick: 120_000, full: 320_000 } as const;

/** The file of sealed commands, made once for a bench in a process of its own; its path as a parameter. */
export async function sealedFile(
  context: BenchContext,
  eventsPerCommand = 1,
  commands = Math.ceil(COMMANDS[context.mode] / eventsPerCommand),
): Promise<{ readonly file: string }> {
  const file = join(context.scratch, `sealed-${commands}-${eventsPerCommand}`);
  if (existsSync(file)) return { file };
  context.say(`  sealing ${(commands * eventsPerCommand).toLocaleString('en-US')} records`);
  const timing = { warmUpSeconds: 0, seconds: 0, concurrency: 1, round: 1, scratch: context.scratch };
  await runVariantChild('seal', { variant: 'seal', ...timing, parameters: { file, commands, eventsPerCommand } }, context.signal);
  return { file };
}
