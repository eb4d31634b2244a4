import { eventsOf, requireIntact, type EventLog, type IntactRow } from '@countersign/event-log';
import { CLOUD_EVENT_MEDIA_TYPE, TOPICS, type OutgoingMessage, type RelaySinkOptions } from '@countersign/kafka';
import { canonicalJson, recordDigest } from '@countersign/record';
import { AGREEMENT, type AgreementEvent, type PaymentAuthorised } from './agreement/agreement.js';

type OutMapper = NonNullable<RelaySinkOptions['outMapper']>;

/** Events that may say it: its newest version, and every earlier one of an agreement's events. */
const MAPPED: ReadonlySet<string> = new Set([
  AGREEMENT.schemas.PaymentAuthorised.type,
  ...(AGREEMENT.upcasters ?? []).map(({ schema }) => schema.type),
]);

/**
 * What procurement tells ERPs. A pure function of the stored record: the relay may publish a record again after a crash,
 * and the repeat has the same id and the same bytes.
 */
export function integrationEvents(log: Pick<EventLog, 'readLog' | 'openRow' | 'identity'>): OutMapper {
  return async (rows) => {
    const messages: OutgoingMessage[] = [];
    for (const { type, position } of rows) {
      if (!MAPPED.has(type)) continue;
      const [row] = await log.readLog(position, 1);
      if (row === undefined) continue;
      const opened = requireIntact(await log.openRow(row));
      const payments = eventsOf(AGREEMENT, opened).filter(isPayment);
      messages.push(...payments.map(({ data }) => paymentTrigger(opened, data, log.identity.origin)));
    }
    return messages.length === 0 ? [] : [{ topic: TOPICS.outPaymentTrigger.name, messages }];
  };
}

function isPayment(event: AgreementEvent): event is PaymentAuthorised {
  return event.type === 'PaymentAuthorised';
}

/** Structured mode, so that one value holds everything; names the record it was made from. */
function paymentTrigger({ row, header }: IntactRow, payment: PaymentAuthorised['data'], origin: string): OutgoingMessage {
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
