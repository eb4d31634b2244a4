import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import type { EventSchema, JsonObject } from '@countersign/kernel';
import {
  cosign,
  formatCheckpoint,
  inclusionProof,
  leafHash,
  privateKeyFromSeed,
  rawPublicKey,
  rootFromLeaves,
  signNote,
  verifierKey,
  type Cosigner,
} from '@countersign/merkle';
import {
  bucketOf,
  buildRecord,
  ItemKeys,
  LOG_OPENED,
  logIdOf,
  logStreamId,
  openDisclosure,
  parseHeader,
  registrationBytes,
  type Predecessor,
  type SealedRecord,
} from '@countersign/record';
import type { Bundle, BundleAbsence, BundleStream, FullRecord } from './bundle.js';
import type { Trust } from './trust.js';

/** A small log with two streams of one item and one of another, built from fixed seeds: the same bytes every time. */
export const ORIGIN = 'example.org/inventory';
const CHAIN = 'evm:31337:0x00000000000000000000000000000000000000c5';

export type Writable<T> = { -readonly [K in keyof T]: Writable<T[K]> };

/** A bundle of full records only, so that tests reach into them. */
export type FullStream = Omit<BundleStream, 'records'> & { readonly records: readonly FullRecord[] };
export type FullBundle = Omit<Bundle, 'streams'> & { readonly streams: readonly FullStream[] };

const SCHEMA: EventSchema = {
  type: 'countersign.inventory.MaterielReceiptPosted.v1',
  fields: { ric: 'public', quantity: { group: 'logistics' }, remark: { group: 'remarks' } },
};

export function seeded(name: string, size = 32): Buffer {
  return createHash('sha256').update(`bundle fixture ${name}`).digest().subarray(0, size);
}

export function keyOf(name: string): KeyObject {
  return privateKeyFromSeed(seeded(name));
}

export const itemKeys = new ItemKeys(seeded('item master'));
export const logKey = keyOf('log key');
export const headsKey = keyOf('heads key');
const unitKey = { keyId: seeded('unit key id', 16), key: createSecretKey(seeded('unit key')) };
export const UNIT_KEY_ID = unitKey.keyId.toString('hex');

export interface Built {
  readonly streamId: string;
  readonly record: SealedRecord;
}

/** What a leaf of another kind than a receipt says; it may name records before it. */
export type LeafEvent = (log: { readonly logId: Buffer; readonly records: readonly Built[] }) => {
  readonly schema: EventSchema;
  readonly data: JsonObject;
};

/** Stream of a leaf, and what it says if it is no receipt. A first leaf of `log/…` opens the log. */
export type Leaf =
  | string
  | {
      readonly streamId: string;
      readonly event?: LeafEvent;
      /** Takes the place of the stream's record before it a second time. */
      readonly again?: true;
      /** Names another log than the one it stands in. */
      readonly origin?: string;
    };

/** What another log than the golden one is made of. */
export interface LogOptions {
  readonly leaves?: readonly Leaf[];
  /** Log id that a LogOpened names; the log's own if absent. */
  readonly opens?: string;
  readonly predecessor?: Predecessor;
  /** Record digest that the first record of each stream names as its predecessor's. */
  readonly prev?: Uint8Array;
  readonly origin?: string;
}

export interface Signing {
  /** Key of the log; by default that of the registration. */
  readonly key?: KeyObject;
  readonly cosigned?: readonly (readonly [Cosigner, number])[];
}

export interface BuiltLog {
  readonly origin: string;
  readonly registration: Buffer;
  readonly logId: Buffer;
  /** In leaf order. */
  readonly records: readonly Built[];
  readonly leaves: readonly Buffer[];
  /** A stream as a bundle holds it, proven under the first `size` leaves. */
  stream(streamId: string, size?: number): FullStream;
  /** Signed note over the first `size` leaves. */
  checkpoint(size?: number, signing?: Signing): string;
}

export interface BundleFixture {
  readonly log: BuiltLog;
  readonly bundle: FullBundle;
  readonly trust: Trust;
  /** All records of the log in leaf order, with their streams. */
  readonly records: readonly Built[];
  /** Re-signs the checkpoint over the given entries: what an operator with the log key could do. */
  signedOver(entries: readonly Uint8Array[]): string;
}

/** Leaf order: asset 0, stock 0, asset 1, other 0, asset 2, stock 1, asset 3. */
const LEAVES: readonly string[] = ['asset/U1', 'stock/Z9D/1', 'asset/U1', 'asset/U2', 'asset/U1', 'stock/Z9D/1', 'asset/U1'];
const UNBUNDLED = 'asset/U2';

export function buildFixture(options: LogOptions = {}): BundleFixture {
  const log = buildLog(options);
  const { logId, records } = log;
  const bundle: FullBundle = {
    version: 1,
    item: { kind: 'uii', value: 'U1' },
    logs: [
      {
        logId: base64(logId),
        registration: log.registration.toString('utf8'),
        checkpoint: log.checkpoint(),
        anchored: {
          chain: CHAIN,
          size: String(log.leaves.length),
          root: base64(rootFromLeaves(log.leaves)),
          height: '12',
          blockTime: '2026-11-09T08:00:01Z',
          finality: 'NOT_CHECKED: single-node development chain',
        },
      },
    ],
    streams: [...new Set(records.map(({ streamId }) => streamId))]
      .filter((streamId) => streamId !== UNBUNDLED)
      .map((streamId) => log.stream(streamId)),
  };
  const signedOver = (entries: readonly Uint8Array[]): string =>
    signed(
      log.origin,
      entries.map((entry) => leafHash(entry)),
      {},
    );
  return { log, bundle, trust: trustIn(log), records, signedOver };
}

/** A trust file that pins the log and asks for nothing else. */
export function trustIn({ origin, logId }: BuiltLog): Trust {
  return {
    version: 1,
    logs: [{ origin, logId: logId.toString('hex'), verifierKey: verifierKey(origin, rawPublicKey(logKey)) }],
    policy: 'quorum none\n',
    chain: { identity: CHAIN, name: 'single-node development chain' },
  };
}

export function buildLog(options: LogOptions = {}): BuiltLog {
  const origin = options.origin ?? ORIGIN;
  const registration = buildRegistration(origin, options.predecessor ?? null);
  const logId = logIdOf(registration);
  const records = buildRecords(origin, logId, options);
  const leaves = records.map(({ record }) => leafHash(record.entry));
  return {
    origin,
    registration,
    logId,
    records,
    leaves,
    stream: (streamId, size = leaves.length) => ({
      ...bucketIn(logId, streamId),
      records: records.slice(0, size).flatMap((built, index) => (built.streamId === streamId ? [full(built.record, index)] : [])),
    }),
    checkpoint: (size = leaves.length, signing = {}) => signed(origin, leaves.slice(0, size), signing),
  };

  function full(record: SealedRecord, index: number): FullRecord {
    return {
      index: String(index),
      header: record.header.toString('utf8'),
      // The remarks stay withheld: half of every record.
      disclosures: openedLogistics(record),
      path: inclusionProof(leaves, index, leaves.length).map(base64),
      anchoredTime: '2026-11-09T08:00:01Z',
    };
  }
}

/** Bucket secret and proof of a stream, as a bundle holds them. */
export function bucketIn(logId: Uint8Array, streamId: string): Omit<BundleAbsence, 'proof'> {
  const { secret, proof } = itemKeys.bucketProof(bucketOf(streamId));
  return { logId: base64(logId), streamId, bucketSecret: base64(secret), bucketProof: proof.map(base64) };
}

function detailsOf(leaf: Leaf): Exclude<Leaf, string> {
  return typeof leaf === 'string' ? { streamId: leaf } : leaf;
}

/** A checkpoint over these leaf hashes, signed and cosigned. */
export function signed(origin: string, leaves: readonly Uint8Array[], { key = logKey, cosigned = [] }: Signing): string {
  const body = formatCheckpoint({ origin, size: leaves.length, root: rootFromLeaves(leaves) });
  const lines = cosigned.map(([cosigner, time]) => cosign(body, cosigner, time));
  return signNote(body, { name: origin, privateKey: key }) + lines.join('');
}

function buildRegistration(origin: string, predecessor: Predecessor | null): Buffer {
  return registrationBytes({
    origin,
    suite: '1',
    logKey: rawPublicKey(logKey),
    headsOrigin: `${origin}/heads`,
    headsKey: rawPublicKey(headsKey),
    itemCommitment: itemKeys.commitment(),
    organisation: 'depot-usa',
    predecessor,
  });
}

function buildRecords(origin: string, logId: Buffer, options: LogOptions): Built[] {
  interface Place {
    readonly sequence: bigint;
    readonly digest?: Uint8Array;
  }
  const heads = new Map<string, Place>();
  const taken = new Map<string, Place>();
  const records: Built[] = [];
  for (const [at, leaf] of (options.leaves ?? LEAVES).entries()) {
    const { streamId, event, again, origin: named = origin } = detailsOf(leaf);
    const places = again === true ? taken : heads;
    const head = places.get(streamId) ?? { sequence: 0n, digest: options.prev };
    const { schema, data } = event === undefined ? eventAt(at, streamId) : event({ logId, records });
    const record = buildRecord({
      origin: named,
      schema,
      eventData: data,
      streamId,
      sequence: head.sequence,
      prev: head.digest,
      continuesPredecessor: options.predecessor !== undefined,
      eventTime: `2026-11-0${at + 1}T05:10:00+01:00`,
      recordedTime: `2026-11-0${at + 1}T08:14:00.000Z`,
      actor: seeded('actor', 16).toString('hex'),
      actingFor: 'W99DP1',
      correlationId: '019a0000-0000-7000-8000-00000000000a',
      label: 'UNCLASSIFIED',
      policy: '1',
      unitKeys: new Map([
        ['logistics', unitKey],
        ['remarks', unitKey],
      ]),
      itemKey: itemKeys.itemKey(streamId),
      eventId: `019a0000-0000-7000-8000-00000000010${at}`,
      salts: {
        header: seeded(`salt ${at}`),
        groups: new Map(['logistics', 'remarks'].map((group) => [group, seeded(`salt ${at} ${group}`)])),
      },
    });
    taken.set(streamId, head);
    heads.set(streamId, { sequence: head.sequence + 1n, digest: record.digest });
    records.push({ streamId, record });
  }
  return records;

  function eventAt(at: number, streamId: string): { schema: EventSchema; data: JsonObject } {
    return streamId === logStreamId(origin)
      ? { schema: LOG_OPENED, data: { logId: options.opens ?? logId.toString('hex') } }
      : { schema: SCHEMA, data: { ric: 'Z9D', quantity: at + 1, remark: `entry ${at}` } };
  }
}

function openedLogistics({ eventId, header, disclosures }: SealedRecord): string[] {
  const { source } = parseHeader(header, { continuesPredecessor: true });
  const opened = disclosures.filter(({ group }) => group === 'logistics');
  return opened.map(({ envelope }) => openDisclosure({ envelope, source, eventId, key: unitKey.key }).encoded);
}

export function base64(value: Uint8Array): string {
  return Buffer.from(value).toString('base64');
}
