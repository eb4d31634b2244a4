import type { KeyObject } from 'node:crypto';
import { DomainError } from '@countersign/kernel';
import { rawPublicKey, signEd25519, SIGNATURE_SIZE, verifyEd25519 } from './ed25519.js';
import { formatSignatureLine } from './signature-line.js';
import { isCount } from './tree-size.js';
import { cosignerKey, type CosignerKey } from './verifier-key.js';

const TIME_SIZE = 8;

export interface Cosigner {
  readonly name: string;
  /** Ed25519, of this cosigner only and used for nothing else: the signed text does not hold the name. */
  readonly privateKey: KeyObject;
}

/**
 * One cosignature line (C2SP tlog-cosignature, Ed25519, `cosignature/v1`) over a checkpoint's body, with its newline. Whoever makes
 * one states that no larger consistent head of this log was seen until then: it MUST be durable before.
 *
 * @param body text of the checkpoint with its final newline, as the log signed it
 * @param time seconds since the epoch
 * @throws DomainError KEY_REFUSED; FIELD_INVALID for the time
 */
export function cosign(body: string, { name, privateKey }: Cosigner, time: number): string {
  if (!isCount(time)) throw new DomainError('FIELD_INVALID', { field: 'time', rule: 'must be whole seconds from 0 to 2^53 − 1' });
  const { id } = cosignerKey(name, rawPublicKey(privateKey));
  const timeBytes = Buffer.alloc(TIME_SIZE);
  timeBytes.writeBigUInt64BE(BigInt(time));
  return formatSignatureLine(name, id, Buffer.concat([timeBytes, signEd25519(privateKey, messageOf(body, time))]));
}

/**
 * The time that a cosignature states, in seconds since the epoch, if the cosigner's key made it over this body; else undefined. It
 * has exactly 72 bytes, and a time up to 2^53 − 1: a later one, which the format could hold, is beyond every clock.
 */
export function verifyCosignature(key: CosignerKey, body: string, signature: Uint8Array): number | undefined {
  if (signature.length !== TIME_SIZE + SIGNATURE_SIZE) return undefined;
  const time = Number(Buffer.from(signature).readBigUInt64BE(0));
  if (!isCount(time)) return undefined;
  return verifyEd25519(key, messageOf(body, time), signature.subarray(TIME_SIZE)) ? time : undefined;
}

function messageOf(body: string, time: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${body}`);
}
