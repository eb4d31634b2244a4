import { createHash } from 'node:crypto';
import type { JsonValue } from '@countersign/kernel';
import { canonicalJson } from '@countersign/record';
import type { Terms } from './terms.js';

/** Terms as canonical JSON (RFC 8785): what both parties sign. */
export function termsBytes(terms: Terms): Buffer {
  return canonicalJson({
    ...terms,
    lines: terms.lines.map((line) => ({ ...line, unitPrice: { ...line.unitPrice } })),
    conditions: terms.conditions.map((condition) => ({ ...condition })),
  });
}

/** SHA-256("countersign/terms/v1" NUL terms), 64 hex digits. It is content: it stands in disclosures only. */
export function termsDigest(terms: Terms): string {
  return digest('countersign/terms/v1\0', termsBytes(terms));
}

/** SHA-256("countersign/evaluation/v1" NUL content), 64 hex digits. */
export function evaluationDigest(content: JsonValue): string {
  return digest('countersign/evaluation/v1\0', canonicalJson(content));
}

function digest(prefix: string, bytes: Buffer): string {
  return createHash('sha256').update(prefix, 'latin1').update(bytes).digest('hex');
}
