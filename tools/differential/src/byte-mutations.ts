import type { SeededRandom } from './seeded-random.js';

type ByteMutation = (bytes: Buffer, random: SeededRandom) => Buffer;

const INSERTED = [
  ' ',
  '\n',
  '\t',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '0',
  '\\u0041',
  '\\ud800',
  '\ufeff',
  'null',
  '\0',
  '/',
  '1e1',
];

const MUTATIONS: readonly ByteMutation[] = [
  turnBit,
  turnBit,
  (bytes, random) => replaced(bytes, random.below(bytes.length), 1, Buffer.from([random.below(256)])),
  (bytes, random) => replaced(bytes, random.below(bytes.length), 1 + random.below(4), Buffer.alloc(0)),
  (bytes, random) => replaced(bytes, random.below(bytes.length), 0, Buffer.from(random.pick(INSERTED))),
  (bytes, random) => replaced(bytes, random.below(bytes.length), 0, Buffer.from([random.below(256)])),
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => Buffer.concat([bytes, Buffer.from(random.pick(INSERTED))]),
  repeatRange,
  repeatMember,
  rewriteOtherwise,
];

/** One random change of a file's bytes. */
export function mutateBytes(bytes: Buffer, random: SeededRandom): Buffer {
  return random.pick(MUTATIONS)(bytes, random);
}

function replaced(bytes: Buffer, at: number, count: number, inserted: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + count)]);
}

function turnBit(bytes: Buffer, random: SeededRandom): Buffer {
  const turned = Buffer.from(bytes);
  const at = random.below(bytes.length);
  turned[at] = (turned[at] ?? 0) ^ (1 << random.below(8));
  return turned;
}

function repeatRange(bytes: Buffer, random: SeededRandom): Buffer {
  const from = random.below(bytes.length);
  const range = bytes.subarray(from, from + 1 + random.below(64));
  return replaced(bytes, random.below(bytes.length), random.chance(50) ? range.length : 0, range);
}

/** The same member twice, which many parsers read as once. */
function repeatMember(bytes: Buffer, random: SeededRandom): Buffer {
  const members = [...bytes.toString('latin1').matchAll(/"[A-Za-z]+":"[^"\\]*"/g)];
  if (members.length === 0) return turnBit(bytes, random);
  const member = random.pick(members);
  return replaced(bytes, member.index, 0, Buffer.from(`${member[0]},`, 'latin1'));
}

/** The same value in another form: escapes, white space, order of members. */
function rewriteOtherwise(bytes: Buffer, random: SeededRandom): Buffer {
  const text = bytes.toString('utf8');
  return Buffer.from(
    random.pick([
      () => text.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`),
      () => text.replace(',', ', '),
      () => text.replaceAll('/', '\\/'),
      () => JSON.stringify(JSON.parse(text), null, 1),
      () => text.replace(':1', ':1.0'),
      () => text.replace(':1', ':1e0'),
      () => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).reverse())),
    ])(),
    'utf8',
  );
}
