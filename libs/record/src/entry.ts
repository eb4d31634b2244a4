import { asBuffer } from '@countersign/merkle';
import { invalid, malformed, requireSize } from './refusal.js';
import { DIGEST_SIZE, ITEM_KEY_SIZE, U64_MAX } from './suite.js';

const VERSION = 1;
const SEQUENCE_AT = 1 + ITEM_KEY_SIZE;
const DIGEST_AT = SEQUENCE_AT + 8;
const CLAIM_AT = DIGEST_AT + DIGEST_SIZE;

/** Bytes of a version 1 entry. */
export const ENTRY_SIZE = CLAIM_AT + DIGEST_SIZE;

/** A leaf's preimage: says which item and which record, and nothing about either (formats §5). */
export interface Entry {
  readonly itemKey: Uint8Array;
  /** Of the record in its stream. */
  readonly sequence: bigint;
  readonly recordDigest: Uint8Array;
  /** Absent where the record carries no claim; 32 zero bytes then. */
  readonly claimDigest?: Uint8Array;
}

/** version(1) ‖ item key(32) ‖ sequence(8) ‖ record digest(32) ‖ claim digest(32). */
export function encodeEntry({ itemKey, sequence, recordDigest, claimDigest }: Entry): Buffer {
  requireSize(itemKey, ITEM_KEY_SIZE, 'itemKey');
  requireSize(recordDigest, DIGEST_SIZE, 'recordDigest');
  if (sequence < 0n || sequence > U64_MAX) throw invalid('sequence', 'must be within 0 … 2^64 − 1');
  const entry = Buffer.alloc(ENTRY_SIZE);
  entry[0] = VERSION;
  entry.set(itemKey, 1);
  entry.writeBigUInt64BE(sequence, SEQUENCE_AT);
  entry.set(recordDigest, DIGEST_AT);
  if (claimDigest !== undefined) {
    requireSize(claimDigest, DIGEST_SIZE, 'claimDigest');
    if (isZero(claimDigest)) throw invalid('claimDigest', 'zeros mean that there is none');
    entry.set(claimDigest, CLAIM_AT);
  }
  return entry;
}

/** @throws DomainError RECORD_MALFORMED */
export function parseEntry(
  bytes: Uint8Array,
): Entry & { readonly itemKey: Buffer; readonly recordDigest: Buffer; readonly claimDigest?: Buffer } {
  const entry = asBuffer(bytes);
  if (entry.length !== entrySize(entry[0])) throw malformed('entry', 'has the wrong length for its version');
  const claimDigest = entry.subarray(CLAIM_AT);
  return {
    itemKey: entry.subarray(1, SEQUENCE_AT),
    sequence: entry.readBigUInt64BE(SEQUENCE_AT),
    recordDigest: entry.subarray(DIGEST_AT, CLAIM_AT),
    ...(!isZero(claimDigest) && { claimDigest }),
  };
}

/**
 * How long an entry of that version is.
 *
 * @throws DomainError RECORD_MALFORMED if the version is unknown
 */
export function entrySize(version: number | undefined): number {
  if (version !== VERSION) throw malformed('entry', `has version ${VERSION}`);
  return ENTRY_SIZE;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
