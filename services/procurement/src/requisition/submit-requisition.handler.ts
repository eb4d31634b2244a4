import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import {
  DomainError,
  dodaacOf,
  resolveDocumentYear,
  type CommandEnvelope,
  type DocumentNumber,
  type Nsn,
  type PriorityDesignator,
  type Quantity,
  type Ric,
  type UnitOfIssue,
} from '@countersign/kernel';
import { requireByCode, type OrganisationDirectory } from '../organisation-directory/organisation-directory.js';
import { REQUISITION, requisitionKey } from './requisition.js';
import { submitRequisition, type SubmitRequisition } from './submit-requisition.decider.js';

/** What the requisitioner states. */
export interface RequisitionStatement {
  readonly documentNumber: DocumentNumber;
  readonly nsn: Nsn;
  readonly quantity: Quantity;
  readonly unitOfIssue: UnitOfIssue;
  readonly priority: PriorityDesignator;
  readonly requiredDelivery: string;
  readonly supplySource: Ric;
  readonly justification?: string;
}

/** Full year of the document number. */
export interface SubmittedRequisition {
  readonly year: number;
}

export class SubmitRequisitionHandler {
  constructor(
    private readonly journal: Journal,
    private readonly directory: OrganisationDirectory,
  ) {}

  /** @throws DomainError PERMISSION_DENIED, ORGANISATION_UNKNOWN, FIELD_INVALID, and what `submitRequisition` throws */
  async handle(envelope: CommandEnvelope, statement: RequisitionStatement): Promise<CommandOutcome<SubmittedRequisition>> {
    const { actor, eventTime } = envelope;
    requireRole(actor, 'requisitioner');
    const { documentNumber, nsn, supplySource: ric, ...stated } = statement;
    // R4: nobody requisitions under another unit's DoDAAC.
    if (dodaacOf(documentNumber) !== actor.actingFor) {
      throw new DomainError('PERMISSION_DENIED', { field: 'document_number', rule: 'begins with the DoDAAC you act for' });
    }
    const source = await requireByCode(this.directory, 'ric', ric, 'supply_source');
    const year = resolveDocumentYear(documentNumber, eventTime, 'document_number');
    const command: SubmitRequisition = {
      ...stated,
      name: { documentNumber, year },
      requisitioner: { organisation: actor.organisationId },
      supplySource: { ric, organisation: source.organisationId },
      item: { nsn },
      submittedBy: actor.principalId,
    };
    return this.journal.execute(envelope, async (unit) => {
      const requisition = await unit.open(REQUISITION, requisitionKey(command.name));
      requisition.append(submitRequisition(requisition.state, command));
      requisition.share(source.organisationId);
      return { year };
    });
  }
}
