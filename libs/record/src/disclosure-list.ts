import { asBuffer, encodeBase64Url } from '@countersign/merkle';
import { parseEnvelope } from './envelope.js';
import { malformed } from './refusal.js';

const LENGTH_SIZE = 4;
/** All envelopes of one record together; beyond it a record is not a fact but a file. */
export const DISCLOSURES_BYTES_MAX = 512 * 1024;

/**
 * The envelopes of one record as they stand at rest and in the Kafka header `disclosures`: for each, in the order of `_sd`,
 * length(4) ‖ envelope. No disclosures are no bytes.
 *
 * @throws DomainError RECORD_MALFORMED
 */
export function encodeDisclosures(envelopes: readonly Uint8Array[]): Buffer {
  const inOrder = envelopes
    .map((envelope) => ({ envelope, text: digestText(envelope) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1));
  const size = inOrder.reduce((sum, { envelope }) => sum + LENGTH_SIZE + envelope.length, 0);
  requireListed(size);
  const encoded = Buffer.allocUnsafe(size);
  let at = 0;
  let previous = '';
  for (const { envelope, text } of inOrder) {
    requireLater(text, previous);
    at = encoded.writeUInt32BE(envelope.length, at);
    encoded.set(envelope, at);
    at += envelope.length;
    previous = text;
  }
  return encoded;
}

/**
 * Splits what `encodeDisclosures` made. Envelopes may be missing (withheld), never repeated or in another order.
 *
 * @throws DomainError RECORD_MALFORMED
 */
export function decodeDisclosures(bytes: Uint8Array): Buffer[] {
  const list = asBuffer(bytes);
  requireListed(list.length);
  const envelopes: Buffer[] = [];
  let previous = '';
  for (let at = 0; at < list.length;) {
    if (list.length - at < LENGTH_SIZE) throw malformed('disclosures', 'the list is cut off');
    const end = at + LENGTH_SIZE + list.readUInt32BE(at);
    if (end > list.length) throw malformed('disclosures', 'the list is cut off');
    const envelope = list.subarray(at + LENGTH_SIZE, end);
    const text = digestText(envelope);
    requireLater(text, previous);
    envelopes.push(envelope);
    previous = text;
    at = end;
  }
  return envelopes;
}

function digestText(envelope: Uint8Array): string {
  return encodeBase64Url(parseEnvelope(envelope).digest);
}

function requireListed(size: number): void {
  if (size > DISCLOSURES_BYTES_MAX) throw malformed('disclosures', `must not exceed ${DISCLOSURES_BYTES_MAX} bytes`);
}

function requireLater(text: string, previous: string): void {
  if (text <= previous) throw malformed('disclosures', 'envelopes stand in the order of _sd, each once');
}
