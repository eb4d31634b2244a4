import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { asBuffer, sameBytes } from '@countersign/merkle';
import { parseDisclosure, type Disclosure } from './disclosure.js';
import { altered, malformed, requireSize } from './refusal.js';
import { DIGEST_SIZE, domainPrefix, KEY_ID_SIZE, NONCE_SIZE, TAG_SIZE } from './suite.js';

const VERSION = 1;
const PREFIX = domainPrefix('disclosure');
const CIPHER = 'aes-256-gcm';
const ENVELOPE_OVERHEAD = 1 + KEY_ID_SIZE + DIGEST_SIZE + TAG_SIZE;

/** The key of one release group and stream, or of one personal subject (formats §3). */
export interface UnitKey {
  /** 16 bytes; a pseudonym that only the key service resolves. */
  readonly keyId: Uint8Array;
  /** AES-256. Kept as a KeyObject: a raw key costs three times the time of the encryption itself. */
  readonly key: KeyObject;
}

/** Which event a disclosure belongs to; bound to its ciphertext. */
export interface EventAddress {
  readonly source: string;
  readonly eventId: string;
}

/** The parts of an encrypted disclosure. */
export interface Envelope {
  readonly keyId: Buffer;
  /** Digest of the disclosure inside; stands in the header's `_sd`. */
  readonly digest: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

/**
 * Encrypts a disclosure: version(1) ‖ key id(16) ‖ digest(32) ‖ ciphertext ‖ tag(16) (formats §3).
 * The nonce is the digest's first 12 bytes: fresh 32-byte salts make it random, and nothing has to be counted.
 */
export function sealDisclosure(disclosure: Disclosure, event: EventAddress, { keyId, key }: UnitKey): Buffer {
  requireSize(keyId, KEY_ID_SIZE, 'keyId');
  const { digest, encoded } = disclosure;
  const cipher = createCipheriv(CIPHER, key, digest.subarray(0, NONCE_SIZE));
  cipher.setAAD(associatedData(event, keyId, digest));
  const envelope = Buffer.allocUnsafe(ENVELOPE_OVERHEAD + encoded.length);
  envelope[0] = VERSION;
  envelope.set(keyId, 1);
  envelope.set(digest, 1 + KEY_ID_SIZE);
  // GCM is a stream cipher: all of the ciphertext comes at once, and as long as the text.
  envelope.set(cipher.update(encoded, 'latin1'), 1 + KEY_ID_SIZE + DIGEST_SIZE);
  cipher.final();
  envelope.set(cipher.getAuthTag(), ENVELOPE_OVERHEAD - TAG_SIZE + encoded.length);
  return envelope;
}

/** @throws DomainError RECORD_MALFORMED */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const envelope = asBuffer(bytes);
  if (envelope.length <= ENVELOPE_OVERHEAD) throw malformed('disclosures', 'an envelope is too short');
  if (envelope[0] !== VERSION) throw malformed('disclosures', `an envelope has version ${VERSION}`);
  const digestAt = 1 + KEY_ID_SIZE;
  return {
    keyId: envelope.subarray(1, digestAt),
    digest: envelope.subarray(digestAt, digestAt + DIGEST_SIZE),
    ciphertext: envelope.subarray(digestAt + DIGEST_SIZE, -TAG_SIZE),
    tag: envelope.subarray(-TAG_SIZE),
  };
}

/**
 * Decrypts a disclosure and recomputes its digest, which also shows that this and no other key encrypted it.
 *
 * @throws DomainError RECORD_MALFORMED; RECORD_ALTERED if tag or digest does not fit: other bytes, event or key
 */
export function unsealDisclosure(bytes: Uint8Array, event: EventAddress, key: KeyObject): Disclosure {
  const { keyId, digest, ciphertext, tag } = parseEnvelope(bytes);
  const decipher = createDecipheriv(CIPHER, key, digest.subarray(0, NONCE_SIZE), { authTagLength: TAG_SIZE });
  decipher.setAAD(associatedData(event, keyId, digest));
  decipher.setAuthTag(tag);
  const encoded = decipher.update(ciphertext, undefined, 'latin1');
  try {
    decipher.final();
  } catch {
    throw altered('disclosures', 'the ciphertext does not belong to this event, key and digest');
  }
  const disclosure = parseDisclosure(encoded);
  if (!sameBytes(disclosure.digest, digest)) throw altered('disclosures', 'the disclosure has another digest');
  return disclosure;
}

function associatedData({ source, eventId }: EventAddress, keyId: Uint8Array, digest: Uint8Array): Buffer {
  return Buffer.concat([PREFIX, Buffer.from(`${source}\0${eventId}\0`), keyId, digest]);
}
