import type { OutgoingMessage } from '@countersign/kafka';
import type { QuarterRow } from '../quarter/rows.js';
import { PLAIN_NSN } from './bad-requests.js';
import {
  binaryMessage,
  ORDER_TOPIC,
  orderData,
  REQUISITION_TOPIC,
  structuredMessage,
  type Draft,
  type Signer,
} from './erp-messages.js';

/** Keys by which messages are signed. */
export interface Signers {
  readonly erp: Signer;
  /** A person of the same organisation. */
  readonly clerk: Signer;
  /** The ERP of the supplier. */
  readonly foreignErp: Signer;
}

export interface BadMessage {
  readonly name: string;
  readonly topic: string;
  /** Reason, code and field of the dead letter. */
  readonly expected: string;
  /** @param key also the PIID or document number that the sound message behind it carries */
  make(key: string, signers: Signers): OutgoingMessage;
}

type Change = Omit<Partial<Draft>, 'data'> & { readonly data?: unknown };
type Make = (draft: Draft, signers: Signers) => OutgoingMessage;

const signedByErp: Make = (draft, { erp }) => binaryMessage(draft, erp);

function order(name: string, expected: string, change: Change, make: Make = signedByErp): BadMessage {
  return {
    name,
    topic: ORDER_TOPIC,
    expected,
    make: (key, signers) => {
      // An order of another number, so that the sound one behind it is not the same order.
      const data = orderData(key.replace('C1', 'C9'), PLAIN_NSN, 4);
      return make({ topic: ORDER_TOPIC, key, id: `bad-${key}`, ...change, data: merge(data, change.data) }, signers);
    },
  };
}

function merge(data: Record<string, unknown>, change: unknown): unknown {
  return typeof change === 'object' && change !== null ? { ...data, ...change } : data;
}

const line = (change: Record<string, unknown>): object => {
  const [sound] = orderData('', PLAIN_NSN, 4)['lines'] as [object];
  return { lines: [{ ...sound, ...change }] };
};

const invalid = (field: string): string => `SCHEMA_INVALID SCHEMA_INVALID ${field}`;
const rejected = (code: string, field: string): string => `DOMAIN_REJECTED ${code} ${field}`;
const FORGED = 'SIGNATURE_INVALID SIGNATURE_INVALID signature';

const UNREADABLE: readonly BadMessage[] = [
  order('no JSON', invalid('-'), { value: Buffer.from('{"piid":') }),
  order('an empty value', invalid('-'), { value: Buffer.alloc(0) }),
  order('JSON with a comment', invalid('-'), { value: Buffer.from('{} // order') }),
  order('a byte order mark', invalid('-'), { value: Buffer.from('\uFEFF{}') }),
  order('text that is not UTF-8', invalid('-'), { value: Buffer.from([0x22, 0xc0, 0x80, 0x22]) }),
  order('a member named twice', invalid('piid'), { value: Buffer.from('{"piid":"W99CT126C9999","piid":"W99CT126C9998"}') }),
  order('a member named __proto__', invalid('-'), { value: Buffer.from('{"__proto__":{"piid":"x"}}') }),
  order('10,000 levels', invalid('-'), { value: Buffer.from('['.repeat(10_000) + ']'.repeat(10_000)) }),
  order('a number beyond 2^53', invalid('-'), { value: Buffer.from('{"quantity":9007199254740993}') }),
  order('a list in place of an order', invalid('data'), { value: Buffer.from('[]') }),
  order('a fraction as quantity', invalid('-'), { data: line({ quantity: 1.5 }) }),
  order('a quantity as text', invalid('lines.0.quantity'), { data: line({ quantity: '4' }) }),
  order('a missing member', invalid('supplier'), { data: { supplier: undefined } }),
  order('a member that its schema does not name', invalid('data'), { data: { urgent: true } }),
  order('a condition that does not exist', invalid('conditions.0.type'), { data: { conditions: [{ type: 'Trust' }] } }),
  order('an amount as number', invalid('lines.0.unitPrice.amount'), {
    data: line({ unitPrice: { amount: 1, currency: 'EUR' } }),
  }),
  order('no content type and no attributes', invalid('content-type'), {}, (draft, signers) => ({
    ...signedByErp(draft, signers),
    headers: {},
  })),
  order('an attribute given twice', invalid('ce_id'), { headers: { ce_id: ['bad-1', 'bad-2'] } }),
  order('another version of CloudEvents', invalid('specversion'), { headers: { ce_specversion: '2.0' } }),
  order('no value at all', invalid('value'), {}, (draft, signers) => ({ ...signedByErp(draft, signers), value: null })),
  order(
    'a structured event without data',
    invalid('data'),
    { value: Buffer.from('{"specversion":"1.0","id":"x"}') },
    (draft, { erp }) => structuredMessage(draft, erp),
  ),
  order('more than 256 KiB', 'OVERSIZE MESSAGE_TOO_LARGE value', { data: { note: 'x'.repeat(300 * 1024) } }),
  order('a type of another version', 'SCHEMA_UNKNOWN SCHEMA_UNKNOWN type', { type: 'countersign.in.procurement.order.v2' }),
  order('the type of another topic', 'SCHEMA_UNKNOWN SCHEMA_UNKNOWN type', { type: REQUISITION_TOPIC }),
];

const UNTRUSTED: readonly BadMessage[] = [
  order('no signature', FORGED, {}, (draft, signers) => {
    const { headers, ...message } = signedByErp(draft, signers);
    return { ...message, headers: Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => name !== 'signature')) };
  }),
  order('a signature that is none', FORGED, { headers: { signature: 'signed by the buyer' } }),
  order('a forged signature', FORGED, {}, (draft, { erp, clerk }) => binaryMessage(draft, { ...clerk, kid: erp.kid })),
  order('a signature of an unknown principal', FORGED, {}, (draft, { erp }) =>
    binaryMessage(draft, { ...erp, kid: 'erp-nobody' }),
  ),
  order('a signature over other bytes', FORGED, {}, (draft, signers) => {
    const message = signedByErp(draft, signers);
    return { ...message, value: Buffer.from(String(message.value).replace('"quantity":4', '"quantity":5')) };
  }),
  order('a signature over another id', FORGED, { headers: { ce_id: 'bad-replayed' } }),
  order('a signature by a person without the role', rejected('PERMISSION_DENIED', '-'), {}, (draft, { clerk }) =>
    binaryMessage(draft, clerk),
  ),
  order("a foreign organisation's ERP", 'TENANT_MISMATCH TENANT_MISMATCH buyer.dodaac', {}, (draft, { foreignErp }) =>
    binaryMessage(draft, foreignErp),
  ),
];

const REFUSED: readonly BadMessage[] = [
  order('an NSN with a letter O', rejected('FIELD_INVALID', 'lines[0].nsn'), { data: line({ nsn: '59O5-00-734-5199' }) }),
  order('an NSN of an unknown bureau', rejected('CODE_UNKNOWN', 'lines[0].nsn'), { data: line({ nsn: '5905-10-734-5199' }) }),
  order('a PIID without its type letter', rejected('FIELD_INVALID', 'piid'), { data: { piid: 'W91QUZ0640020' } }),
  order('a CLIN with a letter first', rejected('FIELD_INVALID', 'lines[0].clin'), { data: line({ clin: 'A001' }) }),
  order('a CAGE code with a letter I', rejected('FIELD_INVALID', 'supplier.cage'), { data: { supplier: { cage: '3I962' } } }),
  order('a supplier nobody knows', rejected('ORGANISATION_UNKNOWN', 'supplier.cage'), { data: { supplier: { cage: '2S194' } } }),
  order('a DoDAAC with a letter O', rejected('FIELD_INVALID', 'shipTo.dodaac'), {
    data: { shipTo: { dodaac: 'WO1234', ric: 'Z9D' } },
  }),
  order('a negative quantity', rejected('QUANTITY_INVALID', 'lines[0].quantity'), { data: line({ quantity: -4 }) }),
  order('a quantity of 0', rejected('QUANTITY_INVALID', 'lines[0].quantity'), { data: line({ quantity: 0 }) }),
  order('a quantity of nine digits', rejected('QUANTITY_INVALID', 'lines[0].quantity'), {
    data: line({ quantity: 100_000_000 }),
  }),
  order('a quantity of 2^53 - 1', rejected('QUANTITY_INVALID', 'lines[0].quantity'), { data: line({ quantity: 2 ** 53 - 1 }) }),
  order('an unknown unit of issue', rejected('CODE_UNKNOWN', 'lines[0].unitOfIssue'), { data: line({ unitOfIssue: 'QQ' }) }),
  order('a time without a zone', rejected('TIME_INVALID', 'time'), { time: '2026-09-14T08:00:00' }),
  order('a time in the future', rejected('TIME_INVALID', 'time'), { time: '2999-01-01T00:00:00Z' }),
];

/** Every bad order. */
export const BAD_ORDERS: readonly BadMessage[] = [...UNREADABLE, ...UNTRUSTED, ...REFUSED];

function requisition(name: string, expected: string, change: Record<string, unknown>, row: QuarterRow): BadMessage {
  return {
    name,
    topic: REQUISITION_TOPIC,
    expected,
    make: (key, { erp }) =>
      binaryMessage({ topic: REQUISITION_TOPIC, key, id: `bad-${key}`, data: { ...requisitionData(key, row), ...change } }, erp),
  };
}

/** A requisition that is accepted as it stands. @param row names the agency */
export function requisitionData(documentNumber: string, row: QuarterRow): Record<string, unknown> {
  return {
    agency: { state: row.state, station: row.station },
    item: { nsn: '5905007345199' },
    itemName: 'RESISTOR, FIXED',
    unitOfIssue: 'EA',
    quantity: 1,
    acquisitionValue: '1.5',
    justification: 'Spare part.',
    documentNumber,
    shippedDate: '2019-12-30 10:00:00',
  };
}

/** Every bad requisition. @param row of an agency that is registered */
export function badRequisitions(row: QuarterRow): readonly BadMessage[] {
  const bad = (name: string, expected: string, change: Record<string, unknown>): BadMessage =>
    requisition(name, expected, change, row);
  return [
    bad('an agency nobody registered', rejected('ORGANISATION_UNKNOWN', 'agency'), {
      agency: { state: 'ZZ', station: 'NOWHERE' },
    }),
    bad('an agency of the same name in another state', rejected('ORGANISATION_UNKNOWN', 'agency'), {
      agency: { state: 'ZZ', station: row.station },
    }),
    bad('a document number of day 367', rejected('FIELD_INVALID', 'documentNumber'), { documentNumber: 'N0010493670001' }),
    bad('a document number of 13 characters', rejected('FIELD_INVALID', 'documentNumber'), { documentNumber: 'N001049364001' }),
    bad("another agency's document number", rejected('DODAAC_NOT_OF_AGENCY', 'documentNumber'), {
      documentNumber: 'W99DP193640001',
    }),
    bad('a local stock number as NSN', rejected('FIELD_INVALID', 'item.nsn'), { item: { nsn: '2330DSTRAILE1' } }),
    bad('two kinds of stock number', invalid('item'), { item: { nsn: '5905007345199', localStockNumber: '2330DSTRAILE1' } }),
    bad('no justification', rejected('FIELD_MISSING', 'justification'), { justification: '' }),
    bad('a date that does not exist', rejected('TIME_INVALID', 'shippedDate'), { shippedDate: '2019-02-30 10:00:00' }),
    bad('neither shipped nor cancelled', invalid('rtdReference'), { documentNumber: undefined, shippedDate: undefined }),
  ];
}
