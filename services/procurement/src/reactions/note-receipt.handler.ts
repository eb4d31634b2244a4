import type { Journal } from '@countersign/event-log';
import { IGNORED, type Fact } from '@countersign/host';
import { parseDocumentNumber, parsePiid, parseQuantity, parseShipmentNumber } from '@countersign/kernel';
import { RECEIVING_REPORT, type PostedReceipt } from '../receiving-report/receiving-report.js';
import { reverseReceipt } from '../receiving-report/reverse-receipt.decider.js';
import { submitReceivingReport } from '../receiving-report/submit-receiving-report.decider.js';
import { shipmentKey, SHIPMENT_NOTICE } from '../shipment-notice/shipment-notice.js';
import { sourceOf } from './evidence-source.js';
import { parsePrincipal, parseUiis, type NamedOriginal } from './foreign-fields.js';

/** A depot's receipts and their reversals become receiving reports. */
export class NoteReceiptHandler {
  constructor(private readonly journal: Journal) {}

  /** `countersign.inventory.MaterielReceiptPosted.v1`. Receipts without contract are none of ours. */
  async posted(fact: Fact): Promise<unknown> {
    if (fact.data['piid'] === '' || fact.data['shipmentNumber'] === '') return IGNORED;
    const key = keyOf(fact);
    const receipt = receiptOf(fact);
    return this.journal.execute(
      { ...fact.envelope, eventTime: fact.header.time },
      async (unit) => {
        const notice = await unit.open(SHIPMENT_NOTICE, key);
        const report = await unit.open(RECEIVING_REPORT, key);
        const events = submitReceivingReport(report.state, notice.state, receipt);
        report.append(...events);
        if (notice.state.status === 'SENT' && events.length > 0) {
          const { buyer, supplier, consignee } = notice.state.parties;
          report.share(buyer, supplier, consignee);
        }
        return null;
      },
      { inbox: fact.inbox },
    );
  }

  /** `countersign.inventory.TransactionReversed.v1` of a receipt. */
  async reversed(fact: Fact, original: NamedOriginal): Promise<unknown> {
    if (fact.data['piid'] === '' || fact.data['shipmentNumber'] === '') return IGNORED;
    const key = keyOf(fact);
    return this.journal.execute(
      { ...fact.envelope, eventTime: fact.header.time },
      async (unit) => {
        const report = await unit.open(RECEIVING_REPORT, key);
        report.append(...reverseReceipt(report.state, original.recordDigest, sourceOf(fact)));
        return null;
      },
      { inbox: fact.inbox },
    );
  }
}

function keyOf({ data }: Fact): string {
  return shipmentKey(parsePiid(data['piid'], 'piid'), parseShipmentNumber(data['shipmentNumber'], 'shipmentNumber'));
}

function receiptOf(fact: Fact): PostedReceipt {
  const { data } = fact;
  return {
    documentNumber: parseDocumentNumber(data['documentNumber'], 'documentNumber'),
    quantity: parseQuantity(data['quantity'], 'quantity'),
    uiis: parseUiis(data['uiis'], 'uiis'),
    postedBy: parsePrincipal(data['postedBy'], 'postedBy'),
    receipt: sourceOf(fact),
  };
}
