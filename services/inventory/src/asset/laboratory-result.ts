import { DomainError, parseTime, parseUii } from '@countersign/kernel';
import { decodeBase64Url, pinPublicKey, SIGNATURE_SIZE, verifyEd25519 } from '@countersign/merkle';
import { parseCanonical } from '@countersign/record';
import { z } from 'zod';
import type { LaboratoryResult } from './end-suspicion.decider.js';

/** Public keys of identity's principals. */
export interface PrincipalKeys {
  /** Undefined if there is no such principal. */
  resolve(principalId: string): Promise<{ readonly publicKey: Uint8Array; readonly roles: readonly string[] } | undefined>;
}

const FIELD = 'result.jws';
const HEADER = z.strictObject({ alg: z.literal('EdDSA'), kid: z.string().regex(/^[a-z0-9][a-z0-9-]{2,62}$/) });
const PAYLOAD = z.strictObject({
  uii: z.string(),
  result: z.enum(['AUTHENTIC', 'COUNTERFEIT']),
  report: z.string().regex(/^[0-9A-Za-z./-]{1,40}$/),
  examined_at: z.string(),
});

/**
 * Verifies a laboratory's compact JWS (RFC 7515): EdDSA by a principal whose appointment is inspector.
 * @throws DomainError FIELD_INVALID (not such a JWS), RESULT_SIGNATURE_INVALID
 */
export async function verifyLaboratoryResult(jws: string, keys: PrincipalKeys): Promise<LaboratoryResult> {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const { kid } = read(HEADER, header);
  const { uii, result, report, examined_at: examinedAt } = read(PAYLOAD, payload);
  const signer = await keys.resolve(kid);
  if (signer === undefined || !signer.roles.includes('inspector'))
    throw new DomainError('RESULT_SIGNATURE_INVALID', { field: FIELD });
  const signed = Buffer.from(`${header}.${payload}`, 'ascii');
  if (!verifyEd25519(pinPublicKey(signer.publicKey), signed, decodeBase64Url(signature, SIGNATURE_SIZE, FIELD))) {
    throw new DomainError('RESULT_SIGNATURE_INVALID', { field: FIELD });
  }
  return {
    uii: parseUii(uii, 'result.uii'),
    result,
    report,
    examinedAt: parseTime(examinedAt, 'result.examined_at'),
    signedBy: kid,
    signedResult: jws,
  };
}

/** Canonical JSON only: two readers of one signed text must read the same (no repeated members). */
function read<Shape extends z.ZodType>(shape: Shape, part: string): z.infer<Shape> {
  try {
    return shape.parse(parseCanonical(decodeBase64Url(part, Math.floor((part.length * 3) / 4), FIELD)));
  } catch (error) {
    throw new DomainError(
      'FIELD_INVALID',
      { field: FIELD, rule: 'a compact JWS with the members of the contract, in canonical JSON' },
      { cause: error },
    );
  }
}
