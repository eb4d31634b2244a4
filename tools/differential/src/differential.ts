import { BATCH_SIZE, TELL_MS } from './config.js';
import { casesOf } from './cases.js';
import { differences, judge, type Judged, type Judgement } from './judgement.js';
import { makeMutant, type Kind, type Mutant } from './mutant.js';
import { SeededRandom } from './seeded-random.js';

/** A verifier that answers later. */
export interface OtherVerifier {
  judge(judged: Judged): Promise<Judgement>;
}

/** What was compared, by kind of change. */
export interface Tally {
  readonly tried: Map<Kind, number>;
  /** How many ended with each exit code. */
  readonly exits: [number, number, number];
  /** Checks that failed, and for how many bundles: what never fails is not compared. */
  readonly failed: Map<string, number>;
  /** The different sets of failed checks with their subjects. */
  readonly failures: Set<string>;
}

/** Which runs to make; the same seed makes the same runs. */
export interface Runs {
  readonly seed: number;
  /** Number of the first run. */
  readonly first?: number;
  readonly count: number;
  /** Is told how far it is. */
  readonly log?: (line: string) => void;
}

/**
 * Lets both verifiers judge changed bundles.
 *
 * @throws Error that names seed and run if they disagree, or if both accept what was changed in a part that is checked
 */
export async function compareVerifiers(other: OtherVerifier, { seed, first = 0, count, log }: Runs): Promise<Tally> {
  const cases = casesOf();
  const tally: Tally = { tried: new Map(), exits: [0, 0, 0], failed: new Map(), failures: new Set() };
  const begin = performance.now();
  let toldAt = begin;
  for (let run = first; run < first + count; run += BATCH_SIZE) {
    const numbers = Array.from({ length: Math.min(BATCH_SIZE, first + count - run) }, (_, at) => run + at);
    const mutants = numbers.map((number) => makeMutant(cases, new SeededRandom(seed, number)));
    const answers = mutants.map(({ judged }) => other.judge(judged));
    const own = mutants.map(({ judged }) => judge(judged));
    const others = await Promise.all(answers);
    for (const [at, mutant] of mutants.entries()) {
      const [one, two] = [own[at], others[at]];
      if (one !== undefined && two !== undefined) settle(`${seed}:${numbers[at]}`, mutant, [one, two], tally);
    }
    if (performance.now() - toldAt < TELL_MS) continue;
    toldAt = performance.now();
    log?.(`${run + numbers.length - first} of ${count} bundles in ${((toldAt - begin) / 1000).toFixed(0)} s`);
  }
  return tally;
}

function settle(name: string, mutant: Mutant, [one, other]: readonly [Judgement, Judgement], tally: Tally): void {
  const differing = differences(one, other);
  if (differing.length > 0) throw failure(name, mutant, `the verifiers disagree:\n  ${differing.join('\n  ')}`);
  if (one.exit === 0 && !mutant.isAcceptable()) throw failure(name, mutant, 'both accept a change of what is checked');
  tally.tried.set(mutant.kind, (tally.tried.get(mutant.kind) ?? 0) + 1);
  tally.exits[one.exit]++;
  const failures = (one.checks ?? []).filter(([, , result]) => result === 'FAIL');
  for (const id of new Set(failures.map(([check]) => check))) tally.failed.set(id, (tally.failed.get(id) ?? 0) + 1);
  tally.failures.add(failures.join(' '));
}

function failure(name: string, { kind, judged }: Mutant, words: string): Error {
  return new Error(
    `${kind}: run it again with COUNTERSIGN_SEED=${name}\n${words}\nbundle: ${judged.bundle.toString('base64')}\ntrust: ${judged.trust.toString('base64')}`,
  );
}
