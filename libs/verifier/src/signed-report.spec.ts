import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { pinPublicKey, rawPublicKey, verifyEd25519 } from '@countersign/merkle';
import { canonicalJson, parseCanonical } from '@countersign/record';
import { keyOf } from './bundle.builders.js';
import { sealBundle } from './bundle-file.js';
import { AT, buildEvidence } from './evidence.builders.js';
import { signReport } from './signed-report.js';
import { verifyBundle } from './verify-bundle.js';

const { bundle, trust } = buildEvidence();
const report = verifyBundle(sealBundle(bundle), Buffer.from(JSON.stringify(trust)), { at: AT });
const key = keyOf('auditor');

describe('a signed report', () => {
  it('is canonical JSON that the key named in it signed', () => {
    const bytes = signReport(report, key);
    const file = parseCanonical(bytes) as unknown as { report: typeof report; key: string; signature: string };
    expect(file.report).toEqual(JSON.parse(JSON.stringify(report)));
    expect(Buffer.from(file.key, 'base64url')).toEqual(rawPublicKey(key));
    const message = (said: object): Buffer =>
      Buffer.concat([Buffer.from('countersign/report/v1\0'), canonicalJson(said as Parameters<typeof canonicalJson>[0])]);
    const holds = (said: object): boolean =>
      verifyEd25519(pinPublicKey(rawPublicKey(key)), message(said), Buffer.from(file.signature, 'base64url'));
    expect(holds(file.report)).toBe(true);
    expect(holds({ ...file.report, verdict: 'PENDING' })).toBe(false);
  });

  it('names the files, the policies and the time it was made with', () => {
    const hash = /^[0-9a-f]{64}$/;
    for (const id of [report.bundle, report.trust, report.policyId, report.mapPolicyId]) expect(id).toMatch(hash);
    expect(new Set([report.bundle, report.trust, report.policyId, report.mapPolicyId]).size).toBe(4);
    expect(report.at).toBe(AT);
    expect(report.reason).toMatch(/^[A-Z].*\.$/);
  });

  it('is signed with Ed25519 or not at all', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => signReport(report, privateKey)).toThrow();
  });
});
