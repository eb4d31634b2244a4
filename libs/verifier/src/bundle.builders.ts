import { createHash, createSecretKey } from 'node:crypto';
import type { EventSchema, JsonObject } from '@countersign/kernel';
import {
  inclusionProof,
  leafHash,
  privateKeyFromSeed,
  rawPublicKey,
  rootFromLeaves,
  signCheckpoint,
  verifierKey,
} from '@countersign/merkle';
import {
  bucketOf,
  buildRecord,
  ItemKeys,
  LOG_OPENED,
  logIdOf,
  logStreamId,
  openDisclosure,
  registrationBytes,
  type Predecessor,
  type SealedRecord,
} from '@countersign/record';
import type { Bundle } from './bundle.js';
import type { Trust } from './trust.js';

/** A small log with two streams of one item and one of another, built from fixed seeds: the same bytes every time. */
export const ORIGIN = 'example.org/inventory';
const CHAIN = 'evm:31337:0x00000000000000000000000000000000000000c5';

const SCHEMA: EventSchema = {
  type: 'countersign.inventory.MaterielReceiptPosted.v1',
  fields: { ric: 'public', quantity: { group: 'logistics' }, remark: { group: 'remarks' } },
};

function bytes(name: string, size: number): Buffer {
  return createHash('sha256').update(`bundle fixture ${name}`).digest().subarray(0, size);
}

const itemKeys = new ItemKeys(bytes('item master', 32));
const logKey = privateKeyFromSeed(bytes('log key', 32));
const headsKey = privateKeyFromSeed(bytes('heads key', 32));
const unitKey = { keyId: bytes('unit key id', 16), key: createSecretKey(bytes('unit key', 32)) };

interface Built {
  readonly streamId: string;
  readonly record: SealedRecord;
}

export interface BundleFixture {
  readonly bundle: Bundle;
  readonly trust: Trust;
  /** All records of the log in leaf order, with their streams. */
  readonly records: readonly Built[];
  /** Re-signs the checkpoint over the given entries: what an operator with the log key could do. */
  signedOver(entries: readonly Uint8Array[]): string;
}

/** What another log than the golden one is made of. */
export interface LogOptions {
  /** Stream of each leaf. A stream `log/…` holds a LogOpened. */
  readonly leaves?: readonly string[];
  /** Log id that a LogOpened names; the log's own if absent. */
  readonly opens?: string;
  readonly predecessor?: Predecessor;
  /** Record digest that the first record of each stream names as its predecessor's. */
  readonly prev?: Uint8Array;
}

/** Leaf order: asset 0, stock 0, asset 1, other 0, asset 2, stock 1, asset 3. */
const LEAVES: readonly string[] = ['asset/U1', 'stock/Z9D/1', 'asset/U1', 'asset/U2', 'asset/U1', 'stock/Z9D/1', 'asset/U1'];
const UNBUNDLED = 'asset/U2';

export function buildFixture(options: LogOptions = {}): BundleFixture {
  const registration = buildRegistration(options.predecessor ?? null);
  const logId = logIdOf(registration);
  const streamIds = options.leaves ?? LEAVES;
  const records = buildRecords(streamIds, { opens: logId.toString('hex'), ...options });
  const leaves = records.map(({ record }) => leafHash(record.entry));
  const signedOver = (entries: readonly Uint8Array[]): string =>
    signCheckpoint(
      { origin: ORIGIN, size: entries.length, root: rootFromLeaves(entries.map((entry) => leafHash(entry))) },
      logKey,
    );
  const bundle: Bundle = {
    version: 1,
    item: { kind: 'uii', value: 'U1' },
    logs: [
      {
        logId: base64(logId),
        registration: registration.toString('utf8'),
        checkpoint: signedOver(records.map(({ record }) => record.entry)),
        anchored: {
          chain: CHAIN,
          size: String(leaves.length),
          root: base64(rootFromLeaves(leaves)),
          height: '12',
          blockTime: '2026-11-09T08:00:01Z',
          finality: 'NOT_CHECKED: single-node development chain',
        },
      },
    ],
    streams: [...new Set(streamIds)]
      .filter((streamId) => streamId !== UNBUNDLED)
      .map((streamId) => bundledStream(streamId, records, leaves, logId)),
  };
  const trust: Trust = {
    version: 1,
    logs: [{ origin: ORIGIN, logId: logId.toString('hex'), verifierKey: verifierKey(ORIGIN, rawPublicKey(logKey)) }],
    witnesses: { quorum: 0, verifierKeys: [] },
    chain: { identity: CHAIN, name: 'single-node development chain' },
  };
  return { bundle, trust, records, signedOver };
}

function buildRegistration(predecessor: Predecessor | null): Buffer {
  return registrationBytes({
    origin: ORIGIN,
    suite: '1',
    logKey: rawPublicKey(logKey),
    headsOrigin: `${ORIGIN}/heads`,
    headsKey: rawPublicKey(headsKey),
    itemCommitment: itemKeys.commitment(),
    organisation: 'depot-usa',
    predecessor,
  });
}

function buildRecords(streamIds: readonly string[], options: LogOptions): Built[] {
  const heads = new Map<string, { sequence: bigint; digest?: Uint8Array }>();
  return streamIds.map((streamId, at) => {
    const head = heads.get(streamId) ?? { sequence: 0n, digest: options.prev };
    const opening = streamId === logStreamId(ORIGIN);
    const data: JsonObject = opening ? { logId: options.opens ?? '' } : { ric: 'Z9D', quantity: at + 1, remark: `entry ${at}` };
    const record = buildRecord({
      origin: ORIGIN,
      schema: opening ? LOG_OPENED : SCHEMA,
      eventData: data,
      streamId,
      sequence: head.sequence,
      prev: head.digest,
      continuesPredecessor: options.predecessor !== undefined,
      eventTime: `2026-11-0${at + 1}T05:10:00+01:00`,
      recordedTime: `2026-11-0${at + 1}T08:14:00.000Z`,
      actor: bytes('actor', 16).toString('hex'),
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
        header: bytes(`salt ${at}`, 32),
        groups: new Map(['logistics', 'remarks'].map((group) => [group, bytes(`salt ${at} ${group}`, 32)])),
      },
    });
    heads.set(streamId, { sequence: head.sequence + 1n, digest: record.digest });
    return { streamId, record };
  });
}

function bundledStream(
  streamId: string,
  records: readonly Built[],
  leaves: readonly Uint8Array[],
  logId: Uint8Array,
): Bundle['streams'][number] {
  const { secret, proof } = itemKeys.bucketProof(bucketOf(streamId));
  return {
    logId: base64(logId),
    streamId,
    bucketSecret: base64(secret),
    bucketProof: proof.map(base64),
    records: records.flatMap((built, index) =>
      built.streamId === streamId
        ? [
            {
              index: String(index),
              header: built.record.header.toString('utf8'),
              // The remarks stay withheld: half of every record.
              disclosures: openedLogistics(built.record),
              path: inclusionProof(leaves, index, leaves.length).map(base64),
              anchoredTime: '2026-11-09T08:00:01Z',
            },
          ]
        : [],
    ),
  };
}

function openedLogistics({ eventId, disclosures }: SealedRecord): string[] {
  const opened = disclosures.filter(({ group }) => group === 'logistics');
  return opened.map(({ envelope }) => openDisclosure({ envelope, source: ORIGIN, eventId, key: unitKey.key }).encoded);
}

function base64(value: Uint8Array): string {
  return Buffer.from(value).toString('base64');
}
