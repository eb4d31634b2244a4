import { requireIntact, type EventLog, type IntactRow } from '@countersign/event-log';
import { CLOUD_EVENT_MEDIA_TYPE, TOPICS, type OutgoingMessage, type RelaySinkOptions } from '@countersign/kafka';
import { canonicalJson, recordDigest } from '@countersign/record';
import type { PaymentAuthorised } from './agreement/agreement.js';

type OutMapper = NonNullable<RelaySinkOptions['outMapper']>;

const PAYMENT_AUTHORISED = 'countersign.procurement.PaymentAuthorised.v1';

/**
 * What procurement tells ERPs. A pure function of the stored record: the relay may publish a record again after a crash,
 * and the repeat has the same id and the same bytes.
 */
export function integrationEvents(log: Pick<EventLog, 'readLog' | 'openRow' | 'identity'>): OutMapper {
  return async (rows) => {
    const messages: OutgoingMessage[] = [];
    for (const { type, position } of rows) {
      if (type !== PAYMENT_AUTHORISED) continue;
      const [row] = await log.readLog(position, 1);
      if (row !== undefined) messages.push(paymentTrigger(requireIntact(await log.openRow(row)), log.identity.origin));
    }
    return messages.length === 0 ? [] : [{ topic: TOPICS.outPaymentTrigger.name, messages }];
  };
}

/** Structured mode, so that one value holds everything; names the record it was made from. */
function paymentTrigger({ row, header, data }: IntactRow, origin: string): OutgoingMessage {
  const payment = data as unknown as PaymentAuthorised['data'];
  const { piid, clin } = payment;
  const value = canonicalJson({
    specversion: '1.0',
    id: row.eventId,
    source: origin,
    type: TOPICS.outPaymentTrigger.name,
    subject: `${piid}/${clin}`,
    time: header.time,
    datacontenttype: 'application/json',
    data: {
      piid,
      clin,
      supplier: { cage: payment.supplierCage },
      buyer: { dodaac: payment.buyerDodaac },
      quantity: payment.quantity,
      amount: { ...payment.amount },
      termsDigest: payment.termsDigest,
      evaluationDigest: payment.evaluationDigest,
      record: {
        log: origin,
        index: String(row.position),
        digest: Buffer.from(recordDigest(row.header)).toString('hex'),
      },
    },
  });
  return { key: `${piid}/${clin}`, value, headers: { 'content-type': `${CLOUD_EVENT_MEDIA_TYPE}; charset=UTF-8` } };
}
