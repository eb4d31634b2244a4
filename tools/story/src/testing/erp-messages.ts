import type { KeyObject } from 'node:crypto';
import { CLOUD_EVENT_MEDIA_TYPE, SIGNATURE_HEADER, signMessage, TOPICS, type OutgoingMessage } from '@countersign/kafka';
import { FACTS } from '../story-facts.js';

/** Who signs, and with which key: the two need not belong together. */
export interface Signer {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

/** A message in parts; every part can be made wrong. */
export interface Draft {
  readonly topic: string;
  /** Record key. */
  readonly key: string;
  readonly id: string;
  readonly data: unknown;
  readonly type?: string;
  readonly time?: string;
  /** Bytes sent in place of the data as JSON. */
  readonly value?: Buffer;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

const SOURCE = 'urn:countersign:erp:erp-usa';

/** In binary mode: attributes in headers, covered by the signature. */
export function binaryMessage(draft: Draft, { kid, privateKey }: Signer): OutgoingMessage {
  const { topic, key, id, data, type = topic, time = '2026-09-14T08:00:00Z', headers = {} } = draft;
  const value = draft.value ?? Buffer.from(JSON.stringify(data));
  const attributes = { id, source: SOURCE, type, time };
  return {
    key,
    value,
    headers: {
      ce_specversion: '1.0',
      ...Object.fromEntries(Object.entries(attributes).map(([name, text]) => [`ce_${name}`, text])),
      'content-type': 'application/json',
      [SIGNATURE_HEADER]: signMessage(value, kid, privateKey, attributes),
      ...headers,
    },
  };
}

/** In structured mode: one JSON document, signed as a whole. */
export function structuredMessage(draft: Draft, { kid, privateKey }: Signer): OutgoingMessage {
  const { topic, key, id, data, type = topic, time = '2026-09-14T08:00:00Z', headers = {} } = draft;
  const value = draft.value ?? Buffer.from(JSON.stringify({ specversion: '1.0', id, source: SOURCE, type, time, data }));
  const signature = signMessage(value, kid, privateKey);
  return { key, value, headers: { 'content-type': CLOUD_EVENT_MEDIA_TYPE, [SIGNATURE_HEADER]: signature, ...headers } };
}

/** An order that is accepted as it stands. */
export function orderData(piid: string, nsn: string, quantity: number): Record<string, unknown> {
  return {
    piid,
    supplier: { cage: FACTS.supplierCage },
    buyer: { dodaac: 'W99CT1' },
    shipTo: { dodaac: 'W99DP1', ric: FACTS.ric },
    lines: [
      {
        clin: '0001',
        nsn,
        partNumber: 'R-5199',
        quantity,
        unitOfIssue: 'EA',
        unitPrice: { amount: '1.50', currency: 'EUR' },
      },
    ],
    conditions: [],
  };
}

export const ORDER_TOPIC = TOPICS.inOrder.name;
export const REQUISITION_TOPIC = TOPICS.inRequisition.name;
