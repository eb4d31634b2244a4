import type { KeyObject } from 'node:crypto';
import type { JsonValue } from '@countersign/kernel';
import { encodeBase64Url, rawPublicKey, signEd25519 } from '@countersign/merkle';
import { canonicalJson } from '@countersign/record';
import type { VerificationReport } from './report.js';

const PREFIX = Buffer.from('countersign/report/v1\0', 'latin1');

/**
 * A report that says who made it (docs/bundle.md §3.7): canonical JSON of the report, the raw public key, and an Ed25519 signature over
 * `countersign/report/v1\0` ‖ canonical JSON of the report.
 *
 * @param privateKey Ed25519
 * @throws DomainError KEY_REFUSED if it is a key of another kind
 */
export function signReport(report: VerificationReport, privateKey: KeyObject): Buffer {
  const body = report as unknown as JsonValue;
  const signature = signEd25519(privateKey, Buffer.concat([PREFIX, canonicalJson(body)]));
  return canonicalJson({
    report: body,
    key: encodeBase64Url(rawPublicKey(privateKey)),
    signature: encodeBase64Url(signature),
  });
}
