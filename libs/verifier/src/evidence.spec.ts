import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bundleVectors, bundleVectorsText, type BundleVectors } from './testing/bundle-vectors.js';
import type { BundleCase } from './testing/bundle-case.js';
import { bundleCases } from './testing/bundle-cases.js';
import type { VerificationReport } from './report.js';
import { Unreadable } from './unreadable.js';
import { verifyBundle } from './verify-bundle.js';

const cases = bundleCases();

function verify({ bundle, trust, at }: BundleCase): VerificationReport {
  return verifyBundle(bundle, Buffer.from(trust), { at });
}

describe('evidence', () => {
  it.each(cases.filter(({ verdict }) => verdict !== undefined).map((each) => [each.name, each] as const))('%s', (_name, each) => {
    const report = verify(each);
    const failed = report.checks.filter(({ result }) => result === 'FAIL').map(({ id }) => id);
    expect({ verdict: report.verdict, fails: [...new Set(failed)].sort() }).toEqual({ verdict: each.verdict, fails: each.fails });
    expect(report.holds).toBe(each.fails.length === 0);
  });

  it.each(cases.filter(({ verdict }) => verdict === undefined).map((each) => [each.name, each] as const))('%s', (_name, each) => {
    expect(() => verify(each)).toThrow(Unreadable);
  });

  it('is in the golden files, with every failing check by its subject', () => {
    const file = readFileSync(join(import.meta.dirname, '../../../vectors/bundle.json'), 'utf8');
    // Without the files themselves a difference is short enough to be read.
    const vectors = bundleVectors();
    expect((JSON.parse(file) as BundleVectors).cases).toEqual(vectors.cases);
    expect(bundleVectorsText(vectors) === file).toBe(true);
  });
});
