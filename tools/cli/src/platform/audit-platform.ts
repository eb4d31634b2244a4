import { openCheckpoint, parseVerifierKey } from '@countersign/merkle';
import {
  auditLog,
  type LogAuditReport,
  type PinnedLog,
  type StoredRecord,
  type Trust,
  type VouchedHead,
} from '@countersign/verifier';
import type { AnchoredHead } from '@countersign/chain';
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
  const sources = await sourcesOf(clients, trust);
  const lines: LogAuditLine[] = [];
  for (const [pinned, source] of sources) lines.push(await auditSource(clients, pinned, source, logs, trust, onProgress));
  return { logs: lines, holds: lines.every((line) => line.holds && line.chain !== 'FAIL') };
}

/**
 * Which service keeps each pinned log: an audit that leaves one out, or reads one twice, must not say that all logs hold.
 *
 * @throws Error if a pinned log has no source, or a source no pinned log of its own
 */
async function sourcesOf(clients: PlatformClients, trust: Trust): Promise<Map<PinnedLog, SourceClient>> {
  const sources = new Map<PinnedLog, SourceClient>();
  for (const source of clients.sources) {
    const { logId } = await source.evidence.getLog({});
    const pinned = trust.logs.find((log) => log.logId === Buffer.from(logId).toString('hex'));
    if (pinned === undefined) throw new Error(`the trust file does not pin the log of ${source.name}`);
    if (sources.has(pinned)) throw new Error(`${source.name} serves log ${pinned.origin}, as another source does`);
    sources.set(pinned, source);
  }
  const unserved = trust.logs.find((log) => !sources.has(log));
  if (unserved !== undefined) throw new Error(`no source of the profile serves the pinned log ${unserved.origin}`);
  return sources;
}

async function auditSource(
  clients: PlatformClients,
  pinned: PinnedLog,
  source: SourceClient,
  logs: readonly anchoringV1.Log[],
  trust: Trust,
  onProgress?: (source: string, index: number) => void,
): Promise<LogAuditLine> {
  const log = logs.find((candidate) => Buffer.from(candidate.logId).toString('hex') === pinned.logId);
  if (log === undefined) throw new Error(`log ${pinned.origin} is not anchored`);
  const signed = openCheckpoint(log.checkpoint, parseVerifierKey(pinned.verifierKey));
  const chain = await chainHead(clients, log, trust);
  const heads: VouchedHead[] = [{ by: 'checkpoint', size: signed.size, root: signed.root }];
  if (chain.head !== undefined) heads.push({ by: 'chain', ...chain.head });
  const report = await auditLog({
    origin: pinned.origin,
    stored: storedRecords(source),
    committed: committedEntries(clients, log.logId),
    heads,
    onProgress: (index) => onProgress?.(source.name, index),
  });
  const chainHolds = report.heads.find((head) => head.by === 'chain')?.holds ?? true;
  return {
    ...report,
    source: source.name,
    chain: chainHolds ? chain.result : 'FAIL',
    chainReason: chain.reason,
    oldestUnanchoredSeconds: log.oldestUnanchoredSeconds,
  };
}

type ChainHead = Pick<AnchoredHead, 'size' | 'root' | 'height' | 'finality'>;

/** What the chain itself says of a log. */
interface ChainView {
  readonly result: 'PASS' | 'FAIL' | 'NOT_CHECKED';
  readonly head?: ChainHead;
  readonly reason: string;
}

/** The head that the chain itself stores, read from the node, never from the anchoring service. */
async function chainHead({ chain }: PlatformClients, log: anchoringV1.Log, trust: Trust): Promise<ChainView> {
  if (chain === undefined) return { result: 'NOT_CHECKED', reason: 'the profile names no chain node' };
  if ((await chain.identity()) !== trust.chain.identity)
    return { result: 'FAIL', reason: 'the node is of another chain than the trust file pins' };
  const head = (await chain.readHeads([log.logId])).get(Buffer.from(log.logId).toString('hex'));
  // The anchoring service was asked first, and a chain only grows.
  return judgeHead(head, Number(log.anchored?.size ?? 0n));
}

function judgeHead(head: ChainHead | undefined, confirmedSize: number): ChainView {
  const size = head?.size ?? 0;
  if (size < confirmedSize)
    return { result: 'FAIL', head, reason: `the chain held a head of size ${confirmedSize}, now of ${size}` };
  if (head === undefined) return { result: 'NOT_CHECKED', reason: 'the chain holds no head of this log' };
  return { result: 'PASS', head, reason: `height ${head.height}; finality ${head.finality}` };
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
