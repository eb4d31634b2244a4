import { itemKeyOf } from '@countersign/record';
import { sealBundle, type BundleLog, type BundleRecord, type BundleStream, type Trust } from '@countersign/verifier';
import type { anchoringV1, evidenceV1 } from '@countersign/proto';
import type { PlatformClients } from './clients.js';
import type { Dossier, DossierStream } from './dossier.js';
import { fetchItems, type LogItems } from './item-evidence.js';
import { fetchProofs, type LogProofs } from './proofs.js';

/** All that was fetched of one log, under one checkpoint. */
interface LogEvidence {
  readonly proofs: LogProofs;
  /** Undefined while no item head covers all records of the dossier. */
  readonly items?: LogItems;
  readonly earlier?: BundleLog['earlier'];
}

/**
 * Builds the sealed proof bundle of a dossier (docs/bundle.md).
 *
 * @param trust of whom the bundle is for: it gets the consistency proofs from the heads that this file remembers
 */
export async function bundleOf(clients: PlatformClients, dossier: Dossier, trust?: Trust): Promise<Buffer> {
  const logs = new Map<string, Uint8Array>();
  for (const stream of dossier.streams) logs.set(base64(stream.logId), stream.logId);
  const registered = await clients.logs.listLogs({});
  const evidence = new Map<string, LogEvidence>();
  for (const [id, logId] of logs) {
    const streams = dossier.streams.filter((stream) => base64(stream.logId) === id);
    evidence.set(id, await fetchEvidence(clients, logId, streams, trust));
  }
  return sealBundle({
    version: 1,
    item: { kind: dossier.item.kind, value: dossier.item.value },
    logs: [...evidence].map(([id, { proofs, items, earlier }]) => {
      const log = registered.logs.find((candidate) => base64(candidate.logId) === id);
      return {
        logId: id,
        registration: Buffer.from(log?.registration ?? []).toString('utf8'),
        checkpoint: proofs.checkpoint,
        ...(proofs.anchored !== undefined && { anchored: bundledHead(proofs.anchored) }),
        ...(earlier !== undefined && { earlier }),
        ...(items !== undefined && { heads: items.heads }),
      };
    }),
    streams: dossier.streams.map((stream) => bundledStream(stream, evidence.get(base64(stream.logId)))),
  });
}

async function fetchEvidence(
  clients: PlatformClients,
  logId: Uint8Array,
  streams: readonly DossierStream[],
  trust: Trust | undefined,
): Promise<LogEvidence> {
  const indexes = streams.flatMap((stream) => stream.records.map((record) => record.position));
  const found = await fetchItems(clients, logId, streams.map(keyOf));
  // Heads follow checkpoints by a moment: the newest records may have none yet, and all records are proven under one checkpoint.
  const items = found !== undefined && indexes.every((index) => index < found.size) ? found : undefined;
  const proofs = await fetchProofs(clients, logId, indexes, items?.size ?? 0n);
  return { proofs, items, earlier: await fetchEarlier(clients, logId, proofs.checkpoint, trust) };
}

/** The proof that the log extends the head that the reader remembers. */
async function fetchEarlier(
  clients: PlatformClients,
  logId: Uint8Array,
  checkpoint: string,
  trust: Trust | undefined,
): Promise<BundleLog['earlier']> {
  const seen = trust?.logs.find((log) => log.logId === Buffer.from(logId).toString('hex'))?.seen;
  const toSize = BigInt(checkpoint.split('\n')[1] ?? '0');
  if (seen === undefined || BigInt(seen.size) >= toSize) return undefined;
  const { path } = await clients.proofs.getConsistencyProof({ logId, fromSize: BigInt(seen.size), toSize });
  return [{ size: seen.size, path: path.map(base64) }];
}

function bundledStream(stream: DossierStream, evidence: LogEvidence | undefined): BundleStream {
  // What the log holds of the stream and its service does not give is not filled in: the head says that it is missing.
  const head = evidence?.items?.byItem.get(keyOf(stream).toString('hex'));
  return {
    logId: base64(stream.logId),
    streamId: stream.streamId,
    bucketSecret: base64(stream.bucketSecret),
    bucketProof: stream.bucketProof.map(base64),
    records: stream.records.map((record) => bundledRecord(record, evidence?.proofs)),
    ...(head !== undefined && { head }),
  };
}

function bundledRecord(record: evidenceV1.StoredRecord, proofs: LogProofs | undefined): BundleRecord {
  const proof = proofs?.byIndex.get(record.position);
  const anchoredTime = proof?.firstAnchored?.blockTime;
  return {
    index: record.position.toString(),
    header: Buffer.from(record.header).toString('utf8'),
    disclosures: [...record.disclosures],
    path: (proof?.path ?? []).map(base64),
    ...(anchoredTime !== undefined && { anchoredTime }),
  };
}

function keyOf({ bucketSecret, streamId }: DossierStream): Buffer {
  return itemKeyOf(bucketSecret, streamId);
}

function bundledHead(head: anchoringV1.AnchoredHead): NonNullable<BundleLog['anchored']> {
  return {
    chain: head.chain,
    size: head.size.toString(),
    root: base64(head.root),
    height: head.height.toString(),
    blockTime: head.blockTime,
    finality: head.finality,
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
