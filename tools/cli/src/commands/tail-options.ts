import { InvalidArgumentError, Option, type Command } from 'commander';

export interface TailOptions {
  readonly from?: bigint;
  readonly resume?: string;
  readonly category: readonly string[];
  readonly type: readonly string[];
  readonly stream: readonly string[];
  readonly key: readonly { readonly kind: string; readonly value: string }[];
  /** Seconds. */
  readonly heartbeat: number;
  readonly disclosures: boolean;
  readonly untilHead?: boolean;
  readonly json?: boolean;
  readonly profile?: string;
}

/** Arguments and options of `tail`; loads nothing that connects. */
export function tailOptions(command: Command): Command {
  return command
    .description('follow the log of a service: every record you may read, as it is appended; takes a broken connection up again')
    .argument('<service>', 'inventory, procurement or identity')
    .addOption(
      new Option('--from <position>', 'first position (default: what comes from now on)').argParser(position).conflicts('resume'),
    )
    .option('--resume <token>', 'go on behind what was printed before the token, with the same filter')
    .option('--category <name>', 'only streams of this category, e.g. order; may be repeated', collected, [])
    .option('--type <type>', 'only events of this type; without .v<n> of all its versions; may be repeated', collected, [])
    .option('--stream <id>', 'only this stream; may be repeated', collected, [])
    .option('--key <kind=value>', 'only streams that name this key, e.g. piid=W99CT126C0017; may be repeated', keys, [])
    .option('--heartbeat <seconds>', 'longest time between two heartbeats, which go to stderr with the lag', seconds, 10)
    .option('--no-disclosures', 'headers only')
    .option('--until-head', 'end behind what the log holds now')
    .option('--profile <file>', 'where the platform is and who calls (default: the one that npm start wrote last)')
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      '\nExit codes: 0 = ended as asked, 1 = the log was rewound or altered, 2 = could not follow or wrong usage.',
    );
}

function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function keys(text: string, before: TailOptions['key']): TailOptions['key'] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('must be <kind>=<value>.');
  return [...before, { kind: text.slice(0, at), value: text.slice(at + 1) }];
}

function position(text: string): bigint {
  if (!/^\d{1,19}$/.test(text)) throw new InvalidArgumentError('must be a whole number.');
  return BigInt(text);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d{1,2}$/.test(text) || value < 1 || value > 60) throw new InvalidArgumentError('must be 1 to 60.');
  return value;
}
