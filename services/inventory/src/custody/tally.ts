import { createHash } from 'node:crypto';
import { canonicalJson } from '@countersign/record';
import type { CustodyHeld, Tally } from './custody.js';

/** What both parties answer for: the handover's circumstances and the content of the shipment unit. */
export function tallyDigest(salt: Uint8Array, tally: Tally, unit: CustodyHeld['data']): Buffer {
  const { tcn, piece, quantity, uiis } = unit;
  const { seals, packaging, place, forms } = tally;
  return createHash('sha256')
    .update('countersign/tally/v1\0')
    .update(salt)
    .update(canonicalJson({ seals, packaging, place, forms, tcn, piece, quantity, uiis: [...uiis].sort() }))
    .digest();
}
