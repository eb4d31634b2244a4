import { sha256 } from '@countersign/merkle';
import { bytesToHex, hexToBytes, recoverAddress, toHex } from 'viem';
import { serializeSignature, sign } from 'viem/accounts';
import type { Head } from './chain.js';

const PREFIX = 'countersign/attestation/v1\0';
const SIGNATURE_BYTES = 65;

/** Half of the order of secp256k1: a larger s is the malleable twin of a valid signature. */
const S_MAX = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** What a member organisation signs when it attests a head (formats §8): log id, size and root under a prefix of their own. */
export function attestationDigest({ logId, size, root }: Head): Uint8Array {
  return sha256(Buffer.concat([Buffer.from(PREFIX), logId, hexToBytes(toHex(size, { size: 8 })), root]));
}

/**
 * Attests a head: r ‖ s ‖ v, 65 bytes, with a low s. Whoever calls has verified that the head extends what it attested before.
 *
 * @param privateKey secp256k1, 32 bytes: the key that the chain lists as the member's attester
 */
export async function signAttestation(head: Head, privateKey: Uint8Array): Promise<Uint8Array> {
  const signature = await sign({ hash: bytesToHex(attestationDigest(head)), privateKey: bytesToHex(privateKey) });
  return hexToBytes(serializeSignature(signature));
}

/** Address of the key that attested this head, in lower case; undefined if the signature is malformed or malleable. */
export async function attesterOf(head: Head, attestation: Uint8Array): Promise<string | undefined> {
  const signature = bytesToHex(attestation);
  const v = attestation[SIGNATURE_BYTES - 1];
  if (attestation.length !== SIGNATURE_BYTES || (v !== 27 && v !== 28)) return undefined;
  if (BigInt(`0x${signature.slice(66, 130)}`) > S_MAX) return undefined;
  try {
    return (await recoverAddress({ hash: attestationDigest(head), signature })).toLowerCase();
  } catch {
    return undefined; // No point on the curve: such a signature counts for nothing, and fails nothing (formats §8).
  }
}
