import type { Journal } from '@countersign/event-log';
import type { Fact } from '@countersign/host';
import { parseUii } from '@countersign/kernel';
import type { EvidenceSource } from '../agreement/evidence.js';
import { confirmAuthentic, suspectCounterfeit } from '../receiving-report/discrepancy.decider.js';
import { RECEIVING_REPORT } from '../receiving-report/receiving-report.js';
import { shipmentKey } from '../shipment-notice/shipment-notice.js';
import { SHIPPED_ITEM } from '../shipment-notice/shipped-item.js';
import { sourceOf } from './evidence-source.js';

type Decide = typeof suspectCounterfeit | typeof confirmAuthentic;

/**
 * Clone alerts and their end become discrepancies of the report the genuine item came with. The parcel that raised the
 * alert has no report: it can never be accepted or paid.
 */
export class NoteSuspicionHandler {
  constructor(private readonly journal: Journal) {}

  /** `countersign.inventory.CloneAlert.v1` */
  alerted(fact: Fact): Promise<unknown> {
    return this.#note(fact, suspectCounterfeit);
  }

  /** `countersign.inventory.AuthenticityConfirmed.v1` */
  confirmed(fact: Fact): Promise<unknown> {
    return this.#note(fact, confirmAuthentic);
  }

  #note(fact: Fact, decide: Decide): Promise<unknown> {
    const uii = parseUii(fact.data['uii'], 'uii');
    const cause: EvidenceSource = sourceOf(fact);
    return this.journal.execute(
      { ...fact.envelope, eventTime: fact.header.time },
      async (unit) => {
        const { state: item } = await unit.open(SHIPPED_ITEM, uii);
        // An item that nobody announced to us stands under no contract of ours.
        if (item.status === 'NONE') return null;
        const { piid, shipmentNumber, clin } = item;
        const report = await unit.open(RECEIVING_REPORT, shipmentKey(piid, shipmentNumber));
        report.append(...decide(report.state, { piid, shipmentNumber, clin }, uii, cause));
        return null;
      },
      { inbox: fact.inbox },
    );
  }
}
