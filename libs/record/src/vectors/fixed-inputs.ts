import { createSecretKey } from 'node:crypto';
import { privateKeyFromSeed, rawPublicKey, sha256 } from '@countersign/merkle';
import { ItemKeys } from '../item-keys.js';
import { logIdOf, registrationBytes } from '../registration.js';

/**
 * Everything random or secret in the vectors is SHA-256 of a name, so that they can be made again. Keys of vectors are known to
 * the world: never use one.
 */
export function fixedBytes(name: string, size = 32): Buffer {
  return sha256(Buffer.from(`countersign vectors: ${name}`)).subarray(0, size);
}

export const ORIGIN = 'countersign.example/inventory';
const ORGANISATION = 'org-depot';

const logSeed = fixedBytes('log key');
const headsSeed = fixedBytes('heads key');
const leavesSeed = fixedBytes('leaves key');
const masterSecret = fixedBytes('item master secret');

export const SEEDS = { log: logSeed, heads: headsSeed, leaves: leavesSeed };
export const MASTER_SECRET = masterSecret;
export const itemKeys = new ItemKeys(masterSecret);

export const signingKey = (seed: Uint8Array): ReturnType<typeof privateKeyFromSeed> => privateKeyFromSeed(seed);
export const publicKeyOf = (seed: Uint8Array): Buffer => rawPublicKey(privateKeyFromSeed(seed));

/** The registration of the log that all vectors belong to. */
export const REGISTRATION = {
  origin: ORIGIN,
  suite: '1',
  logKey: publicKeyOf(logSeed),
  headsOrigin: `${ORIGIN}/heads`,
  headsKey: publicKeyOf(headsSeed),
  itemCommitment: itemKeys.commitment(),
  organisation: ORGANISATION,
  predecessor: null,
};

export const LOG_ID = logIdOf(registrationBytes(REGISTRATION));

/** The unit key that vectors use for a group. */
export function unitKeyOf(group: string): { readonly keyId: Buffer; readonly raw: Buffer; readonly key: ReturnType<typeof createSecretKey> } {
  const raw = fixedBytes(`unit key of ${group}`);
  return { keyId: fixedBytes(`unit key id of ${group}`, 16), raw, key: createSecretKey(raw) };
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
