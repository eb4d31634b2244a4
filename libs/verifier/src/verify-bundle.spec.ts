import { describe, expect, it } from '@jest/globals';
import { buildFixture, type BundleFixture, type FullBundle as Bundle, type Writable } from './bundle.builders.js';
import { policyOf, WITNESSES } from './evidence.builders.js';
import { sealBundle } from './bundle-file.js';
import { Unreadable } from './unreadable.js';
import { verifyBundle } from './verify-bundle.js';
import type { VerificationReport } from './report.js';

const fixture = buildFixture();
const trustBytes = Buffer.from(JSON.stringify(fixture.trust));

function verify(bundle: Bundle, trust: unknown = fixture.trust): VerificationReport {
  return verifyBundle(sealBundle(bundle), Buffer.from(JSON.stringify(trust)));
}

/** A deep copy with one change, sealed again: what an attacker who knows the format would hand over. */
function changed(change: (bundle: Writable<Bundle>) => void): Bundle {
  const copy = JSON.parse(JSON.stringify(fixture.bundle)) as Writable<Bundle>;
  change(copy);
  return copy as Bundle;
}

function failedChecks(report: VerificationReport): string[] {
  return [...new Set(report.checks.filter((check) => check.result === 'FAIL').map((check) => check.id))];
}

describe('an honest bundle', () => {
  const report = verify(fixture.bundle);

  it('holds, and says what it could not check', () => {
    expect(report.verdict).toBe('PENDING');
    expect(report.holds).toBe(true);
    expect(report.records).toHaveLength(6);
    expect(report.records.every((record) => record.verdict === 'PENDING' && record.withheld === 1)).toBe(true);
    const notChecked = new Set(report.checks.filter((check) => check.result === 'NOT_CHECKED').map((check) => check.id));
    expect(notChecked).toEqual(
      new Set([
        'witness-quorum',
        'freshness',
        'consistency',
        'chain-head',
        'chain-finality',
        'item-heads',
        'disclosures',
        'author-signature',
        'completeness',
      ]),
    );
  });

  it('opens what was disclosed and nothing else', () => {
    expect(report.records[0]?.data).toEqual({ ric: 'Z9D', quantity: 1 });
  });

  it('holds, and stays PENDING, without any head on chain', () => {
    const pending = verify(changed((bundle) => delete bundle.logs[0]!.anchored));
    expect(pending.verdict).toBe('PENDING');
    expect(pending.holds).toBe(true);
  });
});

describe('raw mutations', () => {
  it('refuses the bundle after any single byte is changed', () => {
    const bytes = sealBundle({ ...fixture.bundle, streams: fixture.bundle.streams.slice(1) });
    // Each byte with each bit: `npm run test:long`.
    for (let at = 0; at < bytes.length; at += 3) {
      const mutated = Buffer.from(bytes);
      mutated[at] = bytes[at]! ^ (1 << (at % 8));
      let holds: boolean;
      try {
        holds = verifyBundle(mutated, trustBytes).holds;
      } catch (error) {
        expect(error).toBeInstanceOf(Unreadable);
        holds = false;
      }
      if (holds) throw new Error(`byte ${at} changed and the bundle still holds`);
    }
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['not JSON', Buffer.from('bundle')],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a number', Buffer.from('1')],
    ['white space added', Buffer.concat([sealBundle(fixture.bundle), Buffer.from('\n')])],
    ['truncated', sealBundle(fixture.bundle).subarray(0, -1)],
    ['another member', Buffer.from(sealBundle(fixture.bundle).toString().replace('{"bundle"', '{"a":1,"bundle"'))],
    ['a doubled member', Buffer.from(sealBundle(fixture.bundle).toString().replace('"version":1', '"version":1,"version":1'))],
    ['deep nesting', Buffer.from('['.repeat(100_000))],
  ])('%s is unreadable', (_name, bytes) => {
    expect(() => verifyBundle(bytes, trustBytes)).toThrow(Unreadable);
  });
});

describe('re-sealed mutations', () => {
  const cases: [string, (bundle: Writable<Bundle>) => void, string, string][] = [
    [
      'one header byte',
      (b) => (b.streams[0]!.records[1]!.header = b.streams[0]!.records[1]!.header.replace('T05:10', 'T06:10')),
      'inclusion',
      'ALTERED',
    ],
    [
      'a header that no longer parses',
      (b) => (b.streams[0]!.records[1]!.header = `${b.streams[0]!.records[1]!.header} `),
      'record-header',
      'ALTERED',
    ],
    ['another index', (b) => (b.streams[0]!.records[1]!.index = '3'), 'inclusion', 'ALTERED'],
    ['a sibling swapped', (b) => b.streams[0]!.records[0]!.path.reverse(), 'inclusion', 'ALTERED'],
    [
      'a sibling too many',
      (b) => b.streams[0]!.records[0]!.path.push(b.streams[0]!.records[0]!.path[0]!),
      'inclusion',
      'ALTERED',
    ],
    ['a sibling missing', (b) => b.streams[0]!.records[0]!.path.pop(), 'inclusion', 'ALTERED'],
    ['a record taken out of the middle', (b) => b.streams[0]!.records.splice(1, 1), 'stream-order', 'MISSING'],
    ['the first record taken out', (b) => b.streams[0]!.records.shift(), 'stream-order', 'MISSING'],
    ['a record twice', (b) => b.streams[0]!.records.push(b.streams[0]!.records[3]!), 'stream-order', 'INSERTED'],
    ['records in another order', (b) => b.streams[0]!.records.reverse(), 'stream-order', 'REORDERED'],
    ['a stream twice', (b) => b.streams.push(b.streams[0]!), 'stream-order', 'INSERTED'],
    [
      'a stream of a log that is not in the bundle',
      (b) => (b.streams[0]!.logId = Buffer.alloc(32).toString('base64')),
      'log-pinned',
      'UNKNOWN_KEY',
    ],
    ['no records', (b) => b.streams.forEach((stream) => (stream.records = [])), 'stream-order', 'MISSING'],
    ["another stream's records", (b) => (b.streams[1]!.records = b.streams[0]!.records), 'record-header', 'ALTERED'],
    [
      'a disclosure of another record',
      (b) => (b.streams[0]!.records[0]!.disclosures = b.streams[0]!.records[1]!.disclosures),
      'disclosures',
      'ALTERED',
    ],
    [
      'a disclosure twice',
      (b) => b.streams[0]!.records[0]!.disclosures.push(b.streams[0]!.records[0]!.disclosures[0]!),
      'disclosures',
      'ALTERED',
    ],
    ['another bucket secret', (b) => (b.streams[0]!.bucketSecret = b.streams[1]!.bucketSecret), 'item-key', 'ALTERED'],
    ['a bucket proof swapped', (b) => b.streams[0]!.bucketProof.reverse(), 'item-key', 'ALTERED'],
    [
      'another registration',
      (b) => (b.logs[0]!.registration = b.logs[0]!.registration.replace('depot-usa', 'depot-deu')),
      'log-pinned',
      'UNKNOWN_KEY',
    ],
    ['a log twice', (b) => b.logs.push(b.logs[0]!), 'log-pinned', 'INSERTED'],
    [
      'the checkpoint of another size',
      (b) => (b.logs[0]!.checkpoint = b.logs[0]!.checkpoint.replace('\n7\n', '\n6\n')),
      'checkpoint-signature',
      'BAD_SIG',
    ],
    [
      'a chain head of another root',
      (b) => (b.logs[0]!.anchored!.root = Buffer.alloc(32).toString('base64')),
      'chain-head',
      'FORKED',
    ],
    ['a chain head of another size', (b) => (b.logs[0]!.anchored!.size = '6'), 'chain-head', 'FORKED'],
    ['a head of another chain', (b) => (b.logs[0]!.anchored!.chain = 'evm:1:0x00'), 'chain-head', 'FORKED'],
  ];

  it.each(cases)('%s is refused', (_name, change, check, verdict) => {
    const report = verify(changed(change));
    expect(report.holds).toBe(false);
    expect(failedChecks(report)).toContain(check);
    expect(report.verdict).toBe(verdict);
  });

  it('names exactly the altered record', () => {
    const report = verify(
      changed((b) => (b.streams[0]!.records[2]!.header = b.streams[0]!.records[2]!.header.replace('W99DP1', 'W99DP2'))),
    );
    expect(report.records.filter((record) => record.verdict !== 'PENDING').map((record) => record.index)).toEqual([4]);
  });

  it('refuses a rewritten log that its own key signed again, by the chain head', () => {
    const rewritten = changed((bundle) => {
      const entries = fixture.records.map(({ record }) => record.entry);
      bundle.logs[0]!.checkpoint = fixture.signedOver(entries.slice(0, -1));
    });
    expect(failedChecks(verify(rewritten))).toContain('chain-head');
  });
});

describe('trust', () => {
  const trustCases: [string, (trust: Writable<BundleFixture['trust']>) => void, string][] = [
    ['an unpinned log', (t) => (t.logs[0]!.logId = '00'.repeat(32)), 'log-pinned'],
    ['another origin', (t) => (t.logs[0]!.origin = 'example.org/other'), 'log-pinned'],
    ['a witness quorum that nobody met', (t) => (t.policy = policyOf(WITNESSES, 1)), 'witness-quorum'],
    ['another chain', (t) => (t.chain.identity = 'evm:1:0x01'), 'chain-head'],
  ];

  it.each(trustCases)('%s does not hold', (_name, change, check) => {
    const trust = JSON.parse(JSON.stringify(fixture.trust)) as Writable<BundleFixture['trust']>;
    change(trust);
    expect(failedChecks(verify(fixture.bundle, trust))).toContain(check);
  });

  it.each([
    ['empty', ''],
    ['not JSON', '{'],
    ['another member', JSON.stringify({ ...fixture.trust, verified: true })],
    ['a policy without quorum', JSON.stringify({ ...fixture.trust, policy: '\n' })],
    ['without policy', JSON.stringify({ ...fixture.trust, policy: undefined })],
    ['behind a byte order mark', `\ufeff${JSON.stringify(fixture.trust)}`],
  ])('a trust file that is %s is unreadable', (_name, text) => {
    expect(() => verifyBundle(sealBundle(fixture.bundle), Buffer.from(text))).toThrow(Unreadable);
  });
});
