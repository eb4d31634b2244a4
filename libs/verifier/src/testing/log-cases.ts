import { cosign, rawPublicKey, verifierKey, type Cosigner } from '@countersign/merkle';
import { base64, headsKey, logKey, type Writable } from '../bundle.builders.js';
import type { Bundle } from '../bundle.js';
import {
  BASE_SEEN,
  by,
  cosigner,
  earlierHead,
  hexKey,
  ITEM,
  logKey2,
  MAP_CHECKERS,
  OWN,
  rotation,
  WITNESSES,
  type EvidenceOptions,
} from '../evidence.builders.js';
import type { Change } from './bundle-case.js';
import { anchoredHead, base, compromise, earlierNote, forgetAll, log, stranger } from './honest-evidence.js';

/** Evidence that holds, with more or less in it. */
export const HONEST_CASES: readonly Change[] = [
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

/** Lies about logs and their keys. */
export const LOG_CASES: readonly Change[] = [
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
    name: 'a rotation of a key for another use',
    build: {
      leaves: [...rotatedBy(rotation('log', logKey, logKey2)), { streamId: OWN, event: rotation('leaves', stranger, stranger) }],
      headsSigning: { cosigned: by(MAP_CHECKERS, BASE_SEEN), key: headsKey },
    },
    verdict: 'OK',
    fails: [],
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

function rotatedBy(event: ReturnType<typeof rotation>): NonNullable<EvidenceOptions['leaves']> {
  return [OWN, ITEM, 'asset/U2', ITEM, { streamId: OWN, event }, ITEM, ITEM];
}

function addLine(bundle: Writable<Bundle>, by: Cosigner): void {
  const [body = ''] = base.checkpoint.split('\n\n');
  bundle.logs[0]!.checkpoint += cosign(`${body}\n`, by, BASE_SEEN);
}

function withoutCosignatures(note: string): string {
  return `${note.split('\n').slice(0, 5).join('\n')}\n`;
}
