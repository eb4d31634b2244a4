import type { JsonObject } from '@countersign/kernel';
import { mergeData, parseDisclosure, requireClaim, type RecordHeader } from '@countersign/record';

/**
 * A record's data as far as it is public or disclosed.
 *
 * @param disclosures encoded SD-JWT disclosures
 * @throws Error if one is malformed, repeated, not named by the header, or claims another's field
 */
export function openedData(header: RecordHeader, disclosures: readonly string[]): JsonObject {
  const opened = disclosures.map((encoded) => parseDisclosure(encoded));
  const digests = opened.map((disclosure) => disclosure.digest.toString('base64url'));
  if (new Set(digests).size !== digests.length) throw new Error('a disclosure is repeated');
  const named = new Set(header.sd);
  if (digests.some((digest) => !named.has(digest))) throw new Error('a disclosure is not named by the header');
  requireClaim(header, opened);
  return mergeData(header, opened);
}
