import { requireRole } from '@countersign/access';
import type { Journal, OpenStream, UnitOfWork } from '@countersign/event-log';
import { DomainError, type CommandEnvelope, type Rfc3339 } from '@countersign/kernel';
import { requireParty } from '../visibility.js';
import { CUSTODY, custodyKey, type CustodyEvent, type CustodyState, type ExistingCustody } from './custody.js';
import type { Party } from './handover.decider.js';

/** Names a shipment unit. */
export interface UnitName {
  readonly tcn: string;
  readonly piece: number;
}

/** Custodians of the organisations that the shipment unit was offered to or requisitioned by. @throws DomainError PERMISSION_DENIED, NOT_FOUND */
export async function requireCustodian(journal: Journal, { tcn, piece }: UnitName, envelope: CommandEnvelope): Promise<Party> {
  requireRole(envelope.actor, 'custodian');
  await requireParty(journal, `${CUSTODY.category}/${custodyKey(tcn, piece)}`, envelope.actor);
  const { organisationId, principalId } = envelope.actor;
  return { organisationId, person: principalId, eventTime: envelope.eventTime as Rfc3339 };
}

/** @throws DomainError NOT_FOUND */
export async function openCustody(
  unit: UnitOfWork,
  { tcn, piece }: UnitName,
): Promise<{ readonly custody: OpenStream<CustodyState, CustodyEvent>; readonly state: ExistingCustody }> {
  const custody = await unit.open(CUSTODY, custodyKey(tcn, piece));
  if (custody.state.status === 'NONE') throw new DomainError('NOT_FOUND');
  return { custody, state: custody.state };
}
