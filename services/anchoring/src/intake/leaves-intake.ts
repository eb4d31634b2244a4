import { rejected, DONE, WAIT, type IncomingMessage, type Outcome } from '@countersign/kafka';
import { DomainError } from '@countersign/kernel';
import { parseLeavesMessage, verifyLeavesMessage, type LeavesMessage } from '@countersign/record';
import type { Logger } from '@countersign/observability';
import { alarm, raise } from '../alarm.js';
import type { LiveLog } from '../log/live-log.js';
import type { LeafStore } from '../storage/stores.js';

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

/**
 * Takes signed leaves messages (hop 6): checks signature and position, stores the entries. Nothing is refused silently: a repeat
 * with the same bytes has no effect; another entry for a stored position is an alarm, is kept as evidence and freezes the log;
 * a message after a gap waits until the gap is filled.
 */
export class LeavesIntake {
  constructor(private readonly parts: IntakeParts) {}

  /** @throws DomainError DEPENDENCY_UNAVAILABLE: it may or may not be stored; take it again */
  async take(live: LiveLog, { value }: Pick<IncomingMessage, 'value'>): Promise<Intake> {
    let message: LeavesMessage;
    try {
      message = readMessage(live, value);
    } catch (error) {
      if (error instanceof DomainError) return { kind: 'settled', outcome: this.#reject(live, error) };
      throw error;
    }
    return this.#store(live, message, value ?? Buffer.alloc(0));
  }

  async #store(live: LiveLog, message: LeavesMessage, value: Buffer): Promise<Intake> {
    const { parts } = this;
    const firstPosition = Number(message.firstPosition);
    const { entries, signature } = message;
    const outcome = await parts.leaves.receive(live.log.logNo, { firstPosition, entries, signature, message: value });
    live.received = Math.max(live.received, outcome.received);
    switch (outcome.kind) {
      case 'stored':
        // Durable from here on. A crash before the offset is committed brings the message again, as a repeat.
        parts.onStored(live);
        return { kind: 'settled', outcome: DONE };
      case 'repeated':
        return { kind: 'settled', outcome: DONE };
      case 'gap':
        return { kind: 'gap', firstPosition };
      case 'conflict':
        raise(parts.logger, live, 'conflict', { position: outcome.position });
        return { kind: 'frozen' };
      case 'frozen':
        raise(parts.logger, live, 'conflict');
        return { kind: 'frozen' };
    }
  }

  #reject(live: LiveLog, error: DomainError): Outcome {
    alarm(this.parts.logger, 'leaves-refused', live.log.origin, {
      code: error.code,
      field: error.detail.field,
      rule: error.detail.rule,
    });
    return rejected(error.code === 'SIGNATURE_INVALID' ? 'SIGNATURE_INVALID' : 'SCHEMA_INVALID', error);
  }
}

/** The outcome of the consumer loop: what waits, waits in its place. */
export function outcomeOfIntake(intake: Intake): Outcome {
  return intake.kind === 'settled' ? intake.outcome : WAIT;
}

/** @throws DomainError RECORD_MALFORMED, SIGNATURE_INVALID */
function readMessage(live: LiveLog, value: Buffer | null): LeavesMessage {
  if (value === null) throw new DomainError('RECORD_MALFORMED', { field: 'leaves', rule: 'a message has a value' });
  const message = parseLeavesMessage(value);
  verifyLeavesMessage(message, { logId: live.log.logId, publicKey: live.log.sourceKey });
  if (message.firstPosition + BigInt(message.entries.length) > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new DomainError('RECORD_MALFORMED', { field: 'firstPosition', rule: 'positions stay below 2^53' });
  }
  return message;
}
