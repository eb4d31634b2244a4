import { sealBundle, type Bundle } from '@countersign/verifier';
import type { anchoringV1 } from '@countersign/proto';
import type { PlatformClients } from './clients.js';
import type { Dossier, DossierStream } from './dossier.js';
import { fetchProofs, type LogProofs } from './proofs.js';

/** Builds the sealed proof bundle of a dossier (docs/bundle.md). */
export async function bundleOf(clients: PlatformClients, dossier: Dossier): Promise<Buffer> {
  const logs = new Map<string, Uint8Array>();
  for (const stream of dossier.streams) logs.set(base64(stream.logId), stream.logId);
  const registered = await clients.logs.listLogs({});
  const proofs = new Map<string, LogProofs>();
  for (const [id, logId] of logs) proofs.set(id, await fetchProofs(clients, logId, indexesOf(dossier.streams, id)));

  return sealBundle({
    version: 1,
    item: { kind: dossier.item.kind, value: dossier.item.value },
    logs: [...proofs].map(([id, found]) => {
      const log = registered.logs.find((candidate) => base64(candidate.logId) === id);
      return {
        logId: id,
        registration: Buffer.from(log?.registration ?? []).toString('utf8'),
        checkpoint: found.checkpoint,
        ...(found.anchored === undefined ? {} : { anchored: bundledHead(found.anchored) }),
      };
    }),
    streams: dossier.streams.map((stream) => bundledStream(stream, proofs.get(base64(stream.logId)))),
  });
}

function indexesOf(streams: readonly DossierStream[], logId: string): bigint[] {
  return streams
    .filter((stream) => base64(stream.logId) === logId)
    .flatMap((stream) => stream.records.map((record) => record.position));
}

function bundledStream(stream: DossierStream, proofs: LogProofs | undefined): Bundle['streams'][number] {
  return {
    logId: base64(stream.logId),
    streamId: stream.streamId,
    bucketSecret: base64(stream.bucketSecret),
    bucketProof: stream.bucketProof.map(base64),
    records: stream.records.map((record) => {
      const proof = proofs?.byIndex.get(record.position);
      const anchoredTime = proof?.firstAnchored?.blockTime;
      return {
        index: record.position.toString(),
        header: Buffer.from(record.header).toString('utf8'),
        disclosures: [...record.disclosures],
        path: (proof?.path ?? []).map(base64),
        ...(anchoredTime === undefined ? {} : { anchoredTime }),
      };
    }),
  };
}

function bundledHead(head: anchoringV1.AnchoredHead): NonNullable<Bundle['logs'][number]['anchored']> {
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
