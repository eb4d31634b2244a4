import { canonicalJson } from './canonical-json.js';
import { requireSize } from './refusal.js';
import { DIGEST_SIZE, domainPrefix } from './suite.js';

const PREFIX = domainPrefix('key-rotation');

/** The fields of a `KeyRotated` record that the retired key signs, as the record has them. */
export interface KeyRotation {
  /** `log`, `heads`, or another use that bundles do not follow. */
  readonly keyUse: string;
  /** Raw public keys in lower-case hex. */
  readonly retiredKey: string;
  readonly newKey: string;
  /** RFC 3339 with an offset. */
  readonly validFrom: string;
}

/**
 * What a retired key signs so that its successor counts: `countersign/key-rotation/v1\0` ‖ log id(32) ‖ canonical JSON of the four
 * fields. The log id keeps a rotation from being replayed in another log that used the same key.
 *
 * @throws DomainError FIELD_INVALID if the log id has another size
 */
export function keyRotationMessage(logId: Uint8Array, { keyUse, retiredKey, newKey, validFrom }: KeyRotation): Buffer {
  requireSize(logId, DIGEST_SIZE, 'logId');
  return Buffer.concat([PREFIX, logId, canonicalJson({ keyUse, retiredKey, newKey, validFrom })]);
}
