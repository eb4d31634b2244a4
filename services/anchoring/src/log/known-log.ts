import type { KeyObject } from 'node:crypto';
import { logKey } from '@countersign/chain';
import { leavesTopicOf } from '@countersign/kafka';
import { DomainError } from '@countersign/kernel';
import { noteKey, pinPublicKey, rawPublicKey, sameBytes, type NoteKey, type PinnedPublicKey } from '@countersign/merkle';
import { logIdOf, parseRegistration } from '@countersign/record';
import type { LogNo } from '../storage/stores.js';

/** A log that this service keeps the tree of. */
export interface KnownLog {
  readonly logNo: LogNo;
  readonly logId: Buffer;
  /** Log id in hex: key of maps, attribute of metrics. */
  readonly key: string;
  readonly origin: string;
  /** Canonical bytes (formats §6). */
  readonly registration: Buffer;
  /** Leaves topic of its source service, without prefix. */
  readonly topic: string;
  /** The source service's key: who signs the leaves. */
  readonly sourceKey: PinnedPublicKey;
  /** Signs checkpoints. */
  readonly checkpointKey: KeyObject;
  /** Its public half under the log's origin, as verifiers pin it. */
  readonly noteKey: NoteKey;
}

/** The key material of one log, as the keystore holds it. */
export interface LogKeys {
  readonly registration: Buffer;
  readonly logKey: KeyObject;
  readonly sourceKey: KeyObject;
}

/**
 * Puts a log together from its registration and keys.
 *
 * @throws DomainError RECORD_MALFORMED for the registration; KEY_REFUSED if the key that signs checkpoints is not the registered one
 */
export function knownLog(logNo: LogNo, keys: LogKeys): KnownLog {
  const registration = parseRegistration(keys.registration);
  if (!sameBytes(rawPublicKey(keys.logKey), registration.logKey)) {
    throw new DomainError('KEY_REFUSED', { field: 'log-key', rule: 'is not the key of the registration' });
  }
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
  };
}
