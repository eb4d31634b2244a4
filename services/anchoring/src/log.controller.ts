import type { MessageInitShape } from '@bufbuild/protobuf';
import { requireRole } from '@countersign/access';
import { GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { anchoringV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import { anchoredHeadMessage } from './anchored-head-message.js';
import { Anchoring } from './anchoring.js';
import { LIMITS } from './config.js';
import type { LogWithHeads } from './heads/item-evidence.js';
import type { TreeLog } from './log/known-log.js';
import type { LiveLog, Trouble } from './log/live-log.js';

const STATES: Readonly<Record<Trouble, anchoringV1.LogState>> = {
  forked: anchoringV1.LogState.FORKED,
  conflict: anchoringV1.LogState.CONFLICT,
  closed: anchoringV1.LogState.CLOSED,
  'behind-chain': anchoringV1.LogState.BEHIND_CHAIN,
};

/** Logs, checkpoints and entries, for auditors and our own services. */
@GrpcController(anchoringV1.LogService)
export class LogController implements GrpcHandlers<typeof anchoringV1.LogService> {
  constructor(@Inject(Anchoring) private readonly anchoring: Anchoring) {}

  async listLogs(
    _request: anchoringV1.ListLogsRequest,
    { actor }: RpcCall,
  ): Promise<MessageInitShape<typeof anchoringV1.ListLogsResponseSchema>> {
    requireRole(actor, 'auditor', 'service');
    const pairs = this.anchoring.pairs().toSorted((a, b) => (a.base.log.origin < b.base.log.origin ? -1 : 1));
    return { logs: await Promise.all(pairs.map((pair) => this.#describe(pair))) };
  }

  async *readEntries(
    { logId, fromIndex }: anchoringV1.ReadEntriesRequest,
    { actor }: RpcCall,
  ): AsyncGenerator<MessageInitShape<typeof anchoringV1.ReadEntriesResponseSchema>> {
    requireRole(actor, 'auditor', 'service');
    const live = this.anchoring.live(logId);
    const end = live.head.size;
    for (let from = Number(fromIndex); from < end; from += LIMITS.entriesPerChunk) {
      const to = Math.min(from + LIMITS.entriesPerChunk, end);
      yield {
        firstIndex: BigInt(from),
        entries: [...(await this.anchoring.readEntries(live, from, to))],
      };
    }
  }

  async #describe({ base: live, heads }: LogWithHeads): Promise<MessageInitShape<typeof anchoringV1.LogSchema>> {
    const { stores } = this.anchoring;
    const { logId, registration, logNo } = live.log;
    const anchored = await stores.anchors.latestConfirmed(logId);
    return {
      logId,
      registration,
      checkpoint: live.head.note,
      received: BigInt(await stores.leaves.received(logNo)),
      anchored: anchored && anchoredHeadMessage(anchored),
      oldestUnanchoredSeconds: await this.anchoring.oldestUnanchoredSeconds(live),
      state: stateOf(live),
      heads: await this.#describeHeads(heads),
    };
  }

  async #describeHeads(heads: LiveLog<TreeLog>): Promise<MessageInitShape<typeof anchoringV1.HeadsLogSchema>> {
    const { logId } = heads.log;
    const checkpoint = heads.head.note;
    const baseSize = BigInt(await this.anchoring.headedSize(heads));
    const anchored = await this.anchoring.stores.anchors.latestConfirmed(logId);
    return { logId, checkpoint, baseSize, anchored: anchored && anchoredHeadMessage(anchored), state: stateOf(heads) };
  }
}

function stateOf({ trouble }: LiveLog<TreeLog>): anchoringV1.LogState {
  return trouble === undefined ? anchoringV1.LogState.OPEN : STATES[trouble];
}
