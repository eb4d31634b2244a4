import type { MessageInitShape } from '@bufbuild/protobuf';
import { hasRole, requireRole } from '@countersign/access';
import type { Journal, LogIdentity, LogReader, LogRow, NaturalKey, OpenedRow, ReadScope } from '@countersign/event-log';
import { GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { DomainError, isPersonalGroup, type Actor } from '@countersign/kernel';
import { evidenceV1 } from '@countersign/proto';
import { bucketOf } from '@countersign/record';
import { Inject } from '@nestjs/common';

import { LIMITS } from './config.js';
import { readChunks } from './log-chunks.js';
import { JOURNAL, LOG_IDENTITY, LOG_READER } from './tokens.js';

const KEY_KINDS: readonly string[] = [
  'uii',
  'document-number',
  'piid',
  'tcn',
  'nsn',
  'organisation',
  'rtd-reference',
  'principal',
] satisfies NaturalKey['kind'][];

const CHUNK = { recordsMax: LIMITS.logChunkRecordsMax, bytesMax: LIMITS.logChunkBytesMax };

/**
 * The evidence door of a service with a log. Bytes go out as they are stored: that somebody altered the store is for the verifier to
 * see, not for this door to fail on. A stream the caller may not read is as if it were not there.
 */
@GrpcController(evidenceV1.EvidenceService)
export class EvidenceController implements GrpcHandlers<typeof evidenceV1.EvidenceService> {
  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    @Inject(LOG_READER) private readonly log: LogReader,
    @Inject(LOG_IDENTITY) private readonly identity: LogIdentity,
  ) {}

  async getLog(): Promise<MessageInitShape<typeof evidenceV1.GetLogResponseSchema>> {
    const { logId, registration } = this.identity;
    return { logId, registration, size: await this.log.size() };
  }

  async findStreams(
    request: evidenceV1.FindStreamsRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof evidenceV1.FindStreamsResponseSchema>> {
    const streams = await this.log.findStreams(request.keys.map(naturalKey), scopeOf(call.actor));
    return {
      streams: streams.map(({ streamId, identified, keys }) => ({
        streamId,
        identified,
        keys: keys.map(({ kind, value }) => ({ kind, value })),
      })),
    };
  }

  async getStream(
    { streamId }: evidenceV1.GetStreamRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof evidenceV1.GetStreamResponseSchema>> {
    const scope = scopeOf(call.actor);
    // The same answer, whether the stream is not there or not his to know.
    if (scope !== 'all' && !(await this.journal.mayRead(streamId, scope.organisationId))) throw new DomainError('NOT_FOUND');
    const rows = await this.log.readStreamRows(streamId);
    if (rows.length === 0) throw new DomainError('NOT_FOUND');
    const opened = await this.log.openRows(rows);
    const { secret, proof } = this.identity.itemKeys.bucketProof(bucketOf(streamId));
    return { records: opened.map(openedRecord), bucketSecret: secret, bucketProof: [...proof] };
  }

  async *readLog(
    { fromPosition }: evidenceV1.ReadLogRequest,
    call: RpcCall,
  ): AsyncGenerator<MessageInitShape<typeof evidenceV1.ReadLogResponseSchema>> {
    requireRole(call.actor, 'auditor');
    for await (const rows of readChunks(this.log, fromPosition, CHUNK)) {
      yield {
        records: rows.map(storedRecord),
        streamIds: rows.map(({ streamId }) => streamId),
        itemKeys: rows.map(({ streamId }) => this.identity.itemKeys.itemKey(streamId)),
      };
    }
  }
}

function scopeOf(actor: Actor): ReadScope {
  return hasRole(actor, 'auditor') ? 'all' : { organisationId: actor.organisationId };
}

/** @throws DomainError CODE_UNKNOWN */
function naturalKey({ kind, value }: evidenceV1.NaturalKey, index: number): NaturalKey {
  if (!KEY_KINDS.includes(kind))
    throw new DomainError('CODE_UNKNOWN', { field: `keys[${index}].kind`, rule: KEY_KINDS.join(', ') });
  return { kind: kind as NaturalKey['kind'], value };
}

type StoredRecord = MessageInitShape<typeof evidenceV1.StoredRecordSchema>;

/** Numbers as the wire can carry them, even if somebody stored what it cannot. */
function storedRecord({ position, sequence, header, entry }: LogRow): StoredRecord & object {
  return { position: BigInt.asUintN(64, position), sequence: BigInt.asUintN(64, sequence), header, entry };
}

/** This log never drops a ciphertext, so one that is missing was removed: told like one that was changed. */
function openedRecord({ row, disclosures, altered, missing }: OpenedRow): StoredRecord {
  return {
    ...storedRecord(row),
    disclosures: disclosures.filter(({ group }) => !isPersonalGroup(group)).map(({ encoded }) => encoded),
    alteredDisclosures: [...altered, ...missing],
  };
}
