import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import {
  DomainError,
  dodaacOf,
  parseDocumentNumber,
  parseLocalStockNumber,
  parseNsn,
  parsePastTime,
  parseQuantity,
  parseRtdReference,
  parseUnitOfIssue,
  resolveDocumentYear,
  type Actor,
  type CommandEnvelope,
  type Rfc3339,
} from '@countersign/kernel';
import {
  holdsCode,
  requireAgency,
  type DirectoryEntry,
  type OrganisationDirectory,
} from '../organisation-directory/organisation-directory.js';
import { reportCancelled, reportShipped, type ReportedRequisition } from './report-requisition.decider.js';
import {
  REQUISITION,
  requisitionKey,
  type RequisitionedItem,
  type RequisitionEvent,
  type RequisitionState,
} from './requisition.js';

interface StatedRow {
  readonly agency: { readonly state: string; readonly station: string };
  readonly item: { readonly nsn?: string; readonly localStockNumber?: string };
  readonly itemName: string;
  readonly unitOfIssue: string;
  readonly quantity: number;
  readonly acquisitionValue: string;
  readonly justification: string;
}

/** A row of the shipments file as the ERP sees it. */
export interface ShippedRow extends StatedRow {
  readonly documentNumber: string;
  readonly shippedDate: string;
}

/** A row of the cancellations file as the ERP sees it. */
export interface CancelledRow extends StatedRow {
  readonly rtdReference: string;
  readonly requestedDate: string;
  readonly cancelledBy: string;
  readonly cancellationReason: string;
}

export type ReportedRow = ShippedRow | CancelledRow;

/** The rest of an envelope, once the row says when it happened. */
export type EnvelopeAt = (eventTime: Rfc3339) => CommandEnvelope;

type Decide = (state: RequisitionState) => readonly RequisitionEvent[];

/** An ERP reports requisitions of the past: one row, one command. */
export class ReportRequisitionHandler {
  constructor(
    private readonly journal: Journal,
    private readonly directory: OrganisationDirectory,
  ) {}

  /**
   * Rules are checked in one order, so that a row that breaks several is always refused for the same one.
   * @throws DomainError PERMISSION_DENIED, FIELD_MISSING, FIELD_INVALID, CODE_UNKNOWN, QUANTITY_INVALID, TIME_INVALID,
   *   ORGANISATION_UNKNOWN, DODAAC_NOT_OF_AGENCY, REQUISITION_EXISTS
   */
  async handle(actor: Actor, envelopeAt: EnvelopeAt, row: ReportedRow): Promise<CommandOutcome<null>> {
    requireRole(actor, 'erp');
    return 'documentNumber' in row ? this.#shipped(envelopeAt, row) : this.#cancelled(envelopeAt, row);
  }

  async #shipped(envelopeAt: EnvelopeAt, row: ShippedRow): Promise<CommandOutcome<null>> {
    const documentNumber = parseDocumentNumber(row.documentNumber, 'documentNumber');
    const shippedAt = statedTime(row.shippedDate, 'shippedDate');
    const year = resolveDocumentYear(documentNumber, shippedAt, 'documentNumber');
    const agency = await requireAgency(this.directory, row.agency, 'agency');
    if (!holdsCode(agency, 'dodaac', dodaacOf(documentNumber))) {
      throw new DomainError('DODAAC_NOT_OF_AGENCY', { field: 'documentNumber' });
    }
    const reported: ReportedRequisition = {
      ...contentOf(row, agency),
      name: { documentNumber, year },
      statedDate: { of: 'shipped', text: row.shippedDate },
    };
    return this.#record(envelopeAt(shippedAt), reported, (state) => reportShipped(state, reported));
  }

  async #cancelled(envelopeAt: EnvelopeAt, row: CancelledRow): Promise<CommandOutcome<null>> {
    const { cancelledBy, cancellationReason: reason } = row;
    const rtdReference = parseRtdReference(row.rtdReference, 'rtdReference');
    requireStated(reason, 'cancellationReason');
    requireStated(cancelledBy, 'cancelledBy');
    const requestedAt = statedTime(row.requestedDate, 'requestedDate');
    const agency = await requireAgency(this.directory, row.agency, 'agency');
    const reported: ReportedRequisition = {
      ...contentOf(row, agency),
      name: { rtdReference },
      statedDate: { of: 'requested', text: row.requestedDate },
    };
    return this.#record(envelopeAt(requestedAt), reported, (state) => reportCancelled(state, reported, { cancelledBy, reason }));
  }

  #record(envelope: CommandEnvelope, reported: ReportedRequisition, decide: Decide): Promise<CommandOutcome<null>> {
    return this.journal.execute(envelope, async (unit) => {
      const requisition = await unit.open(REQUISITION, requisitionKey(reported.name));
      requisition.append(...decide(requisition.state));
      requisition.share(reported.requisitioner.organisation);
      return null;
    });
  }
}

/** What both kinds of row say alike; the justification comes first because nothing is accepted without one. */
function contentOf(row: ReportedRow, { organisationId }: DirectoryEntry): Omit<ReportedRequisition, 'name' | 'statedDate'> {
  requireStated(row.justification, 'justification');
  return {
    requisitioner: { organisation: organisationId, agency: row.agency },
    item: itemOf(row.item),
    itemName: row.itemName,
    quantity: parseQuantity(row.quantity, 'quantity'),
    unitOfIssue: parseUnitOfIssue(row.unitOfIssue, 'unitOfIssue'),
    acquisitionValue: row.acquisitionValue,
    justification: row.justification,
  };
}

function itemOf({ nsn, localStockNumber }: StatedRow['item']): RequisitionedItem {
  return nsn === undefined
    ? { localStockNumber: parseLocalStockNumber(localStockNumber, 'item.localStockNumber') }
    : { nsn: parseNsn(nsn, 'item.nsn') };
}

/** Date and time without a zone: the offset is unknown (RFC 3339 section 4.3), every digit stays. */
function statedTime(text: string, field: string): Rfc3339 {
  return parsePastTime(`${text.replace(' ', 'T')}-00:00`, field, new Date().toISOString());
}

function requireStated(text: string, field: string): void {
  if (text === '') throw new DomainError('FIELD_MISSING', { field, rule: 'must be stated' });
}
