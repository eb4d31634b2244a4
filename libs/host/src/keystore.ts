import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';

import { ItemKeys, logIdOf, parseRegistration } from '@countersign/record';
import type { LogIdentity } from '@countersign/event-log';

/** Where a service finds its secrets. A file system now; an HSM or a vault may stand behind the same port. */
export interface Keystore {
  /**
   * @param name e.g. `leaves-key.pem` or `logs/0/log-key.pem`
   * @throws KeystoreError
   */
  read(name: string): Promise<Buffer>;
}

/** A secret is absent or not what it should be. Says which, never what it holds. */
export class KeystoreError extends Error {
  override readonly name = 'KeystoreError';
}

/** One directory a service, made when the platform was provisioned. */
export function createFileKeystore(directory: string): Keystore {
  return {
    read: async (name) => {
      if (normalize(name) !== name || name.startsWith('..')) throw new KeystoreError(`${name} lies outside the keystore`);
      try {
        return await readFile(join(directory, name));
      } catch (cause) {
        throw new KeystoreError(`${name} cannot be read`, { cause });
      }
    },
  };
}

/** @throws KeystoreError unless it is an Ed25519 private key in PEM */
export async function readPrivateKey(keystore: Keystore, name: string): Promise<KeyObject> {
  return requireEd25519(name, createPrivateKey, await keystore.read(name));
}

/** @throws KeystoreError unless it is an Ed25519 public key in PEM */
export async function readPublicKey(keystore: Keystore, name: string): Promise<KeyObject> {
  return requireEd25519(name, createPublicKey, await keystore.read(name));
}

/** @throws KeystoreError unless it has exactly the length in bytes */
export async function readSecret(keystore: Keystore, name: string, length = 32): Promise<Buffer> {
  const secret = await keystore.read(name);
  if (secret.length !== length) throw new KeystoreError(`${name} must hold ${length} bytes`);
  return secret;
}

/**
 * The identity of the service's own log.
 * @throws KeystoreError also if registration and item master secret do not belong together: item keys made with another secret
 *   could never be proven
 */
export async function readLogIdentity(keystore: Keystore): Promise<LogIdentity> {
  const registration = await keystore.read('registration.json');
  const { origin, itemCommitment } = parseRegistration(registration);
  const itemKeys = new ItemKeys(await readSecret(keystore, 'item-master.key'));
  if (!itemKeys.commitment().equals(itemCommitment))
    throw new KeystoreError('item-master.key is not the one the registration commits to');
  return {
    origin,
    logId: logIdOf(registration),
    registration,
    itemKeys,
    leavesKey: await readPrivateKey(keystore, 'leaves-key.pem'),
    requestDigestKey: await readSecret(keystore, 'request-digest.key'),
  };
}

function requireEd25519(name: string, parse: (pem: Buffer) => KeyObject, pem: Buffer): KeyObject {
  let key: KeyObject;
  try {
    key = parse(pem);
  } catch (cause) {
    throw new KeystoreError(`${name} is not a key in PEM`, { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new KeystoreError(`${name} must be an Ed25519 key`);
  return key;
}
