import type { JsonObject } from '@countersign/kernel';
import { encodeBase64Url, sha256, decodeBase64Url } from '@countersign/merkle';
import { isFieldName } from './payload.js';
import { malformed, requireSize } from './refusal.js';
import { DIGEST_SIZE, domainPrefix, SALT_SIZE } from './suite.js';

/** The disclosure group that carries a claim's preimage. No event schema may use it. */
export const CLAIM_GROUP = 'claim';

const PREFIX = domainPrefix('claim');
const MEMBERS = ['agreement', 'chain', 'condition', 'contract', 'line', 'salt', 'value'];

/** One boolean statement that a contract can accept from an entry: "condition C of line L of agreement A holds" (formats §5). */
export interface Claim {
  /** 32 random bytes. */
  readonly salt: Uint8Array;
  readonly chainId: string;
  readonly contractId: string;
  /** 32 bytes each. */
  readonly agreement: Uint8Array;
  readonly line: Uint8Array;
  readonly condition: Uint8Array;
  readonly value: boolean;
}

/**
 * SHA-256(`countersign/claim/v1\0` ‖ salt ‖ SHA-256(chain id) ‖ SHA-256(contract id) ‖ agreement ‖ line ‖ condition ‖ value(1)).
 *
 * @throws DomainError FIELD_INVALID
 */
export function claimDigest(claim: Claim): Buffer {
  requireSize(claim.salt, SALT_SIZE, 'salt');
  for (const field of ['agreement', 'line', 'condition'] as const) requireSize(claim[field], DIGEST_SIZE, field);
  return sha256(
    Buffer.concat([
      PREFIX,
      claim.salt,
      sha256(Buffer.from(claim.chainId)),
      sha256(Buffer.from(claim.contractId)),
      claim.agreement,
      claim.line,
      claim.condition,
      Buffer.from([claim.value ? 1 : 0]),
    ]),
  );
}

/** The object of a claim's disclosure. */
export function claimObject(claim: Claim): JsonObject {
  return {
    agreement: encodeBase64Url(claim.agreement),
    chain: claim.chainId,
    condition: encodeBase64Url(claim.condition),
    contract: claim.contractId,
    line: encodeBase64Url(claim.line),
    salt: encodeBase64Url(claim.salt),
    value: claim.value,
  };
}

/**
 * Reads the object of a claim's disclosure.
 *
 * @throws DomainError RECORD_MALFORMED
 */
export function parseClaim(object: JsonObject): Claim {
  if (Object.keys(object).sort().join() !== MEMBERS.join())
    throw malformed(CLAIM_GROUP, `has exactly the members ${MEMBERS.join()}`);
  const text = (name: string): string => {
    const value = object[name];
    if (typeof value !== 'string' || value === '') throw malformed(CLAIM_GROUP, 'members but value are texts');
    return value;
  };
  const bytes = (name: string): Buffer => decodeBase64Url(text(name), DIGEST_SIZE, CLAIM_GROUP, 'RECORD_MALFORMED');
  const value = object['value'];
  if (typeof value !== 'boolean') throw malformed(CLAIM_GROUP, 'the value is true or false');
  return {
    salt: bytes('salt'),
    chainId: text('chain'),
    contractId: text('contract'),
    agreement: bytes('agreement'),
    line: bytes('line'),
    condition: bytes('condition'),
    value,
  };
}

/** Whether an event schema may use the name for a group of its own. */
export function isGroupName(name: string): boolean {
  return isFieldName(name) && name !== CLAIM_GROUP;
}
