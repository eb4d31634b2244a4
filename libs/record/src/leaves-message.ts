import type { KeyObject } from 'node:crypto';
import { DomainError } from '@countersign/kernel';
import { asBuffer, sameBytes, signEd25519, verifyEd25519, type PinnedPublicKey } from '@countersign/merkle';
import { entrySize, parseEntry } from './entry.js';
import { invalid, malformed, requireSize } from './refusal.js';
import { DIGEST_SIZE, domainPrefix, SIGNATURE_SIZE, U64_MAX } from './suite.js';

/** Entries a leaves message may hold. */
export const LEAVES_MAX = 1000;

const VERSION = 1;
const PREFIX = domainPrefix('leaves');
const POSITION_AT = 1 + DIGEST_SIZE;
const COUNT_AT = POSITION_AT + 8;
const ENTRIES_AT = COUNT_AT + 4;

/** Consecutive entries of one log, signed by the service that wrote them. */
export interface LeavesMessage {
  readonly logId: Buffer;
  /** Position of the first entry. */
  readonly firstPosition: bigint;
  readonly entries: readonly Buffer[];
  readonly signature: Buffer;
  /** What the signature is over. */
  readonly signed: Buffer;
}

/**
 * version(1) ‖ log id(32) ‖ first position(8) ‖ count(4) ‖ entries ‖ signature(64); signed is the prefix and all between version
 * and signature (formats §5).
 *
 * @throws DomainError FIELD_INVALID, RECORD_MALFORMED for an entry that is none
 */
export function encodeLeavesMessage(leaves: {
  readonly logId: Uint8Array;
  readonly firstPosition: bigint;
  readonly entries: readonly Uint8Array[];
  /** The service's leaves key, Ed25519. */
  readonly privateKey: KeyObject;
}): Buffer {
  const { logId, firstPosition, entries, privateKey } = leaves;
  requireSize(logId, DIGEST_SIZE, 'logId');
  if (entries.length === 0 || entries.length > LEAVES_MAX) throw invalid('entries', `1 to ${LEAVES_MAX} entries a message`);
  if (firstPosition < 0n || firstPosition + BigInt(entries.length) > U64_MAX)
    throw invalid('firstPosition', 'must be within 64 bits');
  for (const entry of entries) parseEntry(entry);
  const numbers = Buffer.alloc(12);
  numbers.writeBigUInt64BE(firstPosition);
  numbers.writeUInt32BE(entries.length, 8);
  const signed = Buffer.concat([PREFIX, logId, numbers, ...entries]);
  return Buffer.concat([Buffer.from([VERSION]), signed.subarray(PREFIX.length), signEd25519(privateKey, signed)]);
}

/**
 * Takes a leaves message apart; its signature is not checked here.
 *
 * @throws DomainError RECORD_MALFORMED
 */
export function parseLeavesMessage(bytes: Uint8Array): LeavesMessage {
  const message = asBuffer(bytes);
  if (message.length < ENTRIES_AT + SIGNATURE_SIZE) throw malformed('leaves', 'the message is cut off');
  if (message[0] !== VERSION) throw malformed('leaves', `has version ${VERSION}`);
  const firstPosition = message.readBigUInt64BE(POSITION_AT);
  const count = message.readUInt32BE(COUNT_AT);
  if (count === 0 || count > LEAVES_MAX) throw malformed('leaves', `holds 1 to ${LEAVES_MAX} entries`);
  if (firstPosition + BigInt(count) > U64_MAX) throw malformed('leaves', 'positions stay within 64 bits');
  const signatureAt = message.length - SIGNATURE_SIZE;
  return {
    logId: message.subarray(1, POSITION_AT),
    firstPosition,
    entries: splitEntries(message.subarray(ENTRIES_AT, signatureAt), count),
    signature: message.subarray(signatureAt),
    signed: Buffer.concat([PREFIX, message.subarray(1, signatureAt)]),
  };
}

/**
 * Proves that the log's service sent the message.
 *
 * @throws DomainError SIGNATURE_INVALID if it is of another log or the signature is not by this key
 */
export function verifyLeavesMessage(
  message: LeavesMessage,
  source: { readonly logId: Uint8Array; readonly publicKey: PinnedPublicKey },
): void {
  if (!sameBytes(message.logId, source.logId))
    throw new DomainError('SIGNATURE_INVALID', { field: 'logId', rule: 'is another log' });
  if (!verifyEd25519(source.publicKey, message.signed, message.signature)) {
    throw new DomainError('SIGNATURE_INVALID', { field: 'leaves', rule: 'the service did not sign this' });
  }
}

function splitEntries(bytes: Buffer, count: number): Buffer[] {
  const entries: Buffer[] = [];
  let at = 0;
  while (at < bytes.length && entries.length < count) {
    const entry = bytes.subarray(at, at + entrySize(bytes[at]));
    parseEntry(entry);
    entries.push(entry);
    at += entry.length;
  }
  if (at !== bytes.length || entries.length !== count) throw malformed('leaves', 'holds exactly the entries it counts');
  return entries;
}
