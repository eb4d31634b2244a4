import { KeystoreError, readPrivateKey, readPublicKey, type Keystore } from '@countersign/host';
import { DomainError } from '@countersign/kernel';
import { knownLog, type KnownLog } from './known-log.js';

/** Folders `logs/0`, `logs/1`, … of the keystore; the first that is absent ends the list. */
const LOGS_MAX = 64;

/**
 * The logs that this service keeps, from its keystore: a folder a log with `registration.json`, `log-key.pem` and
 * `heads-key.pem` (sign the checkpoints of log and item heads) and `source-public.pem` (the source service's leaves key).
 *
 * @throws KeystoreError if there is no log, or key and registration do not belong together
 */
export async function readKnownLogs(keystore: Keystore): Promise<readonly KnownLog[]> {
  const logs: KnownLog[] = [];
  while (logs.length < LOGS_MAX) {
    const folder = `logs/${logs.length}`;
    const registration = await readIfThere(keystore, `${folder}/registration.json`);
    if (registration === undefined) break;
    logs.push(await readLog(keystore, folder, logs.length, registration));
  }
  if (logs.length === 0) throw new KeystoreError('logs/0/registration.json cannot be read');
  return logs;
}

/**
 * The key whose account commits heads: `publisher.key`, a secp256k1 private key as 64 hex digits, with or without 0x.
 *
 * @throws KeystoreError
 */
export async function readPublisherKey(keystore: Keystore): Promise<Uint8Array> {
  const [, digits] = /^(?:0x)?([0-9a-f]{64})\s*$/i.exec((await keystore.read('publisher.key')).toString()) ?? [];
  if (digits === undefined) throw new KeystoreError('publisher.key must hold 64 hex digits');
  return Buffer.from(digits, 'hex');
}

async function readLog(keystore: Keystore, folder: string, logNo: number, registration: Buffer): Promise<KnownLog> {
  const logKey = await readPrivateKey(keystore, `${folder}/log-key.pem`);
  const headsKey = await readPrivateKey(keystore, `${folder}/heads-key.pem`);
  const sourceKey = await readPublicKey(keystore, `${folder}/source-public.pem`);
  try {
    return knownLog(logNo, { registration, logKey, headsKey, sourceKey });
  } catch (error) {
    if (error instanceof DomainError)
      throw new KeystoreError(`${folder} does not hold one log's registration and keys`, { cause: error });
    throw error;
  }
}

async function readIfThere(keystore: Keystore, name: string): Promise<Buffer | undefined> {
  try {
    return await keystore.read(name);
  } catch (error) {
    if (error instanceof KeystoreError && isAbsent(error.cause)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
