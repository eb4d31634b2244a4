import { DomainError } from '@countersign/kernel';
import { leafHash, proveInclusion, sameBytes, verifyInclusion } from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import {
  encodeItemMapProof,
  itemHeadOf,
  MapPaths,
  parseEntry,
  parseHeadsEntry,
  verifyAbsence,
  verifyPresence,
  type HeadsEntry,
  type ItemMapProof,
  type ItemState,
} from '@countersign/record';
import { LIMITS } from '../config.js';
import type { TreeLog } from '../log/known-log.js';
import type { LiveLog } from '../log/live-log.js';
import { provenOrAlarm, requireSigned } from '../proofs/verified.js';
import type { HeadsStore } from '../storage/heads-store.js';
import type { AnchorStore, ConfirmedHead, LeafStore, TreeHead, TreeStore } from '../storage/stores.js';
import { viewOf } from '../tree/log-view.js';
import type { TileCache } from '../tree/tile-cache.js';
import { pagesAt } from './map-pages.js';

export interface ItemEvidenceParts {
  readonly leaves: Pick<LeafStore, 'entriesAt'>;
  readonly trees: Pick<TreeStore, 'checkpointAt'>;
  readonly heads: HeadsStore;
  readonly anchors: Pick<AnchorStore, 'confirmedAt'>;
  readonly tiles: TileCache;
  readonly logger: Logger;
}

/** A log with its item heads. */
export interface LogWithHeads {
  readonly base: LiveLog;
  readonly heads: LiveLog<TreeLog>;
}

export interface ItemEvidenceRequest {
  readonly itemKeys: readonly Uint8Array[];
  /** Size of a base checkpoint that a heads entry is about; 0: the newest one that is confirmed on chain, or, if allowed, the newest. */
  readonly treeSize: number;
  /** Size of a heads checkpoint; 0: the newest. */
  readonly headsSize: number;
  readonly allowUnanchored: boolean;
}

/** Which heads entry the evidence is given under, proven. */
export interface ProvenHeads {
  readonly checkpoint: TreeHead;
  readonly anchored: ConfirmedHead | undefined;
  readonly headsCheckpoint: TreeHead;
  readonly headsAnchored: ConfirmedHead | undefined;
  readonly index: number;
  readonly entry: Buffer;
  readonly path: readonly Buffer[];
}

export interface ItemEntryProof {
  readonly index: number;
  readonly entry: Buffer;
  readonly path: readonly Buffer[];
}

/** Everything about one item: these entries are all there are under the base checkpoint. */
export interface ProvenItem {
  readonly itemKey: Uint8Array;
  readonly mapProof: Buffer;
  readonly count: number;
  /** Gives entries `from` to `to` (exclusive) of the item with their proofs. */
  readonly entries: (from: number, to: number) => Promise<readonly ItemEntryProof[]>;
}

export interface ItemEvidence {
  readonly heads: ProvenHeads;
  readonly items: readonly ProvenItem[];
}

/** Builds item evidence from stored map, tiles and entries. All of it is verified before it is returned (hop 9). */
export class ItemEvidenceBuilder {
  constructor(private readonly parts: ItemEvidenceParts) {}

  /**
   * @throws DomainError NOT_FOUND if no such heads entry exists, or the map is not kept as it was then; HEAD_NOT_ANCHORED if its base
   *   checkpoint is not on chain; MESSAGE_TOO_LARGE if the items have too many entries together; PROOF_BROKEN or RECORD_ALTERED, with an alarm, if
   *   what is stored does not verify
   */
  async prove(log: LogWithHeads, request: ItemEvidenceRequest): Promise<ItemEvidence> {
    const index = await this.#indexFor(log, request);
    const headsSize = request.headsSize === 0 ? log.heads.head.size : request.headsSize;
    if (headsSize <= index) throw new DomainError('FIELD_INVALID', { field: 'heads_size', rule: 'covers the heads entry' });
    const headsCheckpoint = await this.parts.trees.checkpointAt(log.heads.log.logNo, headsSize);
    if (headsCheckpoint === undefined) throw new DomainError('NOT_FOUND');
    const { heads, items } = await provenOrAlarm(this.parts.logger, log.heads, async () => {
      const proven = await this.#proveHeads(log, index, headsCheckpoint);
      return { heads: proven, items: await this.#findItems(log, request.itemKeys, index, proven) };
    });
    if (heads.anchored === undefined && !request.allowUnanchored) throw new DomainError('HEAD_NOT_ANCHORED');
    if (items.reduce((sum, { state }) => sum + (state?.count ?? 0), 0) > LIMITS.itemEntriesMax)
      throw new DomainError('MESSAGE_TOO_LARGE');
    return { heads, items: await this.#proveItems(log, heads, items) };
  }

  async #indexFor({ base, heads }: LogWithHeads, { treeSize, allowUnanchored }: ItemEvidenceRequest): Promise<number> {
    const newest = heads.head.size - 1;
    if (newest < 0) throw new DomainError('NOT_FOUND');
    const index = await this.#chosenIndex(base, heads, treeSize, allowUnanchored ? newest : undefined);
    if (index === undefined) throw new DomainError(treeSize === 0 ? 'HEAD_NOT_ANCHORED' : 'NOT_FOUND');
    // An entry that this process has not seen yet is another process's; one of long ago has no map any more.
    if (index > newest || newest - index >= LIMITS.mapVersionsServed) throw new DomainError('NOT_FOUND');
    return index;
  }

  async #chosenIndex(
    base: LiveLog,
    heads: LiveLog<TreeLog>,
    treeSize: number,
    newest: number | undefined,
  ): Promise<number | undefined> {
    if (treeSize > 0) return this.parts.heads.indexOf(heads.log.logNo, treeSize);
    return newest ?? this.parts.heads.newestConfirmed(heads.log.logNo, base.log.logId);
  }

  async #proveHeads({ base, heads }: LogWithHeads, index: number, headsCheckpoint: TreeHead): Promise<ProvenHeads> {
    const { parts } = this;
    requireSigned(heads, headsCheckpoint);
    const { size, root } = headsCheckpoint;
    const [entry = Buffer.alloc(0)] = await parts.heads.entries(heads.log.logNo, index, index + 1);
    const path = await proveInclusion(viewOf(heads, parts.tiles, size), index, size);
    verifyInclusion({ leafHash: leafHash(entry), index, size, proof: path, root });
    const { baseSize, baseRoot } = parseHeadsEntry(entry);
    const checkpoint = await parts.trees.checkpointAt(base.log.logNo, Number(baseSize));
    if (checkpoint === undefined || !sameBytes(checkpoint.root, baseRoot)) {
      throw new DomainError('RECORD_ALTERED', { field: 'headsEntry', rule: 'is about a checkpoint that is stored' });
    }
    requireSigned(base, checkpoint);
    const [anchored, headsAnchored] = [await this.#confirmed(base, checkpoint), await this.#confirmed(heads, headsCheckpoint)];
    return { checkpoint, anchored, headsCheckpoint, headsAnchored, index, entry, path };
  }

  async #confirmed({ log }: LiveLog<TreeLog>, { size, root }: TreeHead): Promise<ConfirmedHead | undefined> {
    const noted = await this.parts.anchors.confirmedAt(log.logId, size);
    return noted && sameBytes(noted.root, root) ? noted : undefined;
  }

  async #findItems(
    { base }: LogWithHeads,
    itemKeys: readonly Uint8Array[],
    index: number,
    { entry }: ProvenHeads,
  ): Promise<readonly FoundItem[]> {
    const paths = await MapPaths.load(pagesAt(this.parts.heads, base.log.logNo, index), parseHeadsEntry(entry).mapRoot, itemKeys);
    return itemKeys.map((itemKey) => ({ itemKey, state: paths.find(itemKey), proof: paths.prove(itemKey) }));
  }

  async #proveItems({ base, heads }: LogWithHeads, proven: ProvenHeads, items: readonly FoundItem[]): Promise<ProvenItem[]> {
    const headsEntry = parseHeadsEntry(proven.entry);
    return provenOrAlarm(this.parts.logger, heads, async () => {
      const all: ProvenItem[] = [];
      for (const item of items) all.push(await this.#proveItem(base, proven.checkpoint, headsEntry, item));
      return all;
    });
  }

  /** The item's chain is computed from its entries and held against the map: so these are all of them. */
  async #proveItem(
    base: LiveLog,
    checkpoint: TreeHead,
    { mapRoot }: HeadsEntry,
    { itemKey, state, proof }: FoundItem,
  ): Promise<ProvenItem> {
    const positions = state === undefined ? [] : await this.parts.heads.positions(base.log.logNo, state.lastIndex, state.count);
    if (positions.some((position) => position >= checkpoint.size)) throw notOfItem();
    const entries = positions.length === 0 ? [] : await this.parts.leaves.entriesAt(base.log.logNo, positions);
    if (entries.some((entry) => !sameBytes(parseEntry(entry).itemKey, itemKey))) throw notOfItem();
    const indexed = entries.map((entry, number) => ({ leafIndex: BigInt(positions[number] ?? 0), leafHash: leafHash(entry) }));
    const { valueDigest } = itemHeadOf(indexed);
    if (proof.kind === 'present') verifyPresence({ itemKey, valueDigest, proof, mapRoot });
    else verifyAbsence({ itemKey, proof, mapRoot });
    return {
      itemKey,
      mapProof: encodeItemMapProof(proof),
      count: entries.length,
      entries: (from, to) =>
        provenOrAlarm(this.parts.logger, base, () =>
          this.#inclusions(base, checkpoint, positions.slice(from, to), entries.slice(from, to)),
        ),
    };
  }

  async #inclusions(
    base: LiveLog,
    { size, root }: TreeHead,
    positions: readonly number[],
    entries: readonly Buffer[],
  ): Promise<readonly ItemEntryProof[]> {
    const view = viewOf(base, this.parts.tiles, size);
    return Promise.all(
      positions.map(async (index, number) => {
        const entry = entries[number] ?? Buffer.alloc(0);
        const path = await proveInclusion(view, index, size);
        verifyInclusion({ leafHash: leafHash(entry), index, size, proof: path, root });
        return { index, entry, path };
      }),
    );
  }
}

interface FoundItem {
  readonly itemKey: Uint8Array;
  readonly state: ItemState | undefined;
  readonly proof: ItemMapProof;
}

function notOfItem(): DomainError {
  return new DomainError('RECORD_ALTERED', { field: 'itemLink', rule: 'leads from entry to entry of one item' });
}
