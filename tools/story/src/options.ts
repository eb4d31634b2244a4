import path from 'node:path';
import { parseArgs } from 'node:util';

export interface StoryOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly story: boolean;
  /** The quarter alone. */
  readonly quarter: boolean;
  /** Folder for CPU profiles of the services. */
  readonly profile?: string;
  readonly out?: string;
}

export const USAGE = `npm start [-- options]

  --once           play the story and exit: 0 only if every step, proof and drill came out as it must
  --json           print one JSON document instead of tables; progress goes to stderr (npm start --silent drops npm's own lines)
  --out <dir>      also write audit.json, item.bundle.json and trust.json there
  --quarter        play the real quarter alone; tells rows a second and processor seconds of every process
  --profile <dir>  each service writes a CPU profile there when it stops
  --no-story       only start the platform
  --help           this text
`;

/** @throws TypeError for an unknown option */
export function parseOptions(args: readonly string[]): StoryOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      story: { type: 'boolean', default: true },
      quarter: { type: 'boolean', default: false },
      profile: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    once: values.once,
    json: values.json,
    story: values.story,
    quarter: values.quarter,
    ...(values.profile === undefined ? {} : { profile: fromCaller(values.profile) }),
    ...(values.out === undefined ? {} : { out: fromCaller(values.out) }),
  };
}

/** npm runs its scripts in the root of the repository, wherever the person stands who typed the command. */
function fromCaller(folder: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? '.', folder);
}
