import { rejected, DONE, WAIT, type IncomingMessage, type Outcome } from '@countersign/kafka';
import { DomainError } from '@countersign/kernel';
import { parseLeavesMessage, verifyLeavesMessage } from '@countersign/record';
import type { Logger } from '@countersign/observability';
import { alarm, raise } from '../alarm.js';
import type { LiveLog } from '../log/live-log.js';
import type { LeafStore, ReceiveOutcome, SignedLeaves } from '../storage/stores.js';

export interface IntakeParts {
  readonly leaves: LeafStore;
  readonly logger: Logger;
  /** Told when entries of a log became durable. */
  readonly onStored: (live: LiveLog) => void;
}

/** What became of one message: settled, or it waits for a gap, or for an operator. */
export type Intake =
  | { readonly kind: 'settled'; readonly outcome: Outcome }
  | { readonly kind: 'gap'; readonly firstPosition: number }
  | { readonly kind: 'frozen' };

const DONE_INTAKE: Intake = { kind: 'settled', outcome: DONE };

/**
 * Takes signed leaves messages (hop 6): checks signature and position, stores the entries. Nothing is refused silently: a repeat
 * with the same bytes has no effect; another entry for a stored position is an alarm, is kept as evidence and freezes the log;
 * a message after a gap waits until the gap is filled.
 */
export class LeavesIntake {
  constructor(private readonly parts: IntakeParts) {}

  /**
   * Takes messages of one log in their order, in one transaction: one result for each.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE: they may or may not be stored; take them again
   */
  async take(live: LiveLog, messages: readonly Pick<IncomingMessage, 'value'>[]): Promise<readonly Intake[]> {
    const read = messages.map(({ value }) => readOrRefuse(live, value));
    const leaves = read.flatMap((one) => ('leaves' in one ? [one.leaves] : []));
    const outcomes = leaves.length === 0 ? [] : await this.parts.leaves.receive(live.log.logNo, leaves);
    // Durable from here on. A crash before the offset is committed brings the messages again, as repeats.
    live.received = Math.max(live.received, ...outcomes.map(({ received }) => received));
    if (outcomes.some(({ kind }) => kind === 'stored')) this.parts.onStored(live);
    let next = 0;
    return read.map((one) =>
      'leaves' in one ? this.#settle(live, one.leaves, outcomes[next++]) : this.#refuse(live, one.error),
    );
  }

  #settle(live: LiveLog, { firstPosition }: SignedLeaves, outcome: ReceiveOutcome | undefined): Intake {
    switch (outcome?.kind) {
      case 'stored':
      case 'repeated':
        return DONE_INTAKE;
      case 'gap':
        return { kind: 'gap', firstPosition };
      case 'conflict':
        raise(this.parts.logger, live, 'conflict', { position: outcome.position });
        return { kind: 'frozen' };
      case 'frozen':
        raise(this.parts.logger, live, 'conflict');
        return { kind: 'frozen' };
      case undefined:
        throw new DomainError('INTERNAL', { rule: 'every message has an outcome' });
    }
  }

  #refuse(live: LiveLog, error: DomainError): Intake {
    const { code, detail } = error;
    alarm(this.parts.logger, 'leaves-refused', live.log.origin, { code, field: detail.field, rule: detail.rule });
    return { kind: 'settled', outcome: rejected(code === 'SIGNATURE_INVALID' ? 'SIGNATURE_INVALID' : 'SCHEMA_INVALID', error) };
  }
}

/** The outcome of the consumer loop: what waits, waits in its place. */
export function outcomeOfIntake(intake: Intake): Outcome {
  return intake.kind === 'settled' ? intake.outcome : WAIT;
}

function readOrRefuse(live: LiveLog, value: Buffer | null): { readonly leaves: SignedLeaves } | { readonly error: DomainError } {
  try {
    return { leaves: readLeaves(live, value) };
  } catch (error) {
    if (error instanceof DomainError) return { error };
    throw error;
  }
}

/** @throws DomainError RECORD_MALFORMED, SIGNATURE_INVALID */
function readLeaves(live: LiveLog, value: Buffer | null): SignedLeaves {
  if (value === null) throw new DomainError('RECORD_MALFORMED', { field: 'leaves', rule: 'a message has a value' });
  const message = parseLeavesMessage(value);
  verifyLeavesMessage(message, { logId: live.log.logId, publicKey: live.log.sourceKey });
  const { firstPosition, entries, signature } = message;
  if (firstPosition + BigInt(entries.length) > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new DomainError('RECORD_MALFORMED', { field: 'firstPosition', rule: 'positions stay below 2^53' });
  }
  return { firstPosition: Number(firstPosition), entries, signature };
}
