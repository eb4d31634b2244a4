import { meetsQuorum, type CheckedSignature, type WitnessedCheckpoint } from '@countersign/merkle';
import { epochNanoseconds, parseTime } from '@countersign/kernel';
import type { CheckId, Checks, Subject } from './report.js';
import type { Trust, TrustedPolicies } from './trust.js';

/** What a bundle is judged by, and where the checks go. */
export interface Basis {
  readonly trust: Trust;
  readonly policies: TrustedPolicies;
  /** Whole seconds since the epoch by which age is judged; undefined if the caller named no time. */
  readonly at: number | undefined;
  readonly checks: Checks;
}

/** A signed head of a log, and which witnesses cosigned it when. */
export type Head = Pick<WitnessedCheckpoint, 'size' | 'root' | 'cosigned'>;

/** Whole seconds since the epoch; the fraction is dropped. @throws DomainError TIME_INVALID */
export function secondsOf(time: string): number {
  const nanoseconds = epochNanoseconds(parseTime(time, 'time'));
  const seconds = nanoseconds / 1_000_000_000n;
  return Number(nanoseconds < 0n && nanoseconds % 1_000_000_000n !== 0n ? seconds - 1n : seconds);
}

/** Whether a quorum of witnesses saw the checkpoint before a time (docs/bundle.md §3.1). */
export function wasSeenBefore(
  { policies: { witnesses } }: Basis,
  cosigned: WitnessedCheckpoint['cosigned'],
  time: number,
): boolean {
  const before = [...cosigned].filter(([, at]) => at < time).map(([name]) => name);
  return witnesses.quorum !== undefined && meetsQuorum(witnesses, new Set(before));
}

/** Lines of keys that nobody pinned could be anything: whoever reads the report is told that they are there. */
export function reportUnpinned(checks: Checks, id: CheckId, subject: Subject, signatures: readonly CheckedSignature[]): void {
  const unpinned = signatures.filter(({ verified }) => !verified).length;
  if (unpinned > 0) checks.notChecked(id, subject, `${unpinned} further signatures are of keys that count for nothing here`);
}
