import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import { DomainError, parseCage, parseDodaac, parsePiid, parseRic, type CommandEnvelope } from '@countersign/kernel';
import { AGREEMENT } from '../agreement/agreement.js';
import { termsDigest } from '../agreement/digests.js';
import { draftAgreement } from '../agreement/draft-agreement.decider.js';
import type { Condition, Terms } from '../agreement/terms.js';
import { holdsCode, requireByCode, type OrganisationDirectory } from '../organisation-directory/organisation-directory.js';
import { ORDER, type OrderPlaced, type ShipTo } from './order.js';
import { placeOrder, type PlaceOrder, type StatedLine } from './place-order.decider.js';

/** An order as the ERP states it; the buyer is the organisation of whoever signed. */
export interface OrderStatement {
  readonly piid: string;
  readonly supplier: { readonly cage: string };
  readonly buyer: { readonly dodaac: string };
  readonly shipTo: ShipTo;
  readonly lines: readonly StatedLine[];
  readonly conditions: readonly Condition[];
}

export class PlaceOrderHandler {
  constructor(
    private readonly journal: Journal,
    private readonly directory: OrganisationDirectory,
  ) {}

  /**
   * Records the order and the draft of its agreement in one command.
   * @throws DomainError PERMISSION_DENIED, TENANT_MISMATCH, ORGANISATION_UNKNOWN, and what `placeOrder` and `draftAgreement` throw
   */
  async handle(envelope: CommandEnvelope, statement: OrderStatement): Promise<CommandOutcome<null>> {
    requireRole(envelope.actor, 'erp');
    const command = await this.#resolve(envelope, statement);
    const { parties } = command;
    return this.journal.execute(envelope, async (unit) => {
      const order = await unit.open(ORDER, command.piid);
      const agreement = await unit.open(AGREEMENT, command.piid);
      const placed = placeOrder(order.state, command);
      const terms = termsOf(placed, statement);
      order.append(placed);
      agreement.append(draftAgreement(agreement.state, { parties, terms, termsDigest: termsDigest(terms) }));
      // The place of delivery reads the order without its prices, by GetOrder; the stream's evidence tells prices too.
      order.share(parties.buyer, parties.supplier);
      agreement.share(parties.buyer, parties.supplier);
      return null;
    });
  }

  /** Finds out who the codes belong to. */
  async #resolve({ actor }: CommandEnvelope, statement: OrderStatement): Promise<PlaceOrder> {
    const supplierCage = parseCage(statement.supplier.cage, 'supplier.cage');
    const dodaac = parseDodaac(statement.shipTo.dodaac, 'shipTo.dodaac');
    const ric = parseRic(statement.shipTo.ric, 'shipTo.ric');
    const buyer = await requireByCode(
      this.directory,
      'dodaac',
      parseDodaac(statement.buyer.dodaac, 'buyer.dodaac'),
      'buyer.dodaac',
    );
    if (buyer.organisationId !== actor.organisationId) throw new DomainError('TENANT_MISMATCH', { field: 'buyer.dodaac' });
    const piid = parsePiid(statement.piid, 'piid');
    // Its first six characters are the DoDAAC of the office that gave the number: nobody takes another office's.
    if (!holdsCode(buyer, 'dodaac', piid.slice(0, 6))) throw new DomainError('TENANT_MISMATCH', { field: 'piid' });
    const supplier = await requireByCode(this.directory, 'cage', supplierCage, 'supplier.cage');
    const consignee = await requireByCode(this.directory, 'dodaac', dodaac, 'shipTo.dodaac');
    if (!holdsCode(consignee, 'ric', ric)) {
      throw new DomainError('ORGANISATION_UNKNOWN', { field: 'shipTo.ric', rule: 'a RIC of the organisation of the DoDAAC' });
    }
    return {
      piid,
      supplierCage,
      shipTo: { dodaac, ric },
      parties: {
        buyer: buyer.organisationId,
        supplier: supplier.organisationId,
        consignee: consignee.organisationId,
      },
      lines: statement.lines,
    };
  }
}

function termsOf({ data }: OrderPlaced, statement: OrderStatement): Terms {
  return {
    piid: data.piid,
    supplierCage: data.supplierCage,
    buyerDodaac: statement.buyer.dodaac,
    lines: data.lines.map((line, index) => {
      const { amount = '', currency = '' } = data.prices[index] ?? {};
      return { ...line, unitPrice: { amount, currency } };
    }),
    conditions: statement.conditions,
  };
}
