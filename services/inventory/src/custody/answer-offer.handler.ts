import type { CommandOutcome, Journal } from '@countersign/event-log';
import type { CommandEnvelope } from '@countersign/kernel';
import type { NamedRecord } from '../named-record.js';
import { findRecord, type RecordReader, type RecordReference } from '../record-reference.js';
import type { CustodyEvent, ExistingCustody } from './custody.js';
import { acceptCustody, refuseCustody, withdrawOffer, type Party } from './handover.decider.js';
import { openCustody, requireCustodian, type UnitName } from './open-custody.js';

/** Names the offer that is answered. */
export interface AnswerStatement {
  readonly unit: UnitName;
  readonly offer: RecordReference;
}

type Answer = (state: ExistingCustody, streamId: string, offer: NamedRecord, party: Party) => CustodyEvent;

/** AcceptCustody, RefuseCustody and WithdrawOffer: the three answers that name an offer. */
export class AnswerOfferHandler {
  constructor(
    private readonly journal: Journal,
    private readonly records: RecordReader,
  ) {}

  /**
   * @param tallyDigest 64 hex digits
   * @throws DomainError PERMISSION_DENIED, NOT_FOUND, RECORD_REFERENCE_WRONG, and what `acceptCustody` throws
   */
  accept(envelope: CommandEnvelope, statement: AnswerStatement, tallyDigest: string): Promise<CommandOutcome<null>> {
    return this.#answer(envelope, statement, (state, streamId, offer, taker) =>
      acceptCustody(state, streamId, { offer, tallyDigest }, taker),
    );
  }

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, RECORD_REFERENCE_WRONG, and what `refuseCustody` throws */
  refuse(envelope: CommandEnvelope, statement: AnswerStatement, reason: string): Promise<CommandOutcome<null>> {
    return this.#answer(envelope, statement, (state, streamId, offer, taker) =>
      refuseCustody(state, streamId, { offer, reason }, taker),
    );
  }

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, RECORD_REFERENCE_WRONG, and what `withdrawOffer` throws */
  withdraw(envelope: CommandEnvelope, statement: AnswerStatement): Promise<CommandOutcome<null>> {
    return this.#answer(envelope, statement, withdrawOffer);
  }

  async #answer(
    envelope: CommandEnvelope,
    { unit: name, offer }: AnswerStatement,
    answer: Answer,
  ): Promise<CommandOutcome<null>> {
    const party = await requireCustodian(this.journal, name, envelope);
    const named = await findRecord(this.records, offer, 'offer');
    return this.journal.execute(envelope, async (unit) => {
      const { custody, state } = await openCustody(unit, name);
      custody.append(answer(state, custody.streamId, named, party));
      return null;
    });
  }
}
