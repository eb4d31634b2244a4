import type { BundleCase } from './bundle-case.js';
import { bundleCases } from './bundle-cases.js';
import type { CheckId, Verdict } from '../report.js';
import { verifyBundle } from '../verify-bundle.js';

/** One case of `vectors/bundle.json`. */
export interface BundleVector {
  readonly name: string;
  /** Name of the bundle's text in `bundles`, and of the trust file's in `trusts`. */
  readonly bundle: string;
  readonly trust: string;
  /** Time by which age is judged. */
  readonly at?: string;
  readonly exitCode: 0 | 1 | 2;
  /** Absent if a file is unreadable. */
  readonly verdict?: Verdict;
  /** Every failing check: its id, its subject, and the verdict it means. In alphabetical order, each once. */
  readonly fails: readonly (readonly [CheckId, string, Verdict])[];
}

export interface BundleVectors {
  readonly description: string;
  /** A classical proof with its trust file. */
  readonly bundle: string;
  readonly trust: unknown;
  readonly cases: readonly BundleVector[];
  /** Files by name: the bytes are the text in UTF-8. */
  readonly bundles: Readonly<Record<string, string>>;
  readonly trusts: Readonly<Record<string, string>>;
}

/** The content of `vectors/bundle.json`. What the verifier must say is in the cases; here it is only spelt out by subject. */
export function bundleVectors(): BundleVectors {
  const bundles = new Map<string, string>();
  const trusts = new Map<string, string>();
  const cases = bundleCases().map((each): BundleVector => {
    const { name, bundle, trust, at, verdict, fails } = each;
    return {
      name,
      bundle: nameOf(bundle.toString('utf8'), name, bundles),
      trust: nameOf(trust, name, trusts),
      ...(at !== undefined && { at }),
      exitCode: verdict === undefined ? 2 : fails.length === 0 ? 0 : 1,
      ...(verdict !== undefined && { verdict }),
      fails: verdict === undefined ? [] : failing(each),
    };
  });
  const [classical] = cases;
  return {
    description: 'Bundles with their trust files, good and bad, and what a verifier says of each; docs/bundle.md',
    bundle: byText(bundles, classical?.bundle),
    trust: JSON.parse(byText(trusts, classical?.trust)) as unknown,
    cases,
    bundles: Object.fromEntries([...bundles].map(([text, name]) => [name, text])),
    trusts: Object.fromEntries([...trusts].map(([text, name]) => [name, text])),
  };
}

/** As the file is written. */
export function bundleVectorsText(vectors: BundleVectors): string {
  return `${JSON.stringify(vectors, null, 2)}\n`;
}

function nameOf(text: string, name: string, known: Map<string, string>): string {
  const found = known.get(text) ?? name;
  known.set(text, found);
  return found;
}

function byText(known: ReadonlyMap<string, string>, name: string | undefined): string {
  return [...known].find(([, each]) => each === name)?.[0] ?? '';
}

function failing({ bundle, trust, at }: BundleCase): BundleVector['fails'] {
  const { checks } = verifyBundle(bundle, Buffer.from(trust), { at });
  const failed = checks.flatMap(({ id, subject, result, verdict }) =>
    result === 'FAIL' && verdict !== undefined ? [[id, subject, verdict] as const] : [],
  );
  const texts = [...new Set(failed.map((each) => JSON.stringify(each)))].sort();
  return texts.map((text) => JSON.parse(text) as readonly [CheckId, string, Verdict]);
}
