import { describe, expect, it } from '@jest/globals';
import { verifyBundle, type Trust, type VerificationReport } from '@countersign/verifier';
import { bundleOf } from './bundle-of.js';
import { dossierOf, leavesOf, platformOf, rootOf, TRUST, type Leaf, type Lies } from './platform.builders.js';

const committed = leavesOf(3);

async function report(lies: Lies = {}, stored: readonly Leaf[] = committed, trust: Trust = TRUST): Promise<VerificationReport> {
  const bundle = await bundleOf(platformOf(committed, lies), dossierOf(stored), trust);
  return verifyBundle(bundle, Buffer.from(JSON.stringify(trust)));
}

function resultOf({ checks }: VerificationReport, id: string): string | undefined {
  return checks.find((check) => check.id === id)?.result;
}

describe('the bundle of a dossier', () => {
  it('holds before any item head is published, and says so', async () => {
    const found = await report();
    expect(found.holds).toBe(true);
    expect(resultOf(found, 'item-heads')).toBe('NOT_CHECKED');
  });

  it('carries the item heads of the checkpoint under which it proves', async () => {
    const found = await report({ headsSize: 3 });
    expect(found.holds).toBe(true);
    expect(resultOf(found, 'item-heads')).toBe('PASS');
    expect(found.checks).toContainEqual(
      expect.objectContaining({ id: 'completeness', result: 'NOT_CHECKED', reason: expect.stringContaining('operator') }),
    );
  });

  it('does without item heads that do not cover its newest record', async () => {
    const found = await report({ headsSize: 2 });
    expect(found.holds).toBe(true);
    expect(found.records).toHaveLength(3);
    expect(resultOf(found, 'item-heads')).toBe('NOT_CHECKED');
  });

  it('does not hold if the service leaves the last record out', async () => {
    expect(await report({ headsSize: 3 }, committed.slice(0, 2))).toMatchObject({ holds: false, verdict: 'MISSING' });
  });

  it('proves that the log extends the head that its reader remembers', async () => {
    const [pinned] = TRUST.logs;
    const remembering = (root: string): Trust => ({ ...TRUST, logs: [{ ...pinned!, seen: { size: '2', root } }] });
    const found = await report({ headsSize: 3 }, committed, remembering(rootOf(committed.slice(0, 2))));
    expect([found.holds, resultOf(found, 'consistency')]).toEqual([true, 'PASS']);
    expect((await report({}, committed, remembering(rootOf(committed.slice(1))))).verdict).toBe('FORKED');
  });
});
