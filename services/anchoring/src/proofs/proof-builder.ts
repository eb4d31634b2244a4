import { DomainError } from '@countersign/kernel';
import {
  leafHash,
  proveConsistency,
  proveInclusion,
  sameBytes,
  verifyConsistency,
  verifyInclusion,
  fetchRoot,
} from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import type { TreeLog } from '../log/known-log.js';
import type { LiveLog } from '../log/live-log.js';
import { viewOf } from '../tree/log-view.js';
import type { AnchorStore, ConfirmedHead, LeafStore, TreeHead, TreeStore } from '../storage/stores.js';
import type { TileCache } from '../tree/tile-cache.js';
import { provenOrAlarm, requireSigned } from './verified.js';

export interface ProofParts {
  readonly leaves: Pick<LeafStore, 'entriesAt'>;
  readonly trees: TreeStore;
  readonly anchors: Pick<AnchorStore, 'latestConfirmed' | 'confirmedAt' | 'firstCovering'>;
  readonly tiles: TileCache;
  readonly logger: Logger;
}

export interface InclusionRequest {
  /** Leaf indexes. */
  readonly indexes: readonly number[];
  /** Size of a stored checkpoint; 0: the latest confirmed head, or, if allowed, else the latest checkpoint. */
  readonly treeSize: number;
  readonly allowUnanchored: boolean;
}

export interface ProvenEntry {
  readonly index: number;
  readonly entry: Buffer;
  readonly path: readonly Buffer[];
  readonly firstAnchored: ConfirmedHead | undefined;
}

export interface InclusionProofs {
  readonly checkpoint: TreeHead;
  readonly proofs: readonly ProvenEntry[];
  /** The chain's head of exactly the checkpoint's size and root. */
  readonly anchored: ConfirmedHead | undefined;
}

/** Builds proofs from stored tiles (hop 9). Each is verified against a checkpoint whose signature holds, before it is returned. */
export class ProofBuilder {
  constructor(private readonly parts: ProofParts) {}

  /**
   * @throws DomainError NOT_FOUND if the log has no such entry or checkpoint; HEAD_NOT_ANCHORED if no confirmed head covers the
   *   entries yet; PROOF_BROKEN or RECORD_ALTERED, with an alarm, if what is stored does not verify
   */
  async proveInclusion(
    live: LiveLog<TreeLog>,
    { indexes, treeSize, allowUnanchored }: InclusionRequest,
  ): Promise<InclusionProofs> {
    const least = Math.max(...indexes) + 1;
    const { checkpoint, anchored } = await this.#checkpointFor(live, treeSize, least, allowUnanchored);
    return provenOrAlarm(this.parts.logger, live, async () => {
      requireSigned(live, checkpoint);
      const first = await this.parts.anchors.firstCovering(live.log.logId, indexes);
      const entries = await this.parts.leaves.entriesAt(live.log.logNo, indexes);
      const proofs = await Promise.all(
        indexes.map(async (index, number): Promise<ProvenEntry> => {
          const entry = entries[number] ?? Buffer.alloc(0);
          return { index, entry, path: await this.#path(live, checkpoint, index, entry), firstAnchored: first.get(index) };
        }),
      );
      return { checkpoint, proofs, anchored };
    });
  }

  /**
   * @throws DomainError FIELD_INVALID if the sizes are reversed; NOT_FOUND if the tree is smaller; PROOF_BROKEN or RECORD_ALTERED,
   *   with an alarm, if what is stored does not verify
   */
  async proveConsistency(live: LiveLog<TreeLog>, fromSize: number, toSize: number): Promise<readonly Buffer[]> {
    if (fromSize > toSize) throw new DomainError('FIELD_INVALID', { field: 'to_size', rule: 'must not be below from_size' });
    if (toSize > live.head.size) throw new DomainError('NOT_FOUND');
    return provenOrAlarm(this.parts.logger, live, async () => {
      const proof = await proveConsistency(viewOf(live, this.parts.tiles, toSize), fromSize, toSize);
      const [fromRoot, toRoot] = [await this.#rootOf(live, fromSize), await this.#rootOf(live, toSize)];
      verifyConsistency({ fromSize, fromRoot, toSize, toRoot, proof });
      return proof;
    });
  }

  /** The signed root where there is a checkpoint of that size. */
  async #rootOf(live: LiveLog<TreeLog>, size: number): Promise<Buffer> {
    const checkpoint = await this.parts.trees.checkpointAt(live.log.logNo, size);
    if (checkpoint === undefined) return fetchRoot(viewOf(live, this.parts.tiles, size), size);
    requireSigned(live, checkpoint);
    return checkpoint.root;
  }

  async #checkpointFor(
    live: LiveLog<TreeLog>,
    treeSize: number,
    least: number,
    allowUnanchored: boolean,
  ): Promise<Pick<InclusionProofs, 'checkpoint' | 'anchored'>> {
    if (least > live.head.size) throw new DomainError('NOT_FOUND');
    if (treeSize > 0) return this.#storedCheckpoint(live, treeSize, least, allowUnanchored);
    const latest = await this.parts.anchors.latestConfirmed(live.log.logId);
    if (latest !== undefined && latest.size >= least) return this.#storedCheckpoint(live, latest.size, least, allowUnanchored);
    if (!allowUnanchored) throw new DomainError('HEAD_NOT_ANCHORED');
    return { checkpoint: await this.parts.trees.head(live.log.logNo), anchored: undefined };
  }

  async #storedCheckpoint(
    live: LiveLog<TreeLog>,
    size: number,
    least: number,
    allowUnanchored: boolean,
  ): Promise<Pick<InclusionProofs, 'checkpoint' | 'anchored'>> {
    if (least > size) throw new DomainError('FIELD_INVALID', { field: 'tree_size', rule: 'must be above every index' });
    const checkpoint = await this.parts.trees.checkpointAt(live.log.logNo, size);
    if (checkpoint === undefined) throw new DomainError('NOT_FOUND');
    const noted = await this.parts.anchors.confirmedAt(live.log.logId, size);
    const anchored = noted && sameBytes(noted.root, checkpoint.root) ? noted : undefined;
    if (anchored === undefined && !allowUnanchored) throw new DomainError('HEAD_NOT_ANCHORED');
    return { checkpoint, anchored };
  }

  async #path(live: LiveLog<TreeLog>, { size, root }: TreeHead, index: number, entry: Buffer): Promise<Buffer[]> {
    const proof = await proveInclusion(viewOf(live, this.parts.tiles, size), index, size);
    verifyInclusion({ leafHash: leafHash(entry), index, size, proof, root });
    return proof;
  }
}
