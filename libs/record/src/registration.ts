import type { JsonObject, JsonValue } from '@countersign/kernel';
import { decodeBase64Url, encodeBase64Url, noteKey, sameBytes, sha256 } from '@countersign/merkle';
import { canonicalJson, parseCanonical } from './canonical-json.js';
import { isOrigin } from './origin.js';
import { isObject } from './payload.js';
import { invalid, malformed, requireSize } from './refusal.js';
import { DIGEST_SIZE, domainPrefix, SUITE, U64_MAX } from './suite.js';

const PREFIX = domainPrefix('log');
const HEADS_PREFIX = domainPrefix('heads-log');
const MEMBERS = ['headsKey', 'headsOrigin', 'itemCommitment', 'logKey', 'organisation', 'origin', 'predecessor', 'suite'];
const PREDECESSOR_MEMBERS = ['logId', 'root', 'size'];

/** Where a log took over: the last head of the log before it. */
export interface Predecessor {
  readonly logId: Uint8Array;
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** What a log is, for its whole life (formats §6). Its digest is the log id. */
export interface LogRegistration {
  readonly origin: string;
  readonly suite: string;
  /** Raw Ed25519 public key that signs checkpoints; its name is the origin. */
  readonly logKey: Uint8Array;
  /** `<origin>/heads`. */
  readonly headsOrigin: string;
  /** Another raw Ed25519 public key. */
  readonly headsKey: Uint8Array;
  /** `ItemKeys.commitment()`. */
  readonly itemCommitment: Uint8Array;
  /** Id of the organisation that runs the log. */
  readonly organisation: string;
  readonly predecessor: Predecessor | null;
}

/**
 * Canonical bytes of a registration.
 *
 * @throws DomainError RECORD_MALFORMED, KEY_REFUSED
 */
export function registrationBytes(registration: LogRegistration): Buffer {
  const { logKey, headsKey, itemCommitment, predecessor, origin, suite, headsOrigin, organisation } = registration;
  const bytes = canonicalJson({
    origin,
    suite,
    headsOrigin,
    organisation,
    logKey: encodeBase64Url(logKey),
    headsKey: encodeBase64Url(headsKey),
    itemCommitment: encodeBase64Url(itemCommitment),
    predecessor: predecessor && {
      logId: encodeBase64Url(predecessor.logId),
      size: predecessor.size.toString(),
      root: encodeBase64Url(predecessor.root),
    },
  });
  parseRegistration(bytes);
  return bytes;
}

/**
 * Reads a registration from its canonical bytes.
 *
 * @throws DomainError RECORD_MALFORMED; KEY_REFUSED if a key is unacceptable
 */
export function parseRegistration(bytes: Uint8Array): LogRegistration {
  const value = membersOf(parseCanonical(bytes), MEMBERS);
  const origin = textOf(value, 'origin');
  const headsOrigin = textOf(value, 'headsOrigin');
  if (!isOrigin(origin)) throw malformed('origin', 'must be a log origin');
  if (headsOrigin !== `${origin}/heads`) throw malformed('headsOrigin', 'must be <origin>/heads');
  if (value['suite'] !== SUITE) throw malformed('suite', `must be ${SUITE}`);
  const organisation = textOf(value, 'organisation');
  if (!/^[!-~]{1,128}$/.test(organisation)) throw malformed('organisation', 'must be 1 to 128 visible ASCII characters');
  const logKey = bytesOf(value, 'logKey');
  const headsKey = bytesOf(value, 'headsKey');
  noteKey(origin, logKey);
  noteKey(headsOrigin, headsKey);
  if (sameBytes(logKey, headsKey)) throw malformed('headsKey', 'must be a key of its own');
  return {
    origin,
    suite: SUITE,
    logKey,
    headsOrigin,
    headsKey,
    itemCommitment: bytesOf(value, 'itemCommitment'),
    organisation,
    predecessor: value['predecessor'] === null ? null : parsePredecessor(value['predecessor'] as JsonValue),
  };
}

/** Log id: SHA-256(`countersign/log/v1\0` ‖ registration bytes). */
export function logIdOf(registration: Uint8Array): Buffer {
  return sha256(Buffer.concat([PREFIX, registration]));
}

/**
 * Log id of a log's heads log: SHA-256(`countersign/heads-log/v1\0` ‖ log id(32) ‖ number(4)). Key and origin of the heads log stand in the
 * registration that the log id commits to, so who pins the log id has pinned its heads log too.
 *
 * @param number 1 for `<origin>/heads`; higher ones are for what replaces an abandoned heads log
 * @throws DomainError FIELD_INVALID
 */
export function headsLogIdOf(logId: Uint8Array, number = 1): Buffer {
  requireSize(logId, DIGEST_SIZE, 'logId');
  if (!Number.isInteger(number) || number < 1 || number >= 2 ** 32) throw invalid('number', 'must be within 1 … 2^32 − 1');
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return sha256(Buffer.concat([HEADS_PREFIX, logId, bytes]));
}

function parsePredecessor(value: JsonValue): Predecessor {
  const members = membersOf(value, PREDECESSOR_MEMBERS);
  const size = textOf(members, 'size');
  if (!/^[1-9]\d{0,19}$/.test(size) || BigInt(size) > U64_MAX) throw malformed('predecessor.size', 'must be decimal, from 1');
  return { logId: bytesOf(members, 'logId'), size: BigInt(size), root: bytesOf(members, 'root') };
}

function membersOf(value: JsonValue, names: readonly string[]): JsonObject {
  if (!isObject(value) || Object.keys(value).sort().join() !== names.join()) {
    throw malformed('registration', `has exactly the members ${names.join()}`);
  }
  return value;
}

function textOf(value: JsonObject, name: string): string {
  const text = value[name];
  if (typeof text !== 'string') throw malformed(name, 'must be a text');
  return text;
}

function bytesOf(value: JsonObject, name: string): Buffer {
  return decodeBase64Url(textOf(value, name), DIGEST_SIZE, name, 'RECORD_MALFORMED');
}
