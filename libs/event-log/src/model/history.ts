import { DomainError } from '@countersign/kernel';
import type { AppendOutcome } from '../log-store.js';
import type { ModelCommand } from './reference-store.js';

/** One call of a client. Times are ticks of one counter: order of call and answer as the clients together saw it. */
export interface Attempt {
  readonly command: ModelCommand;
  readonly invokedAt: number;
  /** Infinity while there is no answer. */
  respondedAt: number;
  /** `unknown`: no answer, or one that does not tell; the command may be stored or not. `refused`: surely not stored. */
  outcome: AppendOutcome | { readonly kind: 'unknown' } | { readonly kind: 'refused' };
}

/** Every call of every client, and what it was told: the record that a checker judges afterwards. */
export class History {
  readonly attempts: Attempt[] = [];
  #tick = 0;

  async record(command: ModelCommand, append: () => Promise<AppendOutcome>): Promise<Attempt> {
    const attempt: Attempt = { command, invokedAt: this.#tick++, respondedAt: Infinity, outcome: { kind: 'unknown' } };
    this.attempts.push(attempt);
    try {
      attempt.outcome = await append();
    } catch (error) {
      attempt.outcome = { kind: outcomeOfFailure(error) };
    }
    attempt.respondedAt = this.#tick++;
    return attempt;
  }

  count(kind: Attempt['outcome']['kind']): number {
    return this.attempts.filter(({ outcome }) => outcome.kind === kind).length;
  }
}

function outcomeOfFailure(error: unknown): 'unknown' | 'refused' {
  if (error instanceof DomainError && error.code === 'OVERLOADED') return 'refused';
  if (error instanceof DomainError && error.code === 'DEPENDENCY_UNAVAILABLE') return 'unknown';
  throw error;
}
