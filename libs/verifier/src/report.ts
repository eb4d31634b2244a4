/** A check holds, does not hold, or could not be made. NOT_CHECKED is never PASS. */
export type CheckResult = 'PASS' | 'FAIL' | 'NOT_CHECKED';

/** The closed list of checks. `docs/bundle.md` says what each proves. */
export type CheckId =
  | 'bundle-seal'
  | 'log-pinned'
  | 'key-history'
  | 'checkpoint-signature'
  | 'witness-quorum'
  | 'freshness'
  | 'consistency'
  | 'chain-head'
  | 'chain-finality'
  | 'item-heads'
  | 'map-quorum'
  | 'item-key'
  | 'record-header'
  | 'inclusion'
  | 'disclosures'
  | 'erasure'
  | 'author-signature'
  | 'stream-order'
  | 'completeness'
  | 'absence';

/** What became of one record, or of a whole bundle. */
export type Verdict =
  | 'OK'
  | 'PENDING'
  | 'ALTERED'
  | 'MISSING'
  | 'INSERTED'
  | 'REORDERED'
  | 'ROLLED_BACK'
  | 'FORKED'
  | 'STALE'
  | 'BAD_SIG'
  | 'UNKNOWN_KEY'
  | 'ERASED_OK';

export interface Check {
  readonly id: CheckId;
  /** What was checked: `bundle`, a log origin, a stream id, or `<log origin>#<leaf index>`. */
  readonly subject: string;
  readonly result: CheckResult;
  /** Why it failed, or why it was not checked and what would check it. Absent for PASS. */
  readonly reason?: string;
  /** Verdict that a failure of this check means. */
  readonly verdict?: Verdict;
  /** Leaf index, where one record is meant. */
  readonly leaf?: number;
  /** Its event id, once the header is read. */
  readonly eventId?: string;
}

/** What a check is about: a bundle, log or stream by name, or one record. */
export type Subject = string | { readonly name: string; readonly leaf: number; readonly eventId?: string };

/** Evidence that does not hold, with the verdict that this means. */
export class Fault extends Error {
  constructor(
    readonly verdict: Verdict,
    reason: string,
    /** Where it was found, if the check is about more than one record. */
    readonly leaf?: number,
  ) {
    super(reason);
  }
}

/** One record as an auditor reads it; times are RFC 3339 text as recorded. */
export interface ReportedRecord {
  readonly log: string;
  readonly index: number;
  readonly streamId: string;
  readonly sequence: number;
  readonly eventId: string;
  /** `countersign.<context>.<Event>.v<n>` */
  readonly type: string;
  readonly eventTime: string;
  readonly recordedTime: string;
  /** Time of the block that first held a head over this record, as the bundle asserts it. */
  readonly anchoredTime?: string;
  readonly actor: string;
  readonly actingFor: string;
  readonly label: string;
  /** Public fields and opened disclosures. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Disclosures that the holder of this bundle was not given, and no record says why. */
  readonly withheld: number;
  /** Disclosures of which a record says that they were erased. */
  readonly erased: number;
  readonly verdict: Verdict;
}

export interface VerificationReport {
  /** Version of this verification method; a changed rule is a new version. */
  readonly method: 'countersign-verify/1';
  readonly item: string;
  readonly verdict: Verdict;
  /** Why, in one sentence. */
  readonly reason: string;
  /** True if no check failed. Never means that everything was checked: see `notChecked`. */
  readonly holds: boolean;
  /** SHA-256 of the text of the trust file's witness policy, hex. */
  readonly policyId: string;
  /** Likewise of its map policy; absent if it has none. */
  readonly mapPolicyId?: string;
  /** SHA-256 of the bytes of the two files, hex. */
  readonly bundle: string;
  readonly trust: string;
  /** Time by which age was judged, as the caller gave it. */
  readonly at?: string;
  readonly checks: readonly Check[];
  readonly records: readonly ReportedRecord[];
  readonly passed: number;
  readonly failed: number;
  readonly notChecked: number;
}

/** Which failure names the whole when several checks fail: the first of this list that occurs. */
const VERDICT_ORDER: readonly Verdict[] = [
  'UNKNOWN_KEY',
  'BAD_SIG',
  'FORKED',
  'ROLLED_BACK',
  'ALTERED',
  'MISSING',
  'INSERTED',
  'REORDERED',
  'STALE',
];

/** Collects checks in the order in which they are made. */
export class Checks {
  readonly list: Check[] = [];

  pass(id: CheckId, subject: Subject): void {
    this.list.push({ id, ...named(subject), result: 'PASS' });
  }

  fail(id: CheckId, subject: Subject, verdict: Verdict, reason: string): void {
    this.list.push({ id, ...named(subject), result: 'FAIL', verdict, reason });
  }

  notChecked(id: CheckId, subject: Subject, reason: string): void {
    this.list.push({ id, ...named(subject), result: 'NOT_CHECKED', reason });
  }

  /**
   * Runs one check: passes if `test` returns, fails with its error's message if it throws.
   *
   * @param verdict what a failure means unless the error is a `Fault` with a verdict of its own
   * @returns what `test` returns; undefined if it failed
   */
  attempt<T>(id: CheckId, subject: Subject, verdict: Verdict, test: () => T): T | undefined {
    let result: T;
    try {
      result = test();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const found = error instanceof Fault ? error : undefined;
      const leaf = found?.leaf === undefined ? {} : { leaf: found.leaf };
      this.list.push({ id, ...named(subject), ...leaf, result: 'FAIL', verdict: found?.verdict ?? verdict, reason });
      return undefined;
    }
    this.pass(id, subject);
    return result;
  }

  count(result: CheckResult): number {
    return this.list.filter((check) => check.result === result).length;
  }
}

function named(subject: Subject): Pick<Check, 'subject' | 'leaf' | 'eventId'> {
  if (typeof subject === 'string') return { subject };
  const { name, leaf, eventId } = subject;
  return { subject: name, leaf, ...(eventId !== undefined && { eventId }) };
}

/** The verdict that follows from a list of checks: the worst failure; PENDING while a log is vouched for by nobody; else OK. */
export function overallVerdict(checks: readonly Check[], areLogsVouched: boolean): Verdict {
  const failed = new Set(checks.filter((check) => check.result === 'FAIL').map((check) => check.verdict));
  return VERDICT_ORDER.find((verdict) => failed.has(verdict)) ?? (areLogsVouched ? 'OK' : 'PENDING');
}

/** Why a list of checks means this verdict, in one sentence. */
export function reasonOf(checks: readonly Check[], verdict: Verdict): string {
  const worst = checks.find((check) => check.result === 'FAIL' && check.verdict === verdict);
  if (worst !== undefined) return `The check ${worst.id} of ${worst.subject} failed: ${worst.reason ?? 'it does not hold'}.`;
  return verdict === 'OK'
    ? 'Every record given is in a log that its pinned key signed and that enough pinned witnesses saw.'
    : 'Every record given is in a log that its pinned key signed, but not every log is vouched for by witnesses of the trust file, and what the bundle says of the chain cannot be checked offline.';
}
