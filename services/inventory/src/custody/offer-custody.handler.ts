import { randomBytes } from 'node:crypto';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import type { CommandEnvelope, Rfc3339 } from '@countersign/kernel';
import type { Tally } from './custody.js';
import { offerCustody } from './handover.decider.js';
import { openCustody, requireCustodian, type UnitName } from './open-custody.js';
import { tallyDigest } from './tally.js';

export interface OfferStatement {
  readonly unit: UnitName;
  readonly taker: string;
  readonly tally: Tally;
  readonly expiresAt: Rfc3339;
}

export interface OfferResult {
  /** 64 hex digits. */
  readonly tallyDigest: string;
}

const SALT_SIZE = 32;

export class OfferCustodyHandler {
  constructor(private readonly journal: Journal) {}

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `offerCustody` throws */
  async handle(
    envelope: CommandEnvelope,
    { unit: name, taker, tally, expiresAt }: OfferStatement,
  ): Promise<CommandOutcome<OfferResult>> {
    const giver = await requireCustodian(this.journal, name, envelope);
    const salt = randomBytes(SALT_SIZE);
    return this.journal.execute(envelope, async (unit) => {
      const { custody, state } = await openCustody(unit, name);
      const digest = tallyDigest(salt, tally, state.unit).toString('hex');
      const offer = { taker, tally, tallySalt: salt.toString('hex'), tallyDigest: digest, expiresAt };
      custody.append(...offerCustody(state, offer, giver));
      custody.share(taker);
      return { tallyDigest: digest };
    });
  }
}
