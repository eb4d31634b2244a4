import type { Change } from './bundle-case.js';
import { base64, headsKey, logKey, type Writable } from '../bundle.builders.js';
import type { BareRecord, Bundle, FullRecord } from '../bundle.js';
import { bareRecord, erasure, headsKey2, ITEM, logKey2, OWN, rotation, type EvidenceOptions } from '../evidence.builders.js';

import { log } from './honest-evidence.js';

/** Lies about single records. */
export const RECORD_CASES: readonly Change[] = [
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
