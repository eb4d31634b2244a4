import type { AnchoredHead, Broadcast, Broadcasts, Head } from '@countersign/chain';

/** Number of a log in this service's database; from 0, in order of its key folder. */
export type LogNo = number;

/** Entries as a source signed them. The signature was checked before. */
export interface SignedLeaves {
  readonly firstPosition: number;
  /** 105 bytes each. */
  readonly entries: readonly Uint8Array[];
  readonly signature: Uint8Array;
}

/** What became of a leaves message; `received` is the number of entries stored afterwards. */
export type ReceiveOutcome =
  /** At least one entry is new; those that were there are the same. */
  | { readonly kind: 'stored'; readonly received: number }
  /** All entries were there, with the same bytes. */
  | { readonly kind: 'repeated'; readonly received: number }
  /** Entries before it are missing; nothing was stored. */
  | { readonly kind: 'gap'; readonly received: number }
  /** Another entry stands at `position`. The message is kept as evidence and the log takes no further entry. */
  | { readonly kind: 'conflict'; readonly received: number; readonly position: number }
  /** The log takes no entries since a conflict; nothing was stored. */
  | { readonly kind: 'frozen'; readonly received: number };

/** Entries in the order of their positions, dense from 0. */
export interface LeafStore {
  /**
   * Takes messages in their order: one outcome for each. Durable as a whole when it resolves; nothing that is stored is ever
   * overwritten. A message that contradicts what is stored is kept whole, as its signer's statement.
   */
  receive(logNo: LogNo, messages: readonly SignedLeaves[]): Promise<readonly ReceiveOutcome[]>;
  /** Number of entries stored. */
  received(logNo: LogNo): Promise<number>;
  /** Entries `from` to `to` (exclusive). @throws DomainError RECORD_ALTERED if one is missing or has the wrong length */
  readEntries(logNo: LogNo, from: number, to: number): Promise<readonly Buffer[]>;
  /** Entries at these positions, in the same order. @throws DomainError RECORD_ALTERED if one is missing */
  entriesAt(logNo: LogNo, positions: readonly number[]): Promise<readonly Buffer[]>;
  /** When the message that brought this position was received; undefined if none did. */
  receivedAt(logNo: LogNo, position: number): Promise<Date | undefined>;
  /** Whether a conflict froze the log. */
  isFrozen(logNo: LogNo): Promise<boolean>;
}

/** A tree head with its signed checkpoint. Size 0 has neither. */
export interface TreeHead {
  readonly size: number;
  readonly root: Buffer;
  /** C2SP note; empty at size 0. */
  readonly note: string;
}

/** A tile of the tree (C2SP tlog-tiles): up to 256 hashes of complete subtrees of 256^level leaves. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** 32 bytes a hash. */
  readonly hashes: Buffer;
}

export interface TreeStore {
  head(logNo: LogNo): Promise<TreeHead>;
  /** A stored checkpoint of exactly this size. */
  checkpointAt(logNo: LogNo, size: number): Promise<TreeHead | undefined>;
  /** Hashes of a tile as stored; undefined if it has none yet. */
  tile(logNo: LogNo, level: number, index: number): Promise<Buffer | undefined>;
  /**
   * Commit point 2: replaces the head of size `fromSize`, with all tiles and the checkpoint, or does nothing.
   * A tile may only grow: it MUST begin with what is stored. False if the head is not of that size any more.
   */
  advance(logNo: LogNo, fromSize: number, next: TreeHead, tiles: readonly Tile[]): Promise<boolean>;
}

/** A head that the chain accepted, with the transaction that carried it, if this service knows it. */
export interface ConfirmedHead extends AnchoredHead {
  readonly transaction: Uint8Array;
}

/** What this service signed for the chain, and what it saw the chain accept. */
export interface AnchorStore extends Broadcasts {
  /** Durable when it resolves. @throws DomainError HEAD_EQUIVOCATION, and stores nothing, if another root is bound to a log and size */
  record(broadcast: Broadcast): Promise<void>;
  /** Heads of the newest broadcast, with its transaction. */
  lastBroadcast(): Promise<{ readonly heads: readonly Head[]; readonly transaction: Buffer } | undefined>;
  /** Notes heads that were read from the chain. Idempotent: the first note of a head stays. */
  confirm(heads: readonly ConfirmedHead[]): Promise<void>;
  /** The largest confirmed head. */
  latestConfirmed(logId: Uint8Array): Promise<ConfirmedHead | undefined>;
  /** The confirmed head of exactly this size. */
  confirmedAt(logId: Uint8Array, size: number): Promise<ConfirmedHead | undefined>;
  /** For each index the smallest confirmed head above it, by index. */
  firstCovering(logId: Uint8Array, indexes: readonly number[]): Promise<ReadonlyMap<number, ConfirmedHead>>;
  /** Confirmed heads above a size, smallest first, at most `limit`. */
  confirmedAbove(logId: Uint8Array, size: number, limit: number): Promise<readonly ConfirmedHead[]>;
  /** Notes that the chain has these heads no longer. They stay on record and count for nothing. */
  rewind(logId: Uint8Array, sizes: readonly number[]): Promise<void>;
  /** Rewinds every head that was confirmed on another chain than this. */
  rewindOtherChains(chain: string): Promise<void>;
}
