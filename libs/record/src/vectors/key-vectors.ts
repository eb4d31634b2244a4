import { encodeBase64Url, signEd25519 } from '@countersign/merkle';
import type { JsonObject } from '@countersign/kernel';
import { authorMessage, type AuthoredIntent } from '../author-signature.js';
import { claimDigest, claimObject } from '../claim.js';
import { bucketOf } from '../item-keys.js';
import { encodeLeavesMessage, parseLeavesMessage } from '../leaves-message.js';
import { headsLogIdOf, logIdOf, registrationBytes, type LogRegistration } from '../registration.js';
import { fixedBytes, hex, itemKeys, LOG_ID, MASTER_SECRET, ORIGIN, publicKeyOf, REGISTRATION, SEEDS, signingKey } from './fixed-inputs.js';
import { VECTOR_CLAIM, type RecordVector } from './record-vectors.js';

export interface ItemKeyVectors {
  readonly masterSecret: string;
  readonly commitment: string;
  readonly items: readonly {
    readonly streamId: string;
    readonly bucket: number;
    readonly secret: string;
    readonly itemKey: string;
    readonly proof: readonly string[];
  }[];
}

export function itemKeyVectors(): ItemKeyVectors {
  const streamIds = ['stock/Z9D/129999901', 'asset/DD9X91IMU7700-3000417B', `log/${ORIGIN}`];
  return {
    masterSecret: hex(MASTER_SECRET),
    commitment: hex(itemKeys.commitment()),
    items: streamIds.map((streamId) => {
      const { bucket, secret, proof } = itemKeys.bucketProof(bucketOf(streamId));
      return { streamId, bucket, secret: hex(secret), itemKey: hex(itemKeys.itemKey(streamId)), proof: proof.map(hex) };
    }),
  };
}

export interface RegistrationVector {
  readonly name: string;
  /** The canonical text whose bytes are hashed. */
  readonly registration: string;
  readonly logId: string;
  /** Of its heads log, number 1. */
  readonly headsLogId: string;
}

export function registrationVectors(): RegistrationVector[] {
  const predecessor = { logId: LOG_ID, size: 9n, root: fixedBytes('closing root') };
  const cases: [string, LogRegistration][] = [
    ['a first log', REGISTRATION],
    ['a successor', { ...REGISTRATION, predecessor }],
  ];
  return cases.map(([name, registration]) => {
    const bytes = registrationBytes(registration);
    return { name, registration: bytes.toString(), logId: hex(logIdOf(bytes)), headsLogId: hex(headsLogIdOf(logIdOf(bytes))) };
  });
}

export interface LeavesVectors {
  readonly seed: string;
  readonly publicKey: string;
  readonly messages: readonly {
    readonly logId: string;
    readonly firstPosition: string;
    readonly entries: readonly string[];
    /** What the signature is over. */
    readonly signed: string;
    readonly message: string;
  }[];
}

export function leavesVectors(records: readonly RecordVector[]): LeavesVectors {
  const entries = records.map(({ entry }) => Buffer.from(entry, 'hex'));
  const messages = ([[0, entries], [3, entries.slice(3, 4)]] as const).map(([first, some]) => {
    const firstPosition = BigInt(first);
    const message = encodeLeavesMessage({ logId: LOG_ID, firstPosition, entries: some, privateKey: signingKey(SEEDS.leaves) });
    const { signed } = parseLeavesMessage(message);
    return { logId: hex(LOG_ID), firstPosition: String(first), entries: some.map(hex), signed: hex(signed), message: hex(message) };
  });
  return { seed: hex(SEEDS.leaves), publicKey: hex(publicKeyOf(SEEDS.leaves)), messages };
}

export interface ClaimVector {
  readonly claim: JsonObject;
  readonly digest: string;
}

export function claimVectors(): ClaimVector[] {
  return [VECTOR_CLAIM, { ...VECTOR_CLAIM, value: false }].map((claim) => ({ claim: claimObject(claim), digest: hex(claimDigest(claim)) }));
}

export interface AuthorVectors {
  readonly seed: string;
  readonly intent: AuthoredIntent;
  readonly message: string;
  /** The header field that goes with it. */
  readonly authorsig: string;
}

export function authorVectors(): AuthorVectors {
  const seed = fixedBytes('author key');
  const intent: AuthoredIntent = {
    origin: ORIGIN,
    streamId: 'stock/Z9D/129999901',
    commandId: '0198f3a0-0002-7000-8000-000000000001',
    commandType: 'ReceiveMateriel',
    issuedTime: '2026-03-02T09:59:00+02:00',
    intent: { _sd: [encodeBase64Url(fixedBytes('intent disclosure'))], _sd_alg: 'sha-256', quantity: 4 },
  };
  const message = authorMessage(intent);
  const signature = encodeBase64Url(signEd25519(signingKey(seed), message));
  return { seed: hex(seed), intent, message: hex(message), authorsig: `author-1.EdDSA.${signature}` };
}
