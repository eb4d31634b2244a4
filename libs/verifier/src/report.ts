/** A check holds, does not hold, or could not be made. NOT_CHECKED is never PASS. */
export type CheckResult = 'PASS' | 'FAIL' | 'NOT_CHECKED';

/** The closed list of checks. `docs/bundle.md` says what each proves. */
export type CheckId =
  | 'bundle-seal'
  | 'log-pinned'
  | 'checkpoint-signature'
  | 'witness-quorum'
  | 'chain-head'
  | 'chain-finality'
  | 'item-key'
  | 'record-header'
  | 'inclusion'
  | 'disclosures'
  | 'author-signature'
  | 'stream-order'
  | 'completeness';

/** What became of one record, or of a whole bundle. */
export type Verdict =
  'OK' | 'PENDING' | 'ALTERED' | 'MISSING' | 'INSERTED' | 'REORDERED' | 'ROLLED_BACK' | 'FORKED' | 'BAD_SIG' | 'UNKNOWN_KEY';

export interface Check {
  readonly id: CheckId;
  /** What was checked: `bundle`, a log origin, a stream id, or `<log origin>#<leaf index>`. */
  readonly subject: string;
  readonly result: CheckResult;
  /** Why it failed, or why it was not checked and what would check it. Absent for PASS. */
  readonly reason?: string;
  /** Verdict that a failure of this check means. */
  readonly verdict?: Verdict;
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
  /** Disclosures that the holder of this bundle was not given. */
  readonly withheld: number;
  readonly verdict: Verdict;
}

export interface VerificationReport {
  /** Version of this verification method; a changed rule is a new version. */
  readonly method: 'countersign-verify/1';
  readonly item: string;
  readonly verdict: Verdict;
  /** True if no check failed. Never means that everything was checked: see `notChecked`. */
  readonly holds: boolean;
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
  'PENDING',
];

/** Collects checks in the order in which they are made. */
export class Checks {
  readonly list: Check[] = [];

  pass(id: CheckId, subject: string): void {
    this.list.push({ id, subject, result: 'PASS' });
  }

  fail(id: CheckId, subject: string, verdict: Verdict, reason: string): void {
    this.list.push({ id, subject, result: 'FAIL', verdict, reason });
  }

  notChecked(id: CheckId, subject: string, reason: string): void {
    this.list.push({ id, subject, result: 'NOT_CHECKED', reason });
  }

  /** Runs one check: passes if `test` returns, fails with its error's message if it throws. */
  attempt(id: CheckId, subject: string, verdict: Verdict, test: () => void): boolean {
    try {
      test();
    } catch (error) {
      this.fail(id, subject, verdict, error instanceof Error ? error.message : String(error));
      return false;
    }
    this.pass(id, subject);
    return true;
  }

  count(result: CheckResult): number {
    return this.list.filter((check) => check.result === result).length;
  }
}

/** The verdict that follows from a list of checks: the worst failure; PENDING while a log's head on chain is not checked; else OK. */
export function overallVerdict(checks: readonly Check[]): Verdict {
  const failed = new Set(checks.filter((check) => check.result === 'FAIL').map((check) => check.verdict));
  const worst = VERDICT_ORDER.find((verdict) => failed.has(verdict));
  if (worst !== undefined) return worst;
  const onChain = checks.filter((check) => check.id === 'chain-head');
  return onChain.length > 0 && onChain.every((check) => check.result === 'PASS') ? 'OK' : 'PENDING';
}
