import type { KeyObject } from 'node:crypto';
import {
  consistencyProof,
  cosignerKey,
  formatVerifierKey,
  inclusionProof,
  leafHash,
  rawPublicKey,
  rootAt,
  signEd25519,
  type Cosigner,
} from '@countersign/merkle';
import {
  encodeHeadsEntry,
  encodeItemMapProof,
  ERASED,
  itemHeadOf,
  itemMapRoot,
  KEY_ROTATED,
  keyRotationMessage,
  logStreamId,
  parseEnvelope,
  proveInItems,
  type MapItem,
} from '@countersign/record';
import {
  base64,
  bucketIn,
  buildLog,
  headsKey,
  itemKeys,
  keyOf,
  logKey,
  ORIGIN,
  signed,
  trustIn,
  UNIT_KEY_ID,
  type BuiltLog,
  type Leaf,
  type LeafEvent,
  type Signing,
} from './bundle.builders.js';
import type { BareRecord, Bundle, BundleAbsence, BundleLog, BundleRecord, BundleStream } from './bundle.js';
import type { Trust } from './trust.js';

/** A bundle with every kind of evidence that the grammar has, and the trust file that asks for all of it. */
export const ITEM = 'asset/U1';
export const OWN = logStreamId(ORIGIN);
/** A stream that the log does not hold. */
export const ABSENT = 'asset/U9';
export const logKey2 = keyOf('log key 2');
export const headsKey2 = keyOf('heads key 2');

export const WITNESSES: readonly Cosigner[] = ['w1', 'w2', 'w3'].map((name) => cosigner(`${name}.example/witness`));
export const MAP_CHECKERS: readonly Cosigner[] = ['m1', 'm2'].map((name) => cosigner(`${name}.example/map`));

export function cosigner(name: string): Cosigner {
  return { name, privateKey: keyOf(name) };
}

function seconds(time: string): number {
  return Date.parse(time) / 1000;
}

/** When the witnesses saw the head of size 6, and the base checkpoint. */
export const EARLIER_SEEN = seconds('2026-11-07T00:00:00Z');
export const BASE_SEEN = seconds('2026-11-10T00:00:00Z');
/** A time by which the evidence is judged. */
export const AT = '2026-11-10T12:00:00Z';

/** Any k of the cosigners. */
export function policyOf(cosigners: readonly Cosigner[], k: number): string {
  const names = cosigners.map((_, at) => `c${at}`);
  const lines = cosigners.map(({ name, privateKey }, at) => {
    const key = formatVerifierKey(cosignerKey(name, rawPublicKey(privateKey)));
    return `witness ${names[at]} ${key}\n`;
  });
  return `${lines.join('')}group all-of-them ${k} ${names.join(' ')}\nquorum all-of-them\n`;
}

export function rotation(keyUse: string, retired: KeyObject, next: KeyObject, signer = retired): LeafEvent {
  return ({ logId }) => {
    const fields = { keyUse, retiredKey: hexKey(retired), newKey: hexKey(next), validFrom: '2026-11-05T00:00:00Z' };
    const signature = signEd25519(signer, keyRotationMessage(logId, fields)).toString('hex');
    return { schema: KEY_ROTATED, data: { ...fields, signature } };
  };
}

/** Says that a disclosure of an earlier leaf was erased. */
export function erasure(leaf: number, group = 'remarks'): LeafEvent {
  return ({ records }) => {
    const record = records[leaf]?.record;
    const sealed = record?.disclosures.find((each) => each.group === group);
    const data = {
      recordDigest: record?.digest.toString('hex') ?? '',
      sdDigest: sealed === undefined ? '00'.repeat(32) : parseEnvelope(sealed.envelope).digest.toString('hex'),
      keyId: UNIT_KEY_ID,
      ground: 'GDPR Article 17',
      authority: 'data protection officer',
    };
    return { schema: ERASED, data };
  };
}

export function hexKey(key: KeyObject): string {
  return rawPublicKey(key).toString('hex');
}

/** Leaf 4 hands the log's key over, leaf 6 erases the remark of leaf 1, leaf 8 hands the heads key over. */
const LEAVES: readonly Leaf[] = [
  OWN,
  ITEM,
  'asset/U2',
  ITEM,
  { streamId: OWN, event: rotation('log', logKey, logKey2) },
  ITEM,
  { streamId: OWN, event: erasure(1) },
  ITEM,
  { streamId: OWN, event: rotation('heads', headsKey, headsKey2) },
];

export interface EvidenceOptions {
  readonly leaves?: readonly Leaf[];
  readonly logSigning?: Signing;
  readonly headsSigning?: Signing;
  /** Leaves that the operator's item map leaves out. */
  readonly unmapped?: readonly number[];
  /** Leaves that are given bare. */
  readonly bare?: readonly number[];
}

export interface Evidence {
  readonly log: BuiltLog;
  readonly bundle: Bundle;
  readonly trust: Trust;
}

export function buildEvidence(options: EvidenceOptions = {}): Evidence {
  const log = buildLog({ leaves: options.leaves ?? LEAVES });
  const logSigning = options.logSigning ?? { key: logKey2, cosigned: by(WITNESSES.slice(0, 2), BASE_SEEN) };
  const headsSigning = options.headsSigning ?? { key: headsKey2, cosigned: by(MAP_CHECKERS.slice(0, 1), BASE_SEEN) };
  const items = itemsOf(log, options.unmapped ?? []);
  const size = log.leaves.length;
  const bundle: Bundle = {
    version: 1,
    item: { kind: 'uii', value: 'U1' },
    logs: [
      {
        logId: base64(log.logId),
        registration: log.registration.toString('utf8'),
        checkpoint: log.checkpoint(size, logSigning),
        earlier: [
          earlierHead(log, 3),
          {
            ...earlierHead(log, 6),
            checkpoint: log.checkpoint(6, { key: logKey2, cosigned: by(WITNESSES.slice(1), EARLIER_SEEN) }),
          },
        ],
        heads: headsOf(log, items, headsSigning),
      },
    ],
    streams: [ITEM, OWN].map((streamId) => streamOf(log, streamId, items, options.bare ?? [3])),
    absences: [absenceOf(log, ABSENT, items)],
  };
  const trust = trustIn(log);
  const [pin] = trust.logs;
  if (pin === undefined) throw new Error('the fixture pins one log');
  return {
    log,
    bundle,
    trust: {
      ...trust,
      logs: [{ ...pin, seen: { size: '3', root: rootAt(log.leaves, 3).toString('hex') } }],
      policy: policyOf(WITNESSES, 2),
      mapPolicy: policyOf(MAP_CHECKERS, 1),
      maxAgeSeconds: '86400',
    },
  };
}

export function by(cosigners: readonly Cosigner[], time: number): readonly (readonly [Cosigner, number])[] {
  return cosigners.map((each) => [each, time] as const);
}

export function earlierHead(log: BuiltLog, size: number): NonNullable<BundleLog['earlier']>[number] {
  return { size: String(size), path: consistencyProof(log.leaves, size, log.leaves.length).map(base64) };
}

export function bareRecord(log: BuiltLog, index: number): BareRecord {
  const entry = log.records[index]?.record.entry ?? Buffer.alloc(0);
  return { index: String(index), entry: base64(entry), path: inclusionProof(log.leaves, index, log.leaves.length).map(base64) };
}

/** The items of a log with their values, from all of its leaves but those left out. */
export function itemsOf(log: BuiltLog, without: readonly number[], size = log.leaves.length): MapItem[] {
  return [...new Set(log.records.slice(0, size).map(({ streamId }) => streamId))].flatMap((streamId) => {
    const head = itemHead(log, streamId, without, size);
    return head.count === 0n ? [] : [{ itemKey: itemKeys.itemKey(streamId), valueDigest: head.valueDigest }];
  });
}

function itemHead(
  log: BuiltLog,
  streamId: string,
  without: readonly number[],
  size = log.leaves.length,
): ReturnType<typeof itemHeadOf> {
  const entries = log.records.slice(0, size).flatMap((built, at) => {
    const leaf = log.leaves[at];
    return built.streamId === streamId && leaf !== undefined && !without.includes(at)
      ? [{ leafIndex: BigInt(at), leafHash: leaf }]
      : [];
  });
  return itemHeadOf(entries);
}

/** The heads log has an entry for every size of the log; the last is what the bundle names. */
function headsOf(log: BuiltLog, items: readonly MapItem[], signing: Signing): NonNullable<BundleLog['heads']> {
  const size = log.leaves.length;
  const entries = log.leaves.map((_, at) => {
    const isLast = at + 1 === size;
    const mapRoot = itemMapRoot(isLast ? items : itemsOf(log, [], at + 1));
    return encodeHeadsEntry({ baseSize: BigInt(at + 1), baseRoot: rootAt(log.leaves, at + 1), mapRoot });
  });
  const leaves = entries.map((entry) => leafHash(entry));
  return {
    checkpoint: signed(`${log.origin}/heads`, leaves, signing),
    index: String(size - 1),
    entry: base64(entries.at(-1) ?? Buffer.alloc(0)),
    path: inclusionProof(leaves, size - 1, size).map(base64),
  };
}

function streamOf(log: BuiltLog, streamId: string, items: readonly MapItem[], bare: readonly number[]): BundleStream {
  const stream = log.stream(streamId);
  const count = log.records.filter((built) => built.streamId === streamId).length;
  const all = itemHead(log, streamId, []);
  // The head of whichever leaves the operator's map has.
  const known = items.find(({ itemKey }) => itemKeys.itemKey(streamId).equals(itemKey));
  const head = known !== undefined && all.valueDigest.equals(known.valueDigest) ? all : undefined;
  return {
    ...stream,
    records: stream.records.map((record): BundleRecord =>
      bare.includes(Number(record.index)) ? bareRecord(log, Number(record.index)) : record,
    ),
    ...(head !== undefined && {
      head: { count: String(count), chain: base64(head.chain), proof: proofOf(items, streamId) },
    }),
  };
}

/** A head over other leaves than the stream has: what an operator's map says that leaves some of them out. */
export function headWithout(
  log: BuiltLog,
  streamId: string,
  items: readonly MapItem[],
  without: readonly number[],
): BundleStream['head'] {
  const head = itemHead(log, streamId, without);
  return { count: String(head.count), chain: base64(head.chain), proof: proofOf(items, streamId) };
}

function absenceOf(log: BuiltLog, streamId: string, items: readonly MapItem[]): BundleAbsence {
  return { ...bucketIn(log.logId, streamId), proof: proofOf(items, streamId) };
}

export function proofOf(items: readonly MapItem[], streamId: string): string {
  return base64(encodeItemMapProof(proveInItems(items, itemKeys.itemKey(streamId))));
}
