import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { ItemKeys, logIdOf, registrationBytes, SUITE } from '@countersign/record';
import type { LogIdentity } from '../identity.js';

export interface MemoryIdentityOptions {
  /** Default `countersign.example/test`. */
  readonly origin?: string;
  readonly organisation?: string;
  /** Whether the registration commits to the real item keys, as bucket proofs need; costs some 200 ms. Default false. */
  readonly committed?: boolean;
}

/** A log identity with fresh keys, for tests. */
export function createMemoryIdentity(options: MemoryIdentityOptions = {}): LogIdentity {
  const origin = options.origin ?? 'countersign.example/test';
  const itemKeys = new ItemKeys(randomBytes(32));
  const registration = registrationBytes({
    origin,
    suite: SUITE,
    logKey: freshPublicKey(),
    headsOrigin: `${origin}/heads`,
    headsKey: freshPublicKey(),
    itemCommitment: options.committed ? itemKeys.commitment() : randomBytes(32),
    organisation: options.organisation ?? 'operator',
    predecessor: null,
  });
  return {
    origin,
    registration,
    logId: logIdOf(registration),
    itemKeys,
    leavesKey: generateKeyPairSync('ed25519').privateKey,
    requestDigestKey: randomBytes(32),
  };
}

function freshPublicKey(): Buffer {
  const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  return Buffer.from(jwk.x ?? '', 'base64url');
}
