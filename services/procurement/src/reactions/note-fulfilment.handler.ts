import type { Journal } from '@countersign/event-log';
import type { Fact } from '@countersign/host';
import { parseDocumentNumber, parseQuantity, parseTcn } from '@countersign/kernel';
import { noteDelivery, noteShipment, noteShipmentReversal } from '../requisition/fulfil-requisition.decider.js';
import { REQUISITION, requisitionKey, type RequisitionEvent, type RequisitionState } from '../requisition/requisition.js';
import { sourceOf } from './evidence-source.js';
import { parseUiis, parseYear } from './foreign-fields.js';

/** Issues, their reversals and deliveries move requisitions on. */
export class NoteFulfilmentHandler {
  constructor(private readonly journal: Journal) {}

  /** `countersign.inventory.MaterielIssued.v1` */
  issued(fact: Fact): Promise<unknown> {
    const issue = {
      quantity: parseQuantity(fact.data['quantity'], 'quantity'),
      tcn: parseTcn(fact.data['tcn'], 'tcn'),
      uiis: parseUiis(fact.data['uiis'], 'uiis'),
      issue: sourceOf(fact),
    };
    return this.#note(fact, (state) => noteShipment(state, issue));
  }

  /** `countersign.inventory.TransactionReversed.v1` of an issue. */
  issueReversed(fact: Fact): Promise<unknown> {
    const tcn = parseTcn(fact.data['tcn'], 'tcn');
    return this.#note(fact, (state) => noteShipmentReversal(state, tcn, sourceOf(fact)));
  }

  /** `countersign.inventory.DeliveryConfirmed.v1` */
  delivered(fact: Fact): Promise<unknown> {
    const quantity = parseQuantity(fact.data['quantity'], 'quantity');
    return this.#note(fact, (state) => noteDelivery(state, quantity, sourceOf(fact)));
  }

  #note(fact: Fact, decide: (state: RequisitionState) => readonly RequisitionEvent[]): Promise<unknown> {
    const documentNumber = parseDocumentNumber(fact.data['documentNumber'], 'documentNumber');
    const key = requisitionKey({ documentNumber, year: parseYear(fact.data['year'], 'year') });
    return this.journal.execute(
      { ...fact.envelope, eventTime: fact.header.time },
      async (unit) => {
        const requisition = await unit.open(REQUISITION, key);
        requisition.append(...decide(requisition.state));
        return null;
      },
      { inbox: fact.inbox },
    );
  }
}
