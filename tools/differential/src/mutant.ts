import { contentOf, sealedFile, type Case } from './cases.js';
import { mutateBytes } from './byte-mutations.js';
import { isExplained } from './explained.js';
import { placesOf, sortedJson, valueAt, type Json } from './json.js';
import type { Judged } from './judgement.js';
import type { LogPlan } from './planned-log.js';
import type { SeededRandom } from './seeded-random.js';
import { mutateStructure } from './structure-mutations.js';
import { mutateText } from './text-mutations.js';

/** Kinds of change. Bytes and unsealed structure may never be accepted, sealed structure only where it is explained. */
export const KINDS = ['bytes', 'unsealed', 'sealed', 'committed', 'trust'] as const;
export type Kind = (typeof KINDS)[number];

/** Two changed files, and whether a verifier may accept them. */
export interface Mutant {
  readonly kind: Kind;
  readonly judged: Judged;
  /** Whether the bundle may be accepted although it was changed. */
  isAcceptable(): boolean;
}

/** More of the changes go where only the meaning of a part can refuse them. */
const SHARES: readonly Kind[] = [
  'bytes',
  'unsealed',
  'sealed',
  'sealed',
  'sealed',
  'sealed',
  'committed',
  'committed',
  'committed',
  'trust',
];

/** One changed pair of files that follows from the random numbers alone. */
export function makeMutant(cases: readonly Case[], random: SeededRandom): Mutant {
  const base = random.pick(cases);
  const foreign = random.pick(cases);
  const kind = random.pick(SHARES);
  for (;;) {
    const mutant = { kind, ...MAKERS[kind](base, foreign, random) };
    const { bundle, trust, at } = mutant.judged;
    // Some changes give what was there. Chance ends this soon.
    if (!bundle.equals(base.files.bundle) || !trust.equals(base.files.trust) || at !== base.at) return mutant;
  }
}

type Maker = (base: Case, foreign: Case, random: SeededRandom) => Omit<Mutant, 'kind'>;

const MAKERS: Readonly<Record<Kind, Maker>> = {
  bytes: ({ files: { bundle, trust }, at }, _foreign, random) => ({
    judged: { bundle: mutateBytes(bundle, random), trust, at },
    isAcceptable: () => false,
  }),
  unsealed: ({ content, files: { bundle, trust }, at }, foreign, random) => {
    const mutated = sortedJson(changed(content, foreign.content, random));
    const seal = bundle.subarray(bundle.lastIndexOf(',"sha256"'));
    return {
      judged: { bundle: Buffer.concat([Buffer.from(`{"bundle":${mutated}`), seal]), trust, at },
      isAcceptable: () => false,
    };
  },
  sealed: ({ content, trust, files, at }, foreign, random) => {
    const mutated = changed(content, foreign.content, random);
    return {
      judged: { bundle: sealedFile(mutated), trust: files.trust, at },
      isAcceptable: () => isExplained(content, mutated as { [name: string]: Json }, seenSizes(trust)),
    };
  },
  committed: (base, foreign, random) => ({
    judged: { bundle: sealedFile(committedContent(base, foreign, random)), trust: base.files.trust, at: base.at },
    // Whoever holds the log's key may commit what he likes; what is compared is whether both call it well-formed.
    isAcceptable: () => true,
  }),
  trust: ({ trust, files, at }, foreign, random) => ({
    judged: {
      bundle: files.bundle,
      trust: random.chance(70)
        ? Buffer.from(JSON.stringify(changed(trust, foreign.trust, random)))
        : mutateBytes(files.trust, random),
      at: at === undefined ? at : random.pick([at, mutateText(at, random), changedTime(at, random)]),
    },
    // It is the auditor's own, and another one may trust as much.
    isAcceptable: () => true,
  }),
};

/** Another time within some days, in another offset. */
function changedTime(at: string, random: SeededRandom): string {
  const moved = new Date(Date.parse(at) + (random.below(2_000_000) - 1_000_000) * 1000).toISOString();
  return moved.replace('Z', random.pick(['Z', '+02:00', '-23:59', '-00:00']));
}

function seenSizes(trust: Json): string[] {
  return placesOf(trust).flatMap((place) => (place.key === 'seen' ? [String((valueAt(place) as { size: string }).size)] : []));
}

function changed(value: Json, foreign: Json, random: SeededRandom): Json {
  const copy = structuredClone(value);
  const times = random.chance(70) ? 1 : 2 + random.below(2);
  for (let time = 0; time < times; time++) mutateStructure(copy, random, { own: value, foreign });
  return copy;
}

/** Records of the log about itself are few, and mean most. */
function pickLeaf({ leaves }: LogPlan, random: SeededRandom): number {
  const own = [...leaves.keys()].filter((at) => leaves[at]?.streamId.startsWith('log/'));
  return own.length > 0 && random.chance(50) ? random.pick(own) : random.below(leaves.length);
}

/** One record of one log is changed before it is committed: the tree and the signature over it are right. */
function committedContent(base: Case, foreign: Case, random: SeededRandom): Json {
  const log = random.pick(base.logs);
  const target = pickLeaf(log, random);
  const donor = random.pick(random.pick(foreign.logs).leaves).header;
  const built = contentOf(base.logs, (at, header, origin) => {
    if (origin !== log.origin || at !== target) return sortedJson(header);
    if (random.chance(15)) return mutateBytes(Buffer.from(sortedJson(header)), random).toString('utf8');
    const copy = structuredClone(header);
    mutateStructure(copy, random, { own: header, foreign: donor });
    return sortedJson(copy);
  });
  // What was opened may be changed along with what the header says of it.
  if (random.chance(20)) mutateStructure(built['streams'] ?? null, random, { own: built, foreign: foreign.content });
  return built;
}
