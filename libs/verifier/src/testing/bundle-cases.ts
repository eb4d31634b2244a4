import { base64, buildFixture, type Writable } from '../bundle.builders.js';
import type { Bundle } from '../bundle.js';
import { sealBundle } from '../bundle-file.js';
import { AT, buildEvidence } from '../evidence.builders.js';
import { changed, type BundleCase, type Change } from './bundle-case.js';
import { HEADS_CASES, COMPLETENESS_CASES } from './item-cases.js';
import { HONEST_CASES, LOG_CASES } from './log-cases.js';
import { RECORD_CASES } from './record-cases.js';
import { WITNESS_CASES } from './witness-cases.js';

/** All cases, in a fixed order, the same bytes every time. */
export function bundleCases(): BundleCase[] {
  const { bundle, trust } = buildFixture();
  const classical: BundleCase = {
    name: 'a classical proof',
    bundle: sealBundle(bundle),
    trust: JSON.stringify(trust),
    verdict: 'PENDING',
    fails: [],
  };
  const unsealed: BundleCase = {
    ...classical,
    name: 'a broken seal',
    bundle: Buffer.from(classical.bundle.toString('utf8').replace('"height":"12"', '"height":"13"')),
    verdict: 'ALTERED',
    fails: ['bundle-seal'],
  };
  return [classical, unsealed, ...CHANGES.map(toCase), ...unreadable()];
}

function toCase({ name, build, at = AT, verdict, fails, ...change }: Change): BundleCase {
  const evidence = buildEvidence(build);
  return {
    name,
    bundle: sealBundle(changed(evidence.bundle, change.bundle)),
    trust: JSON.stringify(changed(evidence.trust, change.trust)),
    ...(at !== null && { at }),
    verdict,
    fails,
  };
}

const CHANGES: readonly Change[] = [
  ...HONEST_CASES,
  ...LOG_CASES,
  ...WITNESS_CASES,
  ...HEADS_CASES,
  ...COMPLETENESS_CASES,
  ...RECORD_CASES,
];

/** What no reader takes for a bundle with a trust file. */
function unreadable(): BundleCase[] {
  const { bundle, trust } = buildEvidence();
  const sealed = sealBundle(bundle).toString('utf8');
  const trusted = JSON.stringify(trust);
  const raw = (name: string, text: string, other = trusted): BundleCase => ({
    name: `unreadable: ${name}`,
    bundle: Buffer.from(text),
    trust: other,
    fails: [],
  });
  const seal = (name: string, change: (b: Writable<Bundle>) => unknown): BundleCase =>
    raw(name, sealBundle(changed(bundle, change)).toString('utf8'));
  return [
    raw('white space', `${sealed}\n`),
    raw('a member twice', sealed.replace('"version":1', '"version":1,"version":1')),
    seal('another version', (b) => Object.assign(b, { version: 2 })),
    seal('a member that is not listed', (b) => Object.assign(b.logs[0]!.heads!, { verified: 'true' })),
    seal('earlier heads out of order', (b) => b.logs[0]!.earlier!.reverse()),
    seal('no earlier head', (b) => (b.logs[0]!.earlier = [])),
    seal('an entry that is too short', (b) => Object.assign(b.streams[0]!.records[1]!, { entry: base64(Buffer.alloc(104)) })),
    seal('a bare record with disclosures', (b) => Object.assign(b.streams[0]!.records[1]!, { disclosures: [] })),
    seal('a record with header and entry', (b) => Object.assign(b.streams[0]!.records[0]!, { entry: base64(Buffer.alloc(105)) })),
    seal('base64 without padding', (b) => (b.streams[0]!.bucketSecret = b.streams[0]!.bucketSecret.replace('=', ''))),
    raw('a trust file without policy', sealed, JSON.stringify({ ...trust, policy: undefined })),
    raw('a trust file with a policy that is none', sealed, JSON.stringify({ ...trust, policy: 'quorum me\n' })),
    raw('a witness that is a map checker too', sealed, JSON.stringify({ ...trust, mapPolicy: trust.policy })),
    raw('a trust file of two minds', sealed, trusted.replace('"policy"', '"version":1,"policy"')),
  ];
}
