import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { DomainError } from '@countersign/kernel';

/**
 * The key that unit keys are encrypted under while they rest. A file now; an HSM may stand behind the same port.
 * A wrapped key is bound to its id: moved to another row it does not open.
 */
export interface MasterKey {
  /** Recognises the master key without telling anything about it. */
  readonly fingerprint: Buffer;
  wrap(keyId: Uint8Array, key: Uint8Array): Promise<Buffer>;
  /** @throws DomainError RECORD_ALTERED if it is not what was wrapped for this id */
  unwrap(keyId: Uint8Array, wrapped: Uint8Array): Promise<Buffer>;
}

const VERSION = 1;
const NONCE_SIZE = 12;
const TAG_SIZE = 16;
const PREFIX = 'countersign/unit-key/v1\0';

/** version(1) ‖ nonce(12) ‖ ciphertext(32) ‖ tag(16): AES-256-GCM under the secret, associated data = prefix ‖ key id. */
export function createFileMasterKey(secret: Uint8Array): MasterKey {
  const prefix = Buffer.from(PREFIX, 'latin1');
  const associated = (keyId: Uint8Array): Buffer => Buffer.concat([prefix, keyId]);
  // As a KeyObject: bytes would be made one for each key that is wrapped, which costs three times the wrapping itself.
  const key = createSecretKey(secret);
  return {
    fingerprint: createHmac('sha256', secret).update('countersign/master-key-check/v1\0').digest(),
    wrap: (keyId, unitKey) => {
      const nonce = randomBytes(NONCE_SIZE);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_SIZE });
      cipher.setAAD(associated(keyId));
      const sealed = [cipher.update(unitKey), cipher.final(), cipher.getAuthTag()];
      return Promise.resolve(Buffer.concat([Buffer.from([VERSION]), nonce, ...sealed]));
    },
    unwrap: async (keyId, wrapped) => {
      await Promise.resolve();
      const bytes = Buffer.from(wrapped);
      if (bytes[0] !== VERSION || bytes.length <= 1 + NONCE_SIZE + TAG_SIZE) throw altered();
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + NONCE_SIZE), { authTagLength: TAG_SIZE });
      decipher.setAAD(associated(keyId));
      decipher.setAuthTag(bytes.subarray(-TAG_SIZE));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_SIZE, -TAG_SIZE)), decipher.final()]);
      } catch (error) {
        throw altered(error);
      }
    },
  };
}

function altered(cause?: unknown): DomainError {
  return new DomainError('RECORD_ALTERED', { rule: 'a wrapped unit key does not open' }, { cause });
}
