import { DomainError } from '@countersign/kernel';
import { backoffMs } from './deadline.js';
import type { IncomingMessage } from './event-bus.js';
import type { Outcome } from './outcome.js';

/** Limits of retries; see LOOP_LIMITS. */
export interface RetryLimits {
  readonly attemptsMax: number;
  readonly unavailableAttemptsMax: number;
  readonly waitsMax: number;
  readonly initialBackoffMs: number;
  readonly backoffCapMs: number;
}

interface Failures {
  attempts: number;
  faults: number;
  outages: number;
  waits: number;
  readonly firstFailedAt: Date;
}

/**
 * What one assignment of one partition remembers: messages that are settled beyond the committed position, and failures. In memory only;
 * losing it means handling settled messages again, which consumers tolerate, and counting retries from one.
 */
export class MessageLedger {
  private readonly settled = new Set<bigint>();
  private readonly failures = new Map<bigint, Failures>();

  constructor(
    readonly assignment: number,
    private readonly limits: RetryLimits,
  ) {}

  isSettled(offset: bigint): boolean {
    return this.settled.has(offset);
  }

  settle(offset: bigint): void {
    this.settled.add(offset);
  }

  /** Counts a failed attempt. Returns the outcome itself, or a rejection once its retries are used up. */
  afterAttempt(message: IncomingMessage, outcome: Outcome): Outcome {
    const failures = this.failuresOf(message.offset);
    failures.attempts += 1;
    if (outcome.kind === 'wait') {
      failures.waits += 1;
      return failures.waits > this.limits.waitsMax ? { kind: 'reject', reason: 'OUT_OF_ORDER' } : outcome;
    }
    if (outcome.kind !== 'retry') return outcome;
    if (!outcome.unavailable) {
      failures.faults += 1;
      return failures.faults >= this.limits.attemptsMax ? poison(outcome.error) : outcome;
    }
    failures.outages += 1;
    if (failures.outages < this.limits.unavailableAttemptsMax) return outcome;
    // An outage is blamed on one message at a time: the others start counting anew.
    for (const others of this.failures.values()) others.outages = 0;
    return poison(outcome.error);
  }

  historyOf(offset: bigint): { readonly attempts: number; readonly firstFailedAt: Date } {
    return this.failuresOf(offset);
  }

  /** How long to leave the partition alone, by the failures of the message that holds it up. */
  pauseMs(offset: bigint): number {
    const failures = this.failures.get(offset);
    return failures === undefined ? 0 : backoffMs(failures.attempts, this.limits.initialBackoffMs, this.limits.backoffCapMs);
  }

  /** Forgets what is committed. */
  forgetBefore(offset: bigint): void {
    for (const each of this.settled) if (each < offset) this.settled.delete(each);
    for (const each of this.failures.keys()) if (each < offset) this.failures.delete(each);
  }

  private failuresOf(offset: bigint): Failures {
    let failures = this.failures.get(offset);
    if (failures === undefined) {
      failures = { attempts: 0, faults: 0, outages: 0, waits: 0, firstFailedAt: new Date() };
      this.failures.set(offset, failures);
    }
    return failures;
  }
}

function poison(error: unknown): Outcome {
  return { kind: 'reject', reason: 'POISON', code: error instanceof DomainError ? error.code : 'INTERNAL' };
}
