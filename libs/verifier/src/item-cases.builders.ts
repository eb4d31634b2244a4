import { leafHash, rootAt } from '@countersign/merkle';
import { encodeHeadsEntry, itemMapRoot } from '@countersign/record';
import type { Change } from './bundle-cases.builders.js';
import { base64, bucketIn, headsKey, logKey, signed, type Writable } from './bundle.builders.js';
import type { BareRecord, Bundle, BundleStream, FullRecord } from './bundle.js';
import {
  ABSENT,
  bareRecord,
  BASE_SEEN,
  buildEvidence,
  by,
  erasure,
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
} from './evidence.builders.js';

const { log } = buildEvidence();
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

const HEADS: readonly Change[] = [
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

const COMPLETE: readonly Change[] = [
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

const RECORDS: readonly Change[] = [
  {
    name: 'a bare record of another stream',
    bundle: (b) => b.streams[0]!.records.splice(1, 1, bareRecord(log, 4) as Writable<BareRecord>),
    verdict: 'ALTERED',
    fails: ['inclusion', 'stream-order'],
  },
  {
    name: 'a bare record with another digest',
    bundle: (b) => flipEntry(b, 60),
    verdict: 'ALTERED',
    fails: ['inclusion', 'stream-order'],
  },
  {
    name: 'a bare record of an unknown version',
    bundle: (b) => flipEntry(b, 0),
    verdict: 'ALTERED',
    fails: ['inclusion'],
  },
  {
    name: 'a bare record with another sequence',
    bundle: (b) => flipEntry(b, 40),
    verdict: 'ALTERED',
    fails: ['inclusion', 'stream-order'],
  },
  {
    name: 'a bare record before its predecessor',
    bundle: (b) => b.streams[0]!.records.reverse(),
    verdict: 'REORDERED',
    fails: ['stream-order'],
  },
  {
    name: 'a bare record a second time',
    bundle: (b) => b.streams[0]!.records.push(b.streams[0]!.records[1]!),
    verdict: 'INSERTED',
    fails: ['completeness', 'stream-order'],
  },
  {
    name: 'one byte of a header',
    bundle: (b) => (fullAt(b, 2).header = fullAt(b, 2).header.replace('W99DP1', 'W99DP2')),
    verdict: 'ALTERED',
    fails: ['inclusion', 'stream-order'],
  },
  {
    name: 'a header that is none',
    bundle: (b) => (fullAt(b, 3).header += ' '),
    verdict: 'ALTERED',
    fails: ['record-header'],
  },
  { name: 'another leaf index', bundle: (b) => (fullAt(b, 2).index = '6'), verdict: 'ALTERED', fails: ['inclusion'] },
  {
    name: 'a disclosure of another record',
    bundle: (b) => (fullAt(b, 2).disclosures = fullAt(b, 3).disclosures),
    verdict: 'ALTERED',
    fails: ['disclosures'],
  },
  {
    name: 'the disclosures of a record, redacted',
    bundle: (b) => (fullAt(b, 2).disclosures = []),
    verdict: 'OK',
    fails: [],
  },
  {
    name: 'an erasure of a disclosure that the record does not have',
    build: { leaves: erased(erasure(1, 'no such group')) },
    verdict: 'ALTERED',
    fails: ['erasure'],
  },
  {
    name: 'an erasure of a disclosure that is given',
    build: { leaves: erased(erasure(1, 'logistics')) },
    verdict: 'OK',
    fails: [],
  },
  {
    name: 'an erasure in a record that is not in the log',
    bundle: (b) => {
      const record = b.streams[1]!.records[2] as Writable<FullRecord>;
      record.header = record.header.replace('data protection officer', 'nobody at all');
    },
    verdict: 'ALTERED',
    fails: ['inclusion', 'stream-order'],
  },
  {
    name: 'another bucket secret',
    bundle: (b) => (b.streams[0]!.bucketSecret = b.streams[1]!.bucketSecret),
    verdict: 'ALTERED',
    fails: ['item-key'],
  },
];

/** Lies about items and records, and what finds them. */
export const ITEM_CASES: readonly Change[] = [...HEADS, ...COMPLETE, ...RECORDS];

/** One heads entry in a heads log of its own, signed by everybody. */
function headsOver(bundle: Writable<Bundle>, named: { readonly baseSize: bigint; readonly baseRoot: Uint8Array }): void {
  const entry = encodeHeadsEntry({ ...named, mapRoot: itemMapRoot(items) });
  const checkpoint = signed(`${log.origin}/heads`, [leafHash(entry)], SIGNED);
  bundle.logs[0]!.heads = { checkpoint, index: '0', entry: base64(entry), path: [] };
}

function flipEntry(bundle: Writable<Bundle>, at: number): void {
  const bare = bundle.streams[0]!.records[1] as Writable<BareRecord>;
  const entry = Buffer.from(bare.entry, 'base64');
  entry[at] = (entry[at] ?? 0) ^ 2;
  bare.entry = base64(entry);
}

function fullAt(bundle: Writable<Bundle>, at: number): Writable<FullRecord> {
  return bundle.streams[0]!.records[at] as Writable<FullRecord>;
}

function erased(event: ReturnType<typeof erasure>): NonNullable<EvidenceOptions['leaves']> {
  return [
    OWN,
    ITEM,
    'asset/U2',
    ITEM,
    { streamId: OWN, event: rotation('log', logKey, logKey2) },
    ITEM,
    { streamId: OWN, event },
    ITEM,
    { streamId: OWN, event: rotation('heads', headsKey, headsKey2) },
  ];
}
