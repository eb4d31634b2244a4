import { base64, type Writable } from '../bundle.builders.js';
import { BASE_SEEN, by, logKey2, WITNESSES } from '../evidence.builders.js';
import type { Trust } from '../trust.js';
import type { Change } from './bundle-case.js';
import { base, earlierNote, log, stranger } from './honest-evidence.js';

/** Lies about who saw a log when, and about what it was before. */
export const WITNESS_CASES: readonly Change[] = [
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

function remember(trust: Writable<Trust>, size: string): void {
  trust.logs[0]!.seen = { size, root: '00'.repeat(32) };
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
