import { encodingOf, mutateEncoded, mutateLines } from './encoded-mutations.js';
import type { SeededRandom } from './seeded-random.js';

type TextMutation = (text: string, random: SeededRandom) => string;

const NUMBER = /^\d{1,20}$/;
/** One of each kind of character that one implementation of a rule may treat otherwise than another. */
const STRANGE = [
  '\0',
  '\t',
  '\n',
  '\r',
  ' ',
  '\u007f',
  '\u0085',
  '\u00a0',
  'é',
  '\u0130',
  '\u2028',
  '\ud800',
  '\ufeff',
  '\uffff',
  '😀',
  '٣',
];
const WORDS = [
  '',
  '0',
  '-0',
  '00',
  '1e3',
  '1.0',
  '__proto__',
  'constructor',
  '_sd',
  '...',
  'intent',
  'claim',
  'null',
  'none',
  'REL TO',
];

/** Changes that look for the edge of a text's rules: characters, length, numbers, base64 alphabets and paddings. */
const MUTATIONS: readonly TextMutation[] = [
  (text, random) => splice(text, random.below(text.length), 1, random.pick(text === '' ? ['x'] : [...text])),
  (text, random) => splice(text, random.below(text.length + 1), 0, random.pick(STRANGE)),
  (text, random) => splice(text, random.below(text.length), 1, random.pick(STRANGE)),
  (text, random) => splice(text, random.below(text.length), 1 + random.below(3), ''),
  (text, random) => splice(text, random.below(text.length + 1), 0, text.slice(random.below(text.length))),
  (text, random) => turnBit(text, random),
  (text) => text.slice(0, -1),
  (text) => text.slice(1),
  (text) => text + text,
  (text) => [...text].reverse().join(''),
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => text.replaceAll('+', '-').replaceAll('/', '_'),
  (text) => text.replaceAll('-', '+').replaceAll('_', '/'),
  (text) => text.replace(/=+$/, ''),
  (text) => `${text}=`,
  (text) => `${text}\n`,
  (text) => text.replaceAll('\n', '\r\n'),
  (text, random) => changeDigits(text, random),
  (text, random) => changeDigits(text, random),
  (text, random) => swapWords(text, random),
  (_, random) => random.pick(WORDS),
  (text, random) => text.padEnd(random.pick([65, 129, 201, 257, 301]), 'x'),
];

/** One random change of a text; rarely none, where the change happens to give the same text. */
export function mutateText(text: string, random: SeededRandom): string {
  if (NUMBER.test(text) && random.chance(60)) return mutateNumber(text, random);
  if (text.includes('\n') && random.chance(40)) return mutateLines(text, random);
  const encoding = encodingOf(text);
  if (encoding !== undefined && random.chance(60)) return mutateEncoded(text, encoding, random);
  return random.pick(MUTATIONS)(text, random);
}

function splice(text: string, at: number, count: number, inserted: string): string {
  return text.slice(0, at) + inserted + text.slice(at + count);
}

function turnBit(text: string, random: SeededRandom): string {
  const at = random.below(text.length);
  return splice(text, at, 1, String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << random.below(7))));
}

function mutateNumber(text: string, random: SeededRandom): string {
  const value = BigInt(text);
  const padded = (changed: bigint): string => String(changed < 0n ? 0n : changed).padStart(text.length === 20 ? 20 : 1, '0');
  return random.pick([
    padded(value + 1n),
    padded(value - 1n),
    padded(value * 2n),
    padded(value ^ (1n << BigInt(random.below(6)))),
    `0${text}`,
    `+${text}`,
    `-${text}`,
    `${text}.0`,
    '9007199254740991',
    '9007199254740992',
    '18446744073709551615',
    '18446744073709551616',
  ]);
}

/** One digit run inside a text, such as the size in a checkpoint or the day in a time. */
function changeDigits(text: string, random: SeededRandom): string {
  const runs = [...text.matchAll(/\d{1,20}/g)];
  if (runs.length === 0) return `${text}1`;
  const run = random.pick(runs);
  const changed = random.pick([
    String(BigInt(run[0]) + 1n).padStart(run[0].length, '0'),
    '00',
    '0',
    '99',
    '60',
    '24',
    '31',
    `0${run[0]}`,
  ]);
  return splice(text, run.index, run[0].length, changed);
}

function swapWords(text: string, random: SeededRandom): string {
  const parts = text.split(/([ \n])/);
  const one = 2 * random.below((parts.length + 1) / 2);
  const other = 2 * random.below((parts.length + 1) / 2);
  [parts[one], parts[other]] = [parts[other] ?? '', parts[one] ?? ''];
  return parts.join('');
}
