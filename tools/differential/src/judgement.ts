import { Unreadable, verifyBundle } from '@countersign/verifier';

/** Two files, and the time by which they are judged. */
export interface Judged {
  readonly bundle: Buffer;
  readonly trust: Buffer;
  readonly at?: string;
}

/** What a verifier says of them. */
export interface Judgement {
  readonly exit: 0 | 1 | 2;
  readonly verdict?: string;
  /** The distinct checks as id, subject and result; sorted. */
  readonly checks?: readonly (readonly [string, string, string])[];
}

/** What `countersign verify` says. */
export function judge({ bundle, trust, at }: Judged): Judgement {
  try {
    const { holds, verdict, checks } = verifyBundle(bundle, trust, at === undefined ? {} : { at });
    const distinct = new Map(
      checks.map(({ id, subject, result }) => [`${id}\n${subject}\n${result}`, [id, subject, result] as const]),
    );
    return { exit: holds ? 0 : 1, verdict, checks: [...distinct.values()] };
  } catch (error) {
    if (error instanceof Unreadable) return { exit: 2 };
    throw error;
  }
}

/** The places at which two judgements differ, in words; none if they agree. */
export function differences(one: Judgement, other: Judgement): string[] {
  const differing: string[] = [];
  if (one.exit !== other.exit) differing.push(`exit ${one.exit} and ${other.exit}`);
  if (one.verdict !== other.verdict) differing.push(`verdict ${one.verdict} and ${other.verdict}`);
  const [ones, others] = [checksOf(one), checksOf(other)];
  for (const check of ones) if (!others.has(check)) differing.push(`only the first: ${check}`);
  for (const check of others) if (!ones.has(check)) differing.push(`only the second: ${check}`);
  return differing;
}

function checksOf({ checks = [] }: Judgement): Set<string> {
  return new Set(checks.map((check) => check.join(' ')));
}
