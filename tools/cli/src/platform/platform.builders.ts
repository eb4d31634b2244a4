import { createHash } from 'node:crypto';
import { CallError } from '@countersign/grpc';
import type { anchoringV1, evidenceV1 } from '@countersign/proto';
import type { EventSchema } from '@countersign/kernel';
import {
  consistencyProof,
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
  encodeEntry,
  encodeHeadsEntry,
  encodeItemMapProof,
  itemHeadOf,
  ItemKeys,
  itemMapRoot,
  logIdOf,
  proveInItems,
  recordDigest,
  registrationBytes,
} from '@countersign/record';
import type { Trust } from '@countersign/verifier';
import type { PlatformClients } from './clients.js';
import type { Dossier } from './dossier.js';

/** One log of one stream with every party in memory, so that a test can let each of them lie. */
const ORIGIN = 'example.org/inventory';
const CHAIN = 'evm:31337:0x00000000000000000000000000000000000000c5';
const STREAM = 'asset/U1';

const SCHEMA: EventSchema = { type: 'countersign.inventory.AssetMoved.v1', fields: { ric: 'public' } };

function bytes(name: string): Buffer {
  return createHash('sha256').update(`platform fixture ${name}`).digest();
}

const itemKeys = new ItemKeys(bytes('item master'));
const itemKey = itemKeys.itemKey(STREAM);
const logKey = privateKeyFromSeed(bytes('log key'));
const headsKey = privateKeyFromSeed(bytes('heads key'));
const registration = registrationBytes({
  origin: ORIGIN,
  suite: '1',
  logKey: rawPublicKey(logKey),
  headsOrigin: `${ORIGIN}/heads`,
  headsKey: rawPublicKey(headsKey),
  itemCommitment: itemKeys.commitment(),
  organisation: 'depot-usa',
  predecessor: null,
});
const LOG_ID = logIdOf(registration);

export const TRUST: Trust = {
  version: 1,
  logs: [{ origin: ORIGIN, logId: LOG_ID.toString('hex'), verifierKey: verifierKey(ORIGIN, rawPublicKey(logKey)) }],
  policy: 'quorum none\n',
  chain: { identity: CHAIN, name: 'single-node development chain' },
};

/** A record as the service stores it and as it was committed. */
export interface Leaf {
  readonly header: Uint8Array;
  readonly entry: Uint8Array;
}

/** Honest records from sequence 0 on. */
export function leavesOf(count: number): Leaf[] {
  const leaves: Leaf[] = [];
  let prev: Uint8Array | undefined;
  for (let at = 0; at < count; at += 1) {
    const { header, entry, digest } = buildRecord({
      origin: ORIGIN,
      schema: SCHEMA,
      eventData: { ric: 'Z9D' },
      streamId: STREAM,
      sequence: BigInt(at),
      prev,
      eventTime: '2026-11-01T05:10:00Z',
      recordedTime: `2026-11-01T05:10:0${at}Z`,
      actor: 'p-1',
      actingFor: 'W99DP1',
      correlationId: 'c-1',
      label: 'UNCLASSIFIED',
      policy: '1',
      unitKeys: new Map(),
      itemKey,
    });
    leaves.push({ header, entry });
    prev = digest;
  }
  return leaves;
}

/** In hex. */
export function rootOf(leaves: readonly Leaf[]): string {
  return rootFromLeaves(leaves.map(({ entry }) => leafHash(entry))).toString('hex');
}

/** What only the operator can commit: any bytes as a header, at any sequence. */
export function forgedLeaf(header: string, sequence: bigint): Leaf {
  return {
    header: Buffer.from(header),
    entry: encodeEntry({ itemKey, sequence, recordDigest: recordDigest(Buffer.from(header)) }),
  };
}

/** How a party deviates from the log. */
export interface Lies {
  /** Stored instead of what was committed. */
  readonly stored?: readonly Leaf[];
  readonly sources?: readonly string[];
  /** Size of the head that the chain holds; 0 for none. */
  readonly chainSize?: number;
  readonly chainIdentity?: string;
  /** Size of the head that the anchoring service calls confirmed. */
  readonly confirmedSize?: number;
  /** Size of the newest checkpoint that has an item head; 0 for none. */
  readonly headsSize?: number;
}

export function platformOf(committed: readonly Leaf[], lies: Lies = {}): PlatformClients {
  const hashes = committed.map(({ entry }) => leafHash(entry));
  const checkpoint = signCheckpoint({ origin: ORIGIN, size: hashes.length, root: rootFromLeaves(hashes) }, logKey);
  const headOf = (size: number): { size: number; root: Uint8Array } => ({ size, root: rootFromLeaves(hashes.slice(0, size)) });
  const { chainSize = hashes.length, chainIdentity = CHAIN, confirmedSize = chainSize } = lies;
  const records = storedRecords(lies.stored ?? committed);
  const evidence = {
    getLog: () => Promise.resolve({ logId: LOG_ID }),
    readLog: () => each([{ records, streamIds: records.map(() => STREAM), itemKeys: records.map(() => itemKey) }]),
  };
  const anchored = confirmedSize === 0 ? undefined : { size: BigInt(confirmedSize) };
  return {
    sources: (lies.sources ?? ['inventory']).map((name) => ({ name, evidence })),
    logs: {
      listLogs: () =>
        Promise.resolve({ logs: [{ logId: LOG_ID, registration, checkpoint, anchored, oldestUnanchoredSeconds: 0 }] }),
      readEntries: () => each([{ entries: committed.map(({ entry }) => entry) }]),
    },
    proofs: {
      getInclusionProofs: ({ indexes }: { indexes: readonly bigint[] }) =>
        Promise.resolve({ checkpoint, proofs: indexes.map((index) => proofOf(committed, hashes, index)) }),
      getConsistencyProof: ({ fromSize, toSize }: { fromSize: bigint; toSize: bigint }) =>
        Promise.resolve({ path: consistencyProof(hashes, Number(fromSize), Number(toSize)) }),
      getItemEvidence: () => itemEvidence(committed.slice(0, lies.headsSize ?? 0), hashes),
    },
    chain: {
      identity: () => Promise.resolve(chainIdentity),
      readHeads: () =>
        Promise.resolve(
          new Map(chainSize === 0 ? [] : [[LOG_ID.toString('hex'), { ...headOf(chainSize), height: 1n, finality: 'none' }]]),
        ),
      headAt: (_logId: Uint8Array, size: number) =>
        Promise.resolve(size <= chainSize ? { ...headOf(size), blockTime: '' } : undefined),
    },
    close: () => undefined,
  } as unknown as PlatformClients;
}

export function dossierOf(stored: readonly Leaf[]): Dossier {
  const { secret, proof } = itemKeys.bucketProof(bucketOf(STREAM));
  const records = storedRecords(stored);
  const stream = { source: 'inventory', logId: LOG_ID, streamId: STREAM, bucketSecret: secret, bucketProof: proof, records };
  return { item: { kind: 'uii', value: 'U1' }, streams: [stream] };
}

function storedRecords(leaves: readonly Leaf[]): evidenceV1.StoredRecord[] {
  return leaves.map(({ header, entry }, at) => {
    const record = { position: BigInt(at), sequence: BigInt(at), header, entry, disclosures: [], alteredDisclosures: [] };
    return record as unknown as evidenceV1.StoredRecord;
  });
}

function proofOf(committed: readonly Leaf[], hashes: readonly Uint8Array[], index: bigint): anchoringV1.InclusionProof {
  const path = inclusionProof(hashes, Number(index), hashes.length);
  return { index, entry: committed[Number(index)]?.entry, path } as unknown as anchoringV1.InclusionProof;
}

/** The answer about the one item there is, in a log of heads of one entry. */
function itemEvidence(committed: readonly Leaf[], hashes: readonly Uint8Array[]): AsyncIterable<unknown> {
  if (committed.length === 0) return each([], noHeads());
  const size = committed.length;
  const sized = hashes.slice(0, size);
  const head = itemHeadOf(sized.map((hash, at) => ({ leafIndex: BigInt(at), leafHash: hash })));
  const items = [{ itemKey, valueDigest: head.valueDigest }];
  const entry = encodeHeadsEntry({ baseSize: BigInt(size), baseRoot: rootFromLeaves(sized), mapRoot: itemMapRoot(items) });
  const headsCheckpoint = signCheckpoint(
    { origin: `${ORIGIN}/heads`, size: 1, root: rootFromLeaves([leafHash(entry)]) },
    headsKey,
  );
  const checkpoint = signCheckpoint({ origin: ORIGIN, size, root: rootFromLeaves(sized) }, logKey);
  const heads = { checkpoint, headsCheckpoint, headsIndex: 0n, headsEntry: entry, headsPath: [] };
  const item = { itemKey, entryCount: head.count, mapProof: encodeItemMapProof(proveInItems(items, itemKey)) };
  const entries = committed.map((_, at) => proofOf(committed, sized, BigInt(at)));
  return each([
    { part: { case: 'heads', value: heads } },
    { part: { case: 'item', value: item } },
    { part: { case: 'entries', value: { entries: entries.slice(0, 1) } } },
    { part: { case: 'entries', value: { entries: entries.slice(1) } } },
  ]);
}

function noHeads(): CallError {
  return new CallError('there is none', { status: 5, code: 'NOT_FOUND', violations: [], correlationId: 'c-1' });
}

async function* each<T>(items: readonly T[], failure?: Error): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
  if (failure !== undefined) throw failure;
}
