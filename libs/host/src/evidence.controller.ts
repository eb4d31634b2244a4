import type { MessageInitShape } from '@bufbuild/protobuf';
import { requireRole } from '@countersign/access';
import type { Journal, LogIdentity, LogReader } from '@countersign/event-log';
import { GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { DomainError } from '@countersign/kernel';
import { evidenceV1 } from '@countersign/proto';
import { bucketOf } from '@countersign/record';
import { Inject } from '@nestjs/common';

import { LIMITS } from './config.js';
import { KEY_KINDS, naturalKeys, openedRecord, storedRecord } from './evidence-records.js';
import { readChunks } from './log-chunks.js';
import { scopeOf, Subscriptions } from './subscriptions.js';
import { JOURNAL, LOG_IDENTITY, LOG_READER } from './tokens.js';

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
    private readonly subscriptions: Subscriptions,
  ) {}

  async getLog(): Promise<MessageInitShape<typeof evidenceV1.GetLogResponseSchema>> {
    const { logId, registration } = this.identity;
    return { logId, registration, size: await this.log.size() };
  }

  async findStreams(
    request: evidenceV1.FindStreamsRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof evidenceV1.FindStreamsResponseSchema>> {
    const streams = await this.log.findStreams(naturalKeys(request.keys, KEY_KINDS, 'keys'), scopeOf(call.actor));
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

  subscribe(
    request: evidenceV1.SubscribeRequest,
    call: RpcCall,
  ): AsyncGenerator<MessageInitShape<typeof evidenceV1.SubscribeResponseSchema>> {
    return this.subscriptions.subscribe(request, call);
  }
}
