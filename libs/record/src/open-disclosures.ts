import type { KeyObject } from 'node:crypto';
import type { JsonObject, JsonValue } from '@countersign/kernel';
import { encodeBase64Url, sameBytes } from '@countersign/merkle';
import { CLAIM_GROUP, claimDigest, parseClaim } from './claim.js';
import type { Disclosure } from './disclosure.js';
import { parseEnvelope, unsealDisclosure, type EventAddress } from './envelope.js';
import type { RecordHeader } from './header.js';
import { altered } from './refusal.js';

/** The parts of a header that say which disclosures are its own. */
export type DisclosingHeader = Pick<RecordHeader, 'source' | 'id' | 'sd'>;

/** Either the header, against which the digest is checked, or only the event's address. */
export type DisclosureInput = { readonly envelope: Uint8Array; readonly key: KeyObject } & (
  { readonly header: DisclosingHeader } | EventAddress
);

/**
 * Opens one encrypted disclosure. With a header its digest must stand in that header's `_sd`; without one the caller MUST check that.
 *
 * @throws DomainError RECORD_MALFORMED, RECORD_ALTERED
 */
export function openDisclosure(input: DisclosureInput): Disclosure {
  if (!('header' in input)) return unsealDisclosure(input.envelope, input, input.key);
  const { header, envelope, key } = input;
  if (!header.sd.includes(encodeBase64Url(parseEnvelope(envelope).digest))) {
    throw altered('disclosures', 'the header does not name this disclosure');
  }
  return unsealDisclosure(envelope, { source: header.source, eventId: header.id }, key);
}

export interface OpenedDisclosures {
  readonly opened: readonly Disclosure[];
  /** Digests of `_sd` whose ciphertext or key is not at hand: WITHHELD, whatever the reason. */
  readonly withheld: readonly string[];
}

/**
 * Opens what the reader holds keys for. A repeated, unreferenced or colliding disclosure is refused.
 *
 * @param keyOf the unit key of a key id in hex, undefined if the reader does not hold it
 * @throws DomainError RECORD_MALFORMED, RECORD_ALTERED
 */
export function openDisclosures(
  header: Pick<RecordHeader, 'source' | 'id' | 'sd' | 'publicData' | 'claim'>,
  envelopes: readonly Uint8Array[],
  keyOf: (keyId: string) => KeyObject | undefined,
): OpenedDisclosures {
  const withheld = new Set(header.sd);
  const seen = new Set<string>();
  const opened: Disclosure[] = [];
  for (const envelope of envelopes) {
    const { keyId, digest } = parseEnvelope(envelope);
    const text = encodeBase64Url(digest);
    if (!header.sd.includes(text)) throw altered('disclosures', 'the header does not name this disclosure');
    if (seen.has(text)) throw altered('disclosures', 'a disclosure is repeated');
    seen.add(text);
    const key = keyOf(keyId.toString('hex'));
    if (key === undefined) continue;
    opened.push(openDisclosure({ header, envelope, key }));
    withheld.delete(text);
  }
  mergeData(header, opened);
  requireClaim(header, opened);
  return { opened, withheld: [...withheld] };
}

/**
 * Checks that a claim's opened preimage is that of the header's claim digest, and that no other record carries one.
 *
 * @throws DomainError RECORD_MALFORMED, RECORD_ALTERED
 */
export function requireClaim(header: Pick<RecordHeader, 'claim'>, opened: readonly Disclosure[]): void {
  const preimage = opened.find(({ group }) => group === CLAIM_GROUP);
  if (preimage === undefined) return;
  const digest = claimDigest(parseClaim(preimage.object));
  if (header.claim === undefined || !sameBytes(header.claim, digest)) throw altered('claim', 'the preimage has another digest');
}

/**
 * The event's data as it was before it was sealed, as far as it is public or opened.
 *
 * @throws DomainError RECORD_ALTERED if two of them claim the same name
 */
export function mergeData(header: Pick<RecordHeader, 'publicData'>, opened: readonly Disclosure[]): JsonObject {
  const merged: Record<string, JsonValue> = { ...header.publicData };
  const groups = new Set<string>();
  for (const { group, object } of opened) {
    if (groups.has(group) || Object.hasOwn(header.publicData, group))
      throw altered('disclosures', 'two disclosures claim one name');
    groups.add(group);
    if (group === CLAIM_GROUP) continue; // A claim's preimage is not event data.
    for (const [name, value] of Object.entries(object)) {
      if (Object.hasOwn(merged, name)) throw altered('disclosures', 'two disclosures claim one field');
      merged[name] = value;
    }
  }
  return merged;
}
