import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { keptSecret } from './kept-file.js';

/** An Ed25519 key, PKCS#8 in PEM; made on first use. */
export function signingKey(file: string): KeyObject {
  const pem = keptSecret(file, () => generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));
  return createPrivateKey(pem);
}
