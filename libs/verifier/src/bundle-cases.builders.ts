import { cosign, rawPublicKey, verifierKey, type Cosigner } from '@countersign/merkle';
import { ITEM_CASES } from './item-cases.builders.js';
import { base64, buildFixture, headsKey, keyOf, logKey, signed, trustIn, type Writable } from './bundle.builders.js';
import type { Bundle } from './bundle.js';
import { sealBundle } from './bundle-file.js';
import {
  AT,
  BASE_SEEN,
  buildEvidence,
  by,
  cosigner,
  EARLIER_SEEN,
  earlierHead,
  hexKey,
  ITEM,
  logKey2,
  OWN,
  rotation,
  WITNESSES,
  type EvidenceOptions,
} from './evidence.builders.js';
import type { CheckId, Verdict } from './report.js';
import type { Trust } from './trust.js';

/** A pair of files, and what every verifier must say of them. */
export interface BundleCase {
  readonly name: string;
  readonly bundle: Buffer;
  readonly trust: string;
  readonly at?: string;
  /** Undefined if a file is unreadable (exit code 2). */
  readonly verdict?: Verdict;
  /** The checks that fail, each once, in alphabetical order. */
  readonly fails: readonly CheckId[];
}

/** How a case differs from honest evidence. */
export interface Change {
  readonly name: string;
  readonly build?: EvidenceOptions;
  readonly bundle?: (bundle: Writable<Bundle>) => unknown;
  readonly trust?: (trust: Writable<Trust>) => unknown;
  /** Null to name none. */
  readonly at?: string | null;
  readonly verdict: Verdict;
  readonly fails: readonly CheckId[];
}

const stranger = keyOf('a key that nobody pinned');
const { log, bundle: honest } = buildEvidence();
const base = honest.logs[0]!;

const HONEST: readonly Change[] = [
  { name: 'all evidence', verdict: 'OK', fails: [] },
  { name: 'all evidence, no time to judge by', at: null, verdict: 'OK', fails: [] },
  {
    name: 'no map checker cosigned',
    bundle: (b) => (b.logs[0]!.heads!.checkpoint = withoutCosignatures(base.heads!.checkpoint)),
    verdict: 'OK',
    fails: [],
  },
  { name: 'a trust file that asks for nothing', trust: forgetAll, verdict: 'PENDING', fails: [] },
  { name: 'a cosignature of a stranger', bundle: (b) => addLine(b, cosigner('stranger.example')), verdict: 'OK', fails: [] },
  {
    name: 'no item heads yet',
    bundle: (b) => {
      delete b.logs[0]!.heads;
      b.streams.forEach((stream) => delete stream.head);
    },
    verdict: 'OK',
    fails: [],
  },
  {
    name: 'the retired key was stolen after witnesses saw the rotation',
    trust: (t) => compromise(t, hexKey(logKey), '2026-11-08T00:00:00Z'),
    verdict: 'OK',
    fails: [],
  },
  {
    name: 'the current key was stolen after witnesses saw the checkpoint',
    trust: (t) => compromise(t, hexKey(logKey2), '2026-11-10T00:00:01Z'),
    verdict: 'OK',
    fails: [],
  },
  {
    name: 'an asserted chain head with evidence of an unknown kind',
    bundle: (b) => (b.logs[0]!.anchored = { ...anchoredHead(), evidence: { kind: 'cometbft', data: 'AAAA' } }),
    verdict: 'OK',
    fails: [],
  },
];

const LOGS: readonly Change[] = [
  { name: 'an unpinned log', trust: (t) => (t.logs[0]!.logId = '00'.repeat(32)), verdict: 'UNKNOWN_KEY', fails: ['log-pinned'] },
  {
    name: 'a pinned key that is not the one registered',
    trust: (t) => (t.logs[0]!.verifierKey = verifierKey(log.origin, rawPublicKey(stranger))),
    verdict: 'UNKNOWN_KEY',
    fails: ['log-pinned'],
  },
  {
    name: 'another registration',
    bundle: (b) => (b.logs[0]!.registration = base.registration.replace('depot-usa', 'depot-deu')),
    verdict: 'UNKNOWN_KEY',
    fails: ['log-pinned'],
  },
  { name: 'a log twice', bundle: (b) => b.logs.push(b.logs[0]!), verdict: 'INSERTED', fails: ['log-pinned'] },
  {
    name: 'an absence in a log that is not there',
    bundle: (b) => (b.absences![0]!.logId = base64(Buffer.alloc(32))),
    verdict: 'UNKNOWN_KEY',
    fails: ['log-pinned'],
  },
  {
    name: 'a checkpoint that the retired key signed',
    build: { logSigning: { key: logKey, cosigned: by(WITNESSES, BASE_SEEN) } },
    verdict: 'BAD_SIG',
    fails: ['checkpoint-signature'],
  },
  {
    name: 'a checkpoint of a key without a rotation',
    bundle: (b) => (b.streams = b.streams.slice(0, 1)),
    verdict: 'BAD_SIG',
    fails: ['checkpoint-signature'],
  },
  {
    name: 'a rotation that a stranger signed',
    build: { leaves: rotatedBy(rotation('log', logKey, logKey2, stranger)) },
    verdict: 'BAD_SIG',
    fails: ['key-history'],
  },
  {
    name: 'a rotation of a key that was retired before',
    build: {
      leaves: [...rotatedBy(rotation('log', logKey, logKey2)), { streamId: OWN, event: rotation('log', logKey, stranger) }],
    },
    verdict: 'BAD_SIG',
    fails: ['key-history'],
  },
  {
    name: 'a rotation of the heads key in the name of the log key',
    build: { leaves: rotatedBy(rotation('log', headsKey, logKey2)) },
    verdict: 'BAD_SIG',
    fails: ['key-history'],
  },
  {
    name: 'a rotation that the current key signed in the name of another',
    build: { leaves: rotatedBy(rotation('log', headsKey, logKey2, logKey)) },
    verdict: 'BAD_SIG',
    fails: ['key-history'],
  },
  {
    name: 'a rotation to the key of a witness',
    build: { leaves: rotatedBy(rotation('log', logKey, WITNESSES[0]!.privateKey)) },
    verdict: 'BAD_SIG',
    fails: ['key-history'],
  },
  {
    name: 'the retired key was stolen before witnesses saw the rotation',
    trust: (t) => compromise(t, hexKey(logKey), '2026-11-06T00:00:00Z'),
    verdict: 'BAD_SIG',
    fails: ['key-history'],
  },
  {
    name: 'the retired key was stolen, and the head that witnesses saw before is not larger than the rotation',
    bundle: (b) => Object.assign(b.logs[0]!, { earlier: [{ ...earlierHead(log, 4), checkpoint: earlierNote(4) }] }),
    trust: (t) => (compromise(t, hexKey(logKey), '2026-11-08T00:00:00Z'), delete t.logs[0]!.seen),
    verdict: 'BAD_SIG',
    fails: ['key-history'],
  },
  {
    name: 'the current key was stolen before witnesses saw the checkpoint',
    trust: (t) => compromise(t, hexKey(logKey2), '2026-11-10T00:00:00Z'),
    verdict: 'BAD_SIG',
    fails: ['key-history'],
  },
  {
    name: 'the current key was stolen, and the trust file asks for no witnesses',
    trust: (t) => (forgetAll(t), compromise(t, hexKey(logKey2), '2026-12-01T00:00:00Z')),
    verdict: 'BAD_SIG',
    fails: ['key-history'],
  },
  {
    name: 'a chain head of another root',
    bundle: (b) => (b.logs[0]!.anchored = { ...anchoredHead(), root: base64(Buffer.alloc(32)) }),
    verdict: 'FORKED',
    fails: ['chain-head'],
  },
];

const WITNESSED: readonly Change[] = [
  {
    name: 'too few witnesses',
    build: { logSigning: { key: logKey2, cosigned: by(WITNESSES.slice(0, 1), BASE_SEEN) } },
    verdict: 'BAD_SIG',
    fails: ['witness-quorum'],
  },
  {
    name: 'a cosignature of a witness on another checkpoint',
    bundle: (b) => (b.logs[0]!.checkpoint += lastLine(earlierNote(6))),
    verdict: 'BAD_SIG',
    fails: ['checkpoint-signature'],
  },
  {
    name: 'a witness twice',
    bundle: (b) => (b.logs[0]!.checkpoint += lastLine(base.checkpoint)),
    verdict: 'BAD_SIG',
    fails: ['checkpoint-signature'],
  },
  {
    name: 'a cosignature whose time was changed',
    bundle: (b) => (b.logs[0]!.checkpoint = later(base.checkpoint)),
    verdict: 'BAD_SIG',
    fails: ['checkpoint-signature'],
  },
  { name: 'an old checkpoint', at: '2026-11-11T00:00:01Z', verdict: 'STALE', fails: ['freshness'] },
  { name: 'a checkpoint just not too old', at: '2026-11-11T00:00:00.999Z', verdict: 'OK', fails: [] },
  {
    name: 'a checkpoint of no known age',
    trust: (t) => (t.policy = 'quorum none\n'),
    verdict: 'STALE',
    fails: ['freshness'],
  },
  { name: 'a remembered head that is larger', trust: (t) => remember(t, '10'), verdict: 'ROLLED_BACK', fails: ['consistency'] },
  { name: 'a remembered head of another root', trust: (t) => remember(t, '3'), verdict: 'FORKED', fails: ['consistency'] },
  {
    name: 'a remembered head of this size and another root',
    trust: (t) => remember(t, '9'),
    verdict: 'FORKED',
    fails: ['consistency'],
  },
  { name: 'no proof from the remembered head', trust: (t) => remember(t, '5'), verdict: 'FORKED', fails: ['consistency'] },
  {
    name: 'a consistency proof of another size',
    bundle: (b) => (b.logs[0]!.earlier![0]!.path = b.logs[0]!.earlier![1]!.path),
    verdict: 'FORKED',
    fails: ['consistency'],
  },
  {
    name: 'an earlier checkpoint of another history',
    bundle: (b) => (b.logs[0]!.earlier![1]!.checkpoint = earlierNote(6, log.leaves.slice(1))),
    verdict: 'FORKED',
    fails: ['consistency'],
  },
  {
    name: 'an earlier checkpoint that a stranger signed',
    bundle: (b) => (b.logs[0]!.earlier![1]!.checkpoint = log.checkpoint(6, { key: stranger })),
    verdict: 'BAD_SIG',
    fails: ['consistency'],
  },
  {
    name: 'an earlier checkpoint that the first key signed',
    bundle: (b) => (b.logs[0]!.earlier![1]!.checkpoint = log.checkpoint(6)),
    verdict: 'OK',
    fails: [],
  },
  {
    name: 'an earlier checkpoint of another size than said',
    bundle: (b) => (b.logs[0]!.earlier![1]!.checkpoint = log.checkpoint(5)),
    verdict: 'ALTERED',
    fails: ['consistency'],
  },
  {
    name: 'a larger checkpoint signed before',
    bundle: (b) =>
      b.logs[0]!.earlier!.push({ size: '12', path: [], checkpoint: earlierNote(12, [...log.leaves, ...log.leaves]) }),
    verdict: 'ROLLED_BACK',
    fails: ['consistency'],
  },
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
  return [classical, unsealed, ...[...HONEST, ...LOGS, ...WITNESSED, ...ITEM_CASES].map(toCase), ...unreadable()];
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

/** A deep copy with one change: what somebody would hand over who knows the format. */
function changed<T>(value: T, change: ((copy: Writable<T>) => unknown) | undefined): T {
  const copy = JSON.parse(JSON.stringify(value)) as Writable<T>;
  change?.(copy);
  return copy as T;
}

function rotatedBy(event: ReturnType<typeof rotation>): NonNullable<EvidenceOptions['leaves']> {
  return [OWN, ITEM, 'asset/U2', ITEM, { streamId: OWN, event }, ITEM, ITEM];
}

function forgetAll(trust: Writable<Trust>): void {
  Object.assign(trust, trustIn(log));
  delete trust.mapPolicy;
  delete trust.maxAgeSeconds;
}

function compromise(trust: Writable<Trust>, key: string, at: string): void {
  trust.logs[0]!.compromised = [{ key, at }];
}

function remember(trust: Writable<Trust>, size: string): void {
  trust.logs[0]!.seen = { size, root: '00'.repeat(32) };
}

function anchoredHead(): NonNullable<Bundle['logs'][number]['anchored']> {
  const [, size = '', root = ''] = base.checkpoint.split('\n');
  const { chain } = trustIn(log);
  return { chain: chain.identity, size, root, height: '12', blockTime: '2026-11-10T00:00:01Z', finality: 'NOT_CHECKED' };
}

function earlierNote(size: number, leaves: readonly Uint8Array[] = log.leaves): string {
  return signed(log.origin, leaves.slice(0, size), { key: logKey2, cosigned: by(WITNESSES.slice(1), EARLIER_SEEN) });
}

function addLine(bundle: Writable<Bundle>, by: Cosigner): void {
  const [body = ''] = base.checkpoint.split('\n\n');
  bundle.logs[0]!.checkpoint += cosign(`${body}\n`, by, BASE_SEEN);
}

function withoutCosignatures(note: string): string {
  return `${note.split('\n').slice(0, 5).join('\n')}\n`;
}

function lastLine(note: string): string {
  return `${note.split('\n').at(-2)}\n`;
}

/** Says that the last cosigner saw it a second later. */
function later(note: string): string {
  const line = note.split('\n').at(-2) ?? '';
  const [, encoded = ''] = /([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  bytes[11] = (bytes[11] ?? 0) ^ 1;
  return note.replace(encoded, base64(bytes));
}
