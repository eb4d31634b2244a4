import { leafHash, rootAt } from '@countersign/merkle';
import { encodeHeadsEntry, itemMapRoot } from '@countersign/record';
import type { Change } from './bundle-case.js';
import { base64, bucketIn, headsKey, logKey, signed, type Writable } from '../bundle.builders.js';
import type { Bundle, BundleStream } from '../bundle.js';
import {
  ABSENT,
  BASE_SEEN,
  buildEvidence,
  by,
  headsKey2,
  headWithout,
  hexKey,
  ITEM,
  itemsOf,
  logKey2,
  MAP_CHECKERS,
  OWN,
  proofOf,
  rotation,
  WITNESSES,
  type EvidenceOptions,
} from '../evidence.builders.js';

import { log } from './honest-evidence.js';

const items = itemsOf(log, []);
/** An item map from which the operator left the last record of the item out. */
const behind = itemsOf(log, [7]);

type Streams = Writable<BundleStream>[];

/** The operator's own keys, and a map checker that looked away: only what contradicts itself can be found. */
const SIGNED = { key: headsKey2, cosigned: by(MAP_CHECKERS, BASE_SEEN) };

/** The item has two records of sequence 1, at leaves 3 and 5. */
const TWICE: EvidenceOptions = {
  leaves: [
    OWN,
    ITEM,
    'asset/U2',
    ITEM,
    { streamId: OWN, event: rotation('log', logKey, logKey2) },
    { streamId: ITEM, again: true },
  ],
  headsSigning: { key: headsKey, cosigned: by(MAP_CHECKERS, BASE_SEEN) },
  logSigning: { key: logKey2, cosigned: by(WITNESSES, BASE_SEEN) },
  bare: [],
};

/** Lies about the heads log. */
export const HEADS_CASES: readonly Change[] = [
  {
    name: 'a heads checkpoint that the retired key signed',
    build: { headsSigning: { key: headsKey, cosigned: by(MAP_CHECKERS, BASE_SEEN) } },
    verdict: 'BAD_SIG',
    fails: ['item-heads'],
  },
  {
    name: 'a heads checkpoint of a compromised key',
    trust: (t) => (t.logs[0]!.compromised = [{ key: hexKey(headsKey2), at: '2027-01-01T00:00:00Z' }]),
    verdict: 'BAD_SIG',
    fails: ['item-heads'],
  },
  {
    name: 'a map checker who cosigned something else',
    bundle: (b) =>
      (b.logs[0]!.heads!.checkpoint += `${buildEvidence({ unmapped: [7] })
        .bundle.logs[0]!.heads!.checkpoint.split('\n')
        .at(-2)}\n`),
    verdict: 'BAD_SIG',
    fails: ['item-heads'],
  },
  {
    name: 'a heads entry of another size',
    bundle: (b) => headsOver(b, { baseSize: 8n, baseRoot: rootAt(log.leaves, 9) }),
    verdict: 'ALTERED',
    fails: ['item-heads'],
  },
  {
    name: 'a heads entry of another root',
    bundle: (b) => headsOver(b, { baseSize: 9n, baseRoot: rootAt(log.leaves, 8) }),
    verdict: 'FORKED',
    fails: ['item-heads'],
  },
  {
    name: 'a heads entry at another index',
    bundle: (b) => (b.logs[0]!.heads!.index = '7'),
    verdict: 'ALTERED',
    fails: ['item-heads'],
  },
  {
    name: 'an operator as his own map checker',
    build: { headsSigning: { key: headsKey2, cosigned: by(WITNESSES, BASE_SEEN) } },
    verdict: 'OK',
    fails: [],
  },
];

/** Lies about which records there are. */
export const COMPLETENESS_CASES: readonly Change[] = [
  { name: 'a withheld last record', bundle: (b) => b.streams[0]!.records.pop(), verdict: 'MISSING', fails: ['completeness'] },
  {
    name: 'a withheld middle record',
    bundle: (b) => b.streams[0]!.records.splice(1, 1),
    verdict: 'MISSING',
    fails: ['completeness', 'stream-order'],
  },
  {
    name: 'all records withheld',
    bundle: (b) => (b.streams[0]!.records = []),
    verdict: 'MISSING',
    fails: ['completeness', 'stream-order'],
  },
  {
    name: 'an item head that was not advanced',
    build: { unmapped: [7], headsSigning: SIGNED },
    bundle: (b) => (b.streams[0]!.head = headWithout(log, ITEM, behind, [7]) as Streams[number]['head']),
    verdict: 'INSERTED',
    fails: ['completeness'],
  },
  {
    name: 'an item head over a record that is not given in place of one that is',
    build: { ...TWICE, unmapped: [3] },
    bundle: (b) => {
      const twice = buildEvidence(TWICE).log;
      b.streams[0]!.head = headWithout(twice, ITEM, itemsOf(twice, [3]), [3]) as Streams[number]['head'];
      b.streams[0]!.records.pop();
    },
    verdict: 'MISSING',
    fails: ['completeness'],
  },
  {
    name: 'two records with one sequence, one of them shown',
    build: TWICE,
    bundle: (b) => b.streams[0]!.records.pop(),
    verdict: 'MISSING',
    fails: ['completeness'],
  },
  {
    name: 'two records with one sequence, both shown',
    build: TWICE,
    verdict: 'INSERTED',
    fails: ['stream-order'],
  },
  {
    name: 'the presence proof of another stream',
    bundle: (b) => (b.streams[0]!.head!.proof = proofOf(items, OWN)),
    verdict: 'ALTERED',
    fails: ['completeness'],
  },
  {
    name: 'a count that is not the head',
    bundle: (b) => (b.streams[0]!.head!.count = '5'),
    verdict: 'ALTERED',
    fails: ['completeness'],
  },
  {
    name: 'an absence proof for a stream that is there',
    bundle: (b) => Object.assign(b.absences![0]!, { ...bucketIn(log.logId, 'asset/U2'), proof: proofOf(items, ABSENT) }),
    verdict: 'ALTERED',
    fails: ['absence'],
  },
  {
    name: 'a presence proof as one of absence',
    bundle: (b) => Object.assign(b.absences![0]!, { ...bucketIn(log.logId, 'asset/U2'), proof: proofOf(items, 'asset/U2') }),
    verdict: 'ALTERED',
    fails: ['absence'],
  },
  {
    name: 'an absence with the bucket of another stream',
    bundle: (b) => (b.absences![0]!.streamId = 'asset/U8'),
    verdict: 'ALTERED',
    fails: ['item-key'],
  },
  {
    name: 'a stream that is there and absent',
    bundle: (b) => Object.assign(b.absences![0]!, { ...bucketIn(log.logId, ITEM), proof: proofOf(items, ITEM) }),
    verdict: 'INSERTED',
    fails: ['stream-order'],
  },
];

/** One heads entry in a heads log of its own, signed by everybody. */
function headsOver(bundle: Writable<Bundle>, named: { readonly baseSize: bigint; readonly baseRoot: Uint8Array }): void {
  const entry = encodeHeadsEntry({ ...named, mapRoot: itemMapRoot(items) });
  const checkpoint = signed(`${log.origin}/heads`, [leafHash(entry)], SIGNED);
  bundle.logs[0]!.heads = { checkpoint, index: '0', entry: base64(entry), path: [] };
}
