import type { KeyObject } from 'node:crypto';
import { logKey } from '@countersign/chain';
import { leavesTopicOf } from '@countersign/kafka';
import { DomainError } from '@countersign/kernel';
import { noteKey, pinPublicKey, rawPublicKey, sameBytes, type NoteKey, type PinnedPublicKey } from '@countersign/merkle';
import { headsLogIdOf, logIdOf, parseRegistration, type LogRegistration } from '@countersign/record';
import type { LogNo } from '../storage/stores.js';

/** A tree that this service signs: that of a log, or of its item heads. */
export interface TreeLog {
  readonly logNo: LogNo;
  readonly logId: Buffer;
  /** Log id in hex: key of maps, attribute of metrics. */
  readonly key: string;
  readonly origin: string;
  /** Canonical bytes (formats §6); for item heads those of their log. */
  readonly registration: Buffer;
  /** Signs checkpoints. */
  readonly checkpointKey: KeyObject;
  /** Its public half under the log's origin, as verifiers pin it. */
  readonly noteKey: NoteKey;
}

/** A log that a service is the source of. */
export interface KnownLog extends TreeLog {
  /** Leaves topic of its source service, without prefix. */
  readonly topic: string;
  /** The source service's key: who signs the leaves. */
  readonly sourceKey: PinnedPublicKey;
  /** Its item heads (docs/record.md §14): a log of its own, by this service's own hand. */
  readonly heads: TreeLog;
}

/** Numbers of heads logs are those of their logs and this. */
const HEADS_LOG_NO = 1_000;

/** The key material of one log, as the keystore holds it. */
export interface LogKeys {
  readonly registration: Buffer;
  readonly logKey: KeyObject;
  readonly headsKey: KeyObject;
  readonly sourceKey: KeyObject;
}

/**
 * Puts a log together from its registration and keys.
 *
 * @throws DomainError RECORD_MALFORMED for the registration; KEY_REFUSED if a key that signs checkpoints is not the registered one
 */
export function knownLog(logNo: LogNo, keys: LogKeys): KnownLog {
  const registration = parseRegistration(keys.registration);
  requireRegistered('log-key', keys.logKey, registration.logKey);
  requireRegistered('heads-key', keys.headsKey, registration.headsKey);
  const logId = logIdOf(keys.registration);
  return {
    logNo,
    logId,
    key: logKey(logId),
    origin: registration.origin,
    registration: keys.registration,
    topic: leavesTopicOf(registration.origin.slice(registration.origin.lastIndexOf('/') + 1)),
    sourceKey: pinPublicKey(rawPublicKey(keys.sourceKey)),
    checkpointKey: keys.logKey,
    noteKey: noteKey(registration.origin, registration.logKey),
    heads: headsOf(logNo, logId, registration, keys),
  };
}

function headsOf(logNo: LogNo, baseLogId: Uint8Array, { headsOrigin, headsKey }: LogRegistration, keys: LogKeys): TreeLog {
  const logId = headsLogIdOf(baseLogId);
  return {
    logNo: logNo + HEADS_LOG_NO,
    logId,
    key: logKey(logId),
    origin: headsOrigin,
    registration: keys.registration,
    checkpointKey: keys.headsKey,
    noteKey: noteKey(headsOrigin, headsKey),
  };
}

function requireRegistered(field: string, key: KeyObject, registered: Uint8Array): void {
  if (sameBytes(rawPublicKey(key), registered)) return;
  throw new DomainError('KEY_REFUSED', { field, rule: 'is not the key of the registration' });
}
