import { v5 } from 'uuid';
import type { CallOptions } from '@countersign/grpc';
import { TOPICS } from '@countersign/kafka';
import type { inventoryV1 } from '@countersign/proto';
import { FACTS } from '../story-facts.js';
import { until } from '../until.js';
import { PLAIN_NSN } from './bad-requests.js';
import { orderData } from './erp-messages.js';
import type { StoryRun } from './story-run.js';

const SHIPMENT_NUMBER = 'SER0001';

/** Registers an item that is counted and not followed one by one; doing it again changes nothing. */
export async function registerPlainItem({ world }: StoryRun): Promise<void> {
  await world.as('itemManager').catalogue.registerItem({
    context: world.context('e2e-plain-item', '2026-09-01T08:00:00Z'),
    nsn: PLAIN_NSN,
    itemName: 'RESISTOR, FIXED',
    unitOfIssue: 'EA',
    controlledItemCode: 'U',
    demilitarisationCode: 'A',
  });
}

/** An order of many plain items, shipped and expected at the depot, of which single receipts can be posted. */
export class BulkOrder {
  constructor(
    private readonly run: StoryRun,
    readonly piid: string,
    private readonly quantity: number,
  ) {}

  /** From the ERP's order to the expected shipment. */
  async ship(): Promise<void> {
    const { world } = this.run;
    const { piid } = this;
    await registerPlainItem(this.run);
    await world.erp.publish(TOPICS.inOrder.name, [
      { id: piid, key: piid, time: '2026-09-14T08:00:00Z', data: orderData(piid, PLAIN_NSN, this.quantity) },
    ]);
    const { agreements } = world.as('contractingOfficer');
    const { termsDigest } = await until('the agreement', () => agreements.getAgreement({ piid }));
    const signed = { piid, termsDigest };
    await world.as('shipper').agreements.signAgreement({ context: this.#context('sign'), ...signed });
    await agreements.activateAgreement({ context: this.#context('activate'), ...signed });
    await world.as('shipper').shipmentNotices.submitShipmentNotice({
      context: this.#context('ship'),
      piid,
      clin: '0001',
      shipmentNumber: SHIPMENT_NUMBER,
      sscc: FACTS.sscc,
      quantity: BigInt(this.quantity),
      unitOfIssue: 'EA',
    });
    await until('the due-in', () => world.as('clerk').dueIns.getDueIn({ piid, shipmentNumber: SHIPMENT_NUMBER }));
  }

  /** Of a part below 1,000; orders whose numbers end alike would share them. */
  documentNumber(part: number): string {
    return `W99DP16315${this.piid.slice(-1)}${String(part).padStart(3, '0')}`;
  }

  /** Posts the receipt of one part, one item; the same part is the same command. */
  receive(part: number, options: CallOptions = {}): Promise<inventoryV1.PostReceiptResponse> {
    return this.run.world.as('clerk').stock.postReceipt(
      {
        context: { commandId: v5(`${this.piid}/${part}`, v5.URL), eventTime: '2026-11-11T08:00:00Z' },
        ric: FACTS.ric,
        nsn: PLAIN_NSN,
        documentIdentifier: 'D4',
        documentNumber: this.documentNumber(part),
        condition: 'A',
        quantity: 1n,
        unitOfIssue: 'EA',
        supplierCage: FACTS.supplierCage,
        piid: this.piid,
        shipmentNumber: SHIPMENT_NUMBER,
      },
      options,
    );
  }

  /** What procurement learned of the receipts. */
  async report(): Promise<{ received: bigint; documentNumbers: readonly string[] }> {
    const { receivingReports } = this.run.world.as('contractingOfficer');
    return receivingReports.getReceivingReport({ piid: this.piid, shipmentNumber: SHIPMENT_NUMBER });
  }

  get reportStream(): string {
    return `receiving-report/${this.piid}/${SHIPMENT_NUMBER}`;
  }

  #context(step: string): { commandId: string; eventTime: string } {
    return this.run.world.context(`e2e-${this.piid}-${step}`, '2026-09-14T10:00:00Z');
  }
}
