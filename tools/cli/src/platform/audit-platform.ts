import { openCheckpoint, parseVerifierKey } from '@countersign/merkle';
import { auditLog, type LogAuditReport, type StoredRecord, type Trust, type VouchedHead } from '@countersign/verifier';
import type { anchoringV1 } from '@countersign/proto';
import type { PlatformClients, SourceClient } from './clients.js';

/** One log's audit with what could be read of the chain. */
export interface LogAuditLine extends LogAuditReport {
  readonly source: string;
  readonly chain: 'PASS' | 'FAIL' | 'NOT_CHECKED';
  readonly chainReason: string;
  readonly oldestUnanchoredSeconds: number;
}

export interface PlatformAudit {
  readonly logs: readonly LogAuditLine[];
  readonly holds: boolean;
}

/**
 * Audits every log as a whole: each stored record against its committed entry, all entries against the signed checkpoint and
 * against the head that the chain stores. Reads everything; memory stays flat.
 */
export async function auditPlatform(
  clients: PlatformClients,
  trust: Trust,
  onProgress?: (source: string, index: number) => void,
): Promise<PlatformAudit> {
  const { logs } = await clients.logs.listLogs({});
  const lines: LogAuditLine[] = [];
  for (const source of clients.sources) lines.push(await auditSource(clients, source, logs, trust, onProgress));
  return { logs: lines, holds: lines.every((line) => line.holds && line.chain !== 'FAIL') };
}

async function auditSource(
  clients: PlatformClients,
  source: SourceClient,
  logs: readonly anchoringV1.Log[],
  trust: Trust,
  onProgress?: (source: string, index: number) => void,
): Promise<LogAuditLine> {
  const { logId } = await source.evidence.getLog({});
  const id = Buffer.from(logId).toString('hex');
  const log = logs.find((candidate) => Buffer.from(candidate.logId).equals(Buffer.from(logId)));
  const pinned = trust.logs.find((candidate) => candidate.logId === id);
  if (log === undefined || pinned === undefined) throw new Error(`log ${id} of ${source.name} is not pinned or not anchored`);
  const signed = openCheckpoint(log.checkpoint, parseVerifierKey(pinned.verifierKey));
  const chain = await chainHead(clients, log, trust);
  const heads: VouchedHead[] = [{ by: 'checkpoint', size: signed.size, root: signed.root }];
  if (chain.head !== undefined) heads.push({ by: 'chain', ...chain.head });
  const report = await auditLog({
    origin: pinned.origin,
    stored: storedRecords(source),
    committed: committedEntries(clients, logId),
    heads,
    onProgress: (index) => onProgress?.(source.name, index),
  });
  const chainHolds = report.heads.find((head) => head.by === 'chain')?.holds;
  return {
    ...report,
    source: source.name,
    chain: chainHolds === undefined ? 'NOT_CHECKED' : chainHolds ? 'PASS' : 'FAIL',
    chainReason: chain.reason,
    oldestUnanchoredSeconds: log.oldestUnanchoredSeconds,
  };
}

/** The head that the chain itself stores, read from the node, never from the anchoring service. */
async function chainHead(
  clients: PlatformClients,
  log: anchoringV1.Log,
  trust: Trust,
): Promise<{ head?: { size: number; root: Uint8Array }; reason: string }> {
  if (clients.chain === undefined) return { reason: 'the profile names no chain node' };
  if ((await clients.chain.identity()) !== trust.chain.identity)
    return { reason: 'the node is of another chain than the trust file pins' };
  const head = (await clients.chain.readHeads([log.logId])).get(Buffer.from(log.logId).toString('hex'));
  if (head === undefined) return { reason: 'the chain holds no head of this log' };
  return { head: { size: head.size, root: head.root }, reason: `height ${head.height}; finality ${head.finality}` };
}

async function* storedRecords(source: SourceClient): AsyncGenerator<StoredRecord> {
  for await (const chunk of source.evidence.readLog({ fromPosition: 0n })) {
    for (const [at, record] of chunk.records.entries()) {
      yield {
        position: Number(record.position),
        streamId: chunk.streamIds[at] ?? '',
        header: record.header,
        entry: record.entry,
        itemKey: chunk.itemKeys[at] ?? new Uint8Array(),
      };
    }
  }
}

async function* committedEntries(clients: PlatformClients, logId: Uint8Array): AsyncGenerator<Uint8Array> {
  for await (const chunk of clients.logs.readEntries({ logId, fromIndex: 0n })) yield* chunk.entries;
}
