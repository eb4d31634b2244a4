import { leafHash, verifyInclusion } from '@countersign/merkle';
import { itemKeyOf, parseEntry, parseHeader, recordDigest, type Entry, type RecordHeader } from '@countersign/record';
import type { anchoringV1, evidenceV1 } from '@countersign/proto';
import { openedData, type Trust, type Verdict } from '@countersign/verifier';
import type { PlatformClients } from './clients.js';
import type { Dossier, DossierStream } from './dossier.js';
import { proveLog, type ProvenLog } from './proven-log.js';
import { locateGap, streamOrder, type Gap, type StreamOrder } from './stream-order.js';

/** One event of a dossier as the audit table shows it. */
export interface AuditedEvent {
  readonly source: string;
  readonly position: number;
  readonly streamId: string;
  readonly sequence: number;
  readonly eventId: string;
  /** Event name without context and version; `(unreadable)` if the stored header no longer parses, `(missing)` if there is none. */
  readonly event: string;
  readonly actor: string;
  readonly actingFor: string;
  readonly eventTime: string;
  readonly recordedTime: string;
  /** Block time of the first head on chain that covers the record; empty while there is none. */
  readonly anchoredTime: string;
  readonly label: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly withheld: number;
  readonly inLog: boolean;
  readonly onChain: boolean;
  readonly verdict: Verdict;
  /** What does not agree; empty if all does. */
  readonly reason: string;
}

export interface DossierAudit {
  readonly item: string;
  readonly events: readonly AuditedEvent[];
  readonly holds: boolean;
}

/** Compares every record of a dossier as stored now with what its log committed to, and says which differ. */
export async function auditDossier(clients: PlatformClients, dossier: Dossier, trust: Trust): Promise<DossierAudit> {
  const indexes = new Map<string, bigint[]>();
  for (const stream of dossier.streams) {
    const id = hex(stream.logId);
    indexes.set(id, [...(indexes.get(id) ?? []), ...stream.records.map((record) => record.position)]);
  }
  const logs = new Map<string, ProvenLog>();
  for (const [id, wanted] of indexes) logs.set(id, await proveLog(clients, id, wanted, trust));
  const events = (await Promise.all(dossier.streams.map((stream) => auditStream(clients, stream, logs, trust)))).flat();
  events.sort((a, b) => (a.recordedTime < b.recordedTime ? -1 : a.recordedTime > b.recordedTime ? 1 : a.position - b.position));
  return { item: `${dossier.item.kind} ${dossier.item.value}`, events, holds: events.every((event) => event.verdict === 'OK') };
}

async function auditStream(
  clients: PlatformClients,
  stream: DossierStream,
  logs: ReadonlyMap<string, ProvenLog>,
  trust: Trust,
): Promise<AuditedEvent[]> {
  const logId = hex(stream.logId);
  const log = logs.get(logId);
  const itemKey = itemKeyOf(stream.bucketSecret, stream.streamId);
  const order = orderOf(stream, itemKey, log);
  const events = stream.records.map((record, at) => {
    const proof = log?.byIndex.get(record.position);
    const fault = log === undefined || proof === undefined ? missing() : faultOf(record, stream, { itemKey, order, proof, log });
    return describe(stream, record, at, proof, log, fault);
  });
  // Every stream that a service names began with a record.
  if (stream.records.length === 0) events.push(describeGap(stream, { sequence: 0n, after: -1n, before: 0n }, undefined, log));
  for (const gap of order.gaps) {
    events.push(describeGap(stream, gap, await locateGap(clients, logId, itemKey, gap, trust), log));
  }
  return events;
}

/** By the committed entries of the leaves at which the stream's records stand; those of another stream have a fault of their own. */
function orderOf(stream: DossierStream, itemKey: Uint8Array, log: ProvenLog | undefined): StreamOrder {
  const places = stream.records.flatMap(({ position }) => {
    const proof = log?.byIndex.get(position);
    const entry = proof === undefined ? undefined : parseEntry(proof.entry);
    return entry !== undefined && same(entry.itemKey, itemKey) ? [{ position, sequence: entry.sequence }] : [];
  });
  return streamOrder(places);
}

interface Fault {
  readonly verdict: Verdict;
  readonly reason: string;
}

function missing(): Fault {
  return { verdict: 'PENDING', reason: 'not in the log yet' };
}

interface Committed {
  readonly itemKey: Uint8Array;
  readonly order: StreamOrder;
  readonly proof: anchoringV1.InclusionProof;
  readonly log: ProvenLog;
}

function faultOf(
  record: evidenceV1.StoredRecord,
  stream: DossierStream,
  { itemKey, order, proof, log }: Committed,
): Fault | undefined {
  verifyInclusion({
    leafHash: leafHash(proof.entry),
    index: Number(proof.index),
    size: log.size,
    proof: proof.path,
    root: log.root,
  });
  const committed = parseEntry(proof.entry);
  if (!same(recordDigest(record.header), committed.recordDigest)) {
    return { verdict: 'ALTERED', reason: 'the stored header is not the one that was committed' };
  }
  if (!same(itemKey, committed.itemKey)) return { verdict: 'ALTERED', reason: 'the record was committed for another stream' };
  if (order.repeated.has(record.position))
    return { verdict: 'INSERTED', reason: `sequence ${committed.sequence} of the stream was committed before` };
  if (order.misplaced.has(record.position))
    return { verdict: 'REORDERED', reason: `it was committed as sequence ${committed.sequence} of the stream` };
  if (!same(record.entry, proof.entry))
    return { verdict: 'ALTERED', reason: 'the stored entry is not the one that was committed' };
  if (record.alteredDisclosures.length > 0)
    return { verdict: 'ALTERED', reason: 'a stored disclosure does not match its digest' };
  if (!isRecordOf(record, committed, stream, log))
    return { verdict: 'ALTERED', reason: 'what was committed is no record of this stream' };
  return undefined;
}

/** The service that writes a log can commit anything: agreeing with what was committed is not being a record. */
function isRecordOf(
  record: evidenceV1.StoredRecord,
  committed: Entry,
  { streamId }: DossierStream,
  { origin }: ProvenLog,
): boolean {
  const { header } = readable(record);
  return header?.subject === streamId && header.source === origin && header.sequence === committed.sequence;
}

function describe(
  stream: DossierStream,
  record: evidenceV1.StoredRecord,
  at: number,
  proof: anchoringV1.InclusionProof | undefined,
  log: ProvenLog | undefined,
  fault: Fault | undefined,
): AuditedEvent {
  const { header, data, altered } = readable(record);
  const onChain = isOnChain(proof, log);
  const verdict =
    fault ?? (altered ? { verdict: 'ALTERED' as const, reason: 'a disclosure does not match its digest' } : undefined);
  return {
    source: stream.source,
    position: Number(record.position),
    streamId: stream.streamId,
    sequence: at,
    ...columnsOf(header, record.disclosures.length),
    anchoredTime: log?.anchoredTime(proof?.firstAnchored?.size) ?? '',
    data,
    inLog: proof !== undefined,
    onChain,
    ...(verdict ?? { verdict: onChain ? 'OK' : 'PENDING', reason: '' }),
  };
}

/** A line for a record that is committed and no longer stored. @param leaf undefined if only its neighbours are known */
function describeGap(stream: DossierStream, gap: Gap, leaf: bigint | undefined, log: ProvenLog | undefined): AuditedEvent {
  const isBetween = leaf === undefined && stream.records.length > 0;
  const where = isBetween ? `; its leaf lies between ${gap.after} and ${gap.before}` : '';
  return {
    source: stream.source,
    position: Number(leaf ?? gap.before),
    streamId: stream.streamId,
    sequence: Number(gap.sequence),
    ...columnsOf(undefined, 0),
    event: '(missing)',
    anchoredTime: '',
    data: {},
    inLog: leaf !== undefined,
    onChain: leaf !== undefined && log?.onChain === true,
    verdict: 'MISSING',
    reason: `sequence ${gap.sequence} of the stream is committed but no longer stored${where}`,
  };
}

function isOnChain(proof: anchoringV1.InclusionProof | undefined, log: ProvenLog | undefined): boolean {
  return proof !== undefined && log?.onChain === true;
}

type HeaderColumns = Pick<
  AuditedEvent,
  'eventId' | 'event' | 'actor' | 'actingFor' | 'eventTime' | 'recordedTime' | 'label' | 'withheld'
>;

function columnsOf(header: RecordHeader | undefined, disclosed: number): HeaderColumns {
  if (header === undefined) {
    return {
      eventId: '',
      event: '(unreadable)',
      actor: '',
      actingFor: '',
      eventTime: '',
      recordedTime: '',
      label: '',
      withheld: 0,
    };
  }
  const { id, type, actor, actingFor, time, recordedTime, label } = header;
  const withheld = header.sd.length - disclosed;
  return { eventId: id, event: type.split('.')[2] ?? '', actor, actingFor, eventTime: time, recordedTime, label, withheld };
}

/** What still reads of a record whose bytes may have been changed. */
function readable(record: evidenceV1.StoredRecord): { header?: RecordHeader; data: Record<string, unknown>; altered: boolean } {
  let header: RecordHeader;
  try {
    header = parseHeader(record.header, { continuesPredecessor: true });
  } catch {
    return { data: {}, altered: false }; // Its fault is named already.
  }
  try {
    return { header, data: openedData(header, record.disclosures), altered: false };
  } catch {
    return { header, data: {}, altered: true };
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
