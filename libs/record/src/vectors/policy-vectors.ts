import { cosignerKey, formatVerifierKey, verifierKey } from '@countersign/merkle';
import { fixedBytes, ORIGIN, publicKeyOf, SEEDS } from './fixed-inputs.js';

export interface PolicyVectors {
  readonly accepted: readonly {
    readonly name: string;
    readonly policy: string;
    /** Which witnesses cosigned, by the policy's names, and whether the quorum is met. */
    readonly cases: readonly { readonly cosigned: readonly string[]; readonly isMet: boolean }[];
  }[];
  readonly refused: readonly {
    readonly name: string;
    readonly policy: string;
    /** Number of the line that is named, from 1; null: the file as a whole. */
    readonly line: number | null;
  }[];
}

const LOG = `log ${verifierKey(ORIGIN, publicKeyOf(SEEDS.log))}`;
const vkey = (name: string): string => {
  const witness = `witness.example/${name}`;
  return formatVerifierKey(cosignerKey(witness, publicKeyOf(fixedBytes(`cosigner ${witness}`))));
};
const W = (name: string): string => `witness ${name} ${vkey(name)}`;
const file = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** The example of C2SP tlog-policy: two of three, and one of three. */
const NESTED = [
  LOG,
  '',
  ...['X1', 'X2', 'X3'].map(W),
  'group X-witnesses 2 X1 X2 X3',
  '',
  ...['Y1', 'Y2', 'Y3'].map(W),
  'group Y-witnesses any Y1 Y2 Y3',
  '',
  'group X-and-Y all X-witnesses Y-witnesses',
  'quorum X-and-Y',
];

export function policyVectors(): PolicyVectors {
  return { accepted: accepted(), refused: refused() };
}

function accepted(): PolicyVectors['accepted'] {
  const cases = (...each: readonly (readonly [string, boolean])[]): { cosigned: string[]; isMet: boolean }[] =>
    each.map(([names, isMet]) => ({ cosigned: names === '' ? [] : names.split(' '), isMet }));
  return [
    {
      name: 'nested groups',
      policy: file(...NESTED),
      cases: cases(
        ['', false],
        ['X1 X2 X3', false],
        ['Y1 Y2 Y3', false],
        ['X1 Y1', false],
        ['X1 X3 Y2', true],
        ['X2 X3 Y3', true],
        ['X1 X2 X3 Y1 Y2 Y3', true],
      ),
    },
    { name: 'no witness is asked for', policy: file('quorum none'), cases: cases(['', true]) },
    { name: 'none, in spite of witnesses', policy: file(W('a'), 'quorum none'), cases: cases(['', true], ['a', true]) },
    { name: 'one witness', policy: file(W('a'), W('b'), 'quorum a'), cases: cases(['', false], ['b', false], ['a', true]) },
    {
      name: 'a number of all',
      policy: file(W('a'), W('b'), 'group g 2 a b', 'quorum g'),
      cases: cases(['a', false], ['b', false], ['a b', true]),
    },
    {
      name: 'a witness and a group in one group',
      policy: file(W('a'), W('b'), W('c'), 'group g all b c', 'group h any a g', 'quorum h'),
      cases: cases(['b', false], ['c', false], ['b c', true], ['a', true]),
    },
    {
      name: 'white space, comments, addresses, a line after the quorum',
      policy: file('# ours', ' \t', `\t${W('a').replaceAll(' ', ' \t ')} https://witness.example/a `, '  # theirs', 'quorum a', W('b')),
      cases: cases(['b', false], ['a', true]),
    },
    { name: 'names beyond ASCII', policy: file(W('a').replace('witness a', 'witness Köln'), 'quorum Köln'), cases: cases(['', false], ['Köln', true]) },
  ];
}

function refused(): PolicyVectors['refused'] {
  const one = (name: string, line: number | null, ...lines: string[]): PolicyVectors['refused'][number] => ({ name, policy: file(...lines), line });
  return [
    { name: 'an empty file', policy: '', line: null },
    one('no quorum', null, W('a')),
    one('only comments', null, '# quorum none'),
    { name: 'no newline at the end', policy: 'quorum none', line: null },
    one('a carriage return', null, 'quorum none\r'),
    one('a second quorum', 3, W('a'), 'quorum a', 'quorum none'),
    one('a quorum nobody defined', 1, 'quorum a', W('a')),
    one('a keyword in capitals', 1, 'Quorum none'),
    one('an unknown line', 2, W('a'), 'mirror a', 'quorum a'),
    one('a quorum of two names', 2, W('a'), 'quorum a none'),
    one('a quorum of no name', 1, 'quorum'),
    one('a group larger than it has members', 2, W('a'), 'group g 2 a', 'quorum g'),
    one('a threshold of 0', 2, W('a'), 'group g 0 a', 'quorum g'),
    one('a threshold with a leading zero', 2, W('a'), 'group g 01 a', 'quorum g'),
    one('a threshold with a sign', 2, W('a'), 'group g +1 a', 'quorum g'),
    one('a group without members', 2, W('a'), 'group g any', 'quorum g'),
    one('a group that names itself', 2, W('a'), 'group g any a g', 'quorum g'),
    one('a group that names a later one', 2, W('a'), 'group g any h', 'group h any a', 'quorum g'),
    one('a member nobody defined', 2, W('a'), 'group g any a b', 'quorum g'),
    one('none as a member', 2, W('a'), 'group g any a none', 'quorum g'),
    one('a member twice', 2, W('a'), 'group g 2 a a', 'quorum g'),
    one('a member of two groups', 4, W('a'), W('b'), 'group g all a', 'group h any a b', 'quorum h'),
    one('a witness with the name of another', 2, W('a'), W('b').replace('witness b', 'witness a'), 'quorum a'),
    one('a group with the name of a witness', 2, W('a'), 'group a any a', 'quorum a'),
    one('a witness named none', 1, W('a').replace('witness a', 'witness none'), 'quorum none'),
    one('a key twice', 2, W('a'), `witness b ${vkey('a')}`, 'quorum b'),
    one('a key twice, under another name', 2, W('a'), `witness b ${renamed('a')}`, 'quorum b'),
    one('a log twice', 2, LOG, LOG, 'quorum none'),
    one('the key of a log as witness', 2, LOG, `witness a ${formatVerifierKey(cosignerKey('witness.example/a', publicKeyOf(SEEDS.log)))}`, 'quorum a'),
    one("a log's key as witness", 1, `witness a ${verifierKey('witness.example/a', publicKeyOf(SEEDS.log))}`, 'quorum a'),
    one("a cosigner's key as log", 1, `log ${vkey('a')}`, 'quorum none'),
    one('a witness without key', 1, 'witness a', 'quorum a'),
    one('a witness with two addresses', 1, `${W('a')} https://a.example https://b.example`, 'quorum a'),
    one('a log with two addresses', 1, `${LOG} https://a.example https://b.example`, 'quorum none'),
    one('a log without key', 1, 'log', 'quorum none'),
    one('another separator', 1, 'quorum\u00a0none'),
  ];
}

function renamed(name: string): string {
  return formatVerifierKey(cosignerKey('witness.example/other', publicKeyOf(fixedBytes(`cosigner witness.example/${name}`))));
}
