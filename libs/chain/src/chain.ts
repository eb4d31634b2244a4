/** A tree head of one log. */
export interface Head {
  /** 32 bytes (formats §6). */
  readonly logId: Uint8Array;
  /** Tree size, at least 1. */
  readonly size: number;
  /** RFC 6962 root, 32 bytes. */
  readonly root: Uint8Array;
}

/** A head with everything that the chain demands to accept it. */
export interface HeadCommit extends Head {
  /** The epoch of the log's publisher keys in which it is committed, as the chain lists it: see `LogListing.epoch`. */
  readonly epoch: number;
  /** RFC 6962 section 2.1.2, from the chain's latest head of the log; empty if it has none. */
  readonly consistencyProof: readonly Uint8Array[];
  /** Ed25519 signature of the checkpoint. A chain that cannot check it carries it and reports it as NOT_CHECKED. */
  readonly checkpointSignature: Uint8Array;
  /** Attestations of the log's registered quorum; none on a development chain, whose quorum is 0. */
  readonly attestations: readonly Uint8Array[];
}

/** A head as the chain has stored it. */
export interface AnchoredHead extends Head {
  /** Block at which it was accepted. */
  readonly height: bigint;
  /** Time of that block, RFC 3339 in UTC. */
  readonly blockTime: string;
  /** Which chain: see `Chain.identity`. */
  readonly chain: string;
  /** What stands behind the block: "NOT_CHECKED: …" or what the adapter has proven. */
  readonly finality: string;
}

/** What the chain lists for a log. */
export interface LogListing {
  readonly logId: Uint8Array;
  /** True if this adapter's key is the one that may commit the log's heads. */
  readonly isOurs: boolean;
  readonly openedHeight: bigint;
  /** Number of the present publisher key among all that the log ever had, from 1. */
  readonly epoch: number;
  /** How many attestations of other organisations a head needs. 0: whoever holds the publisher's key extends the log alone. */
  readonly threshold: number;
  /** The accepted head at which the log was closed; larger ones are void. */
  readonly closed?: { readonly height: bigint; readonly size: number; readonly root: Uint8Array; readonly successor: Uint8Array };
}

/** Why a chain refused a head. The closed list of formats §8; NOT_STORED is what a node claims to have run without effect. */
export const REFUSALS = [
  'LOG_UNKNOWN',
  'LOG_CLOSED',
  'NOT_PUBLISHER',
  'NAMED_TWICE',
  'SIZE_NOT_ABOVE_LATEST',
  'PROOF_INVALID',
  'QUORUM_NOT_MET',
  'OTHER_EPOCH',
  'NOT_STORED',
] as const;

export type Refusal = (typeof REFUSALS)[number];

/** What became of one head: stored (now or before), refused, or not known yet, in which case the same head is committed again. */
export type Settlement =
  | { readonly status: 'stored'; readonly head: AnchoredHead }
  | { readonly status: 'refused'; readonly refusal: Refusal }
  | { readonly status: 'pending' };

export interface CommitReceipt {
  /** Hash of the transaction that was sent; a pointer, never evidence. */
  readonly transaction: Uint8Array;
  /** By log id in lower-case hex: what is stored on the chain, read back after the transaction. */
  readonly settlements: ReadonlyMap<string, Settlement>;
}

/** Whose attestations the heads of a log need. */
export interface Quorum {
  /** Member organisations of the chain other than the log's own. */
  readonly attesters: readonly string[];
  /** How many of them. */
  readonly threshold: number;
}

/** A signed transaction that is about to be sent for the first time. */
export interface Broadcast {
  readonly heads: readonly Head[];
  readonly transaction: Uint8Array;
  /** The signed bytes. */
  readonly raw: Uint8Array;
  readonly nonce: number;
}

/**
 * The signer's anti-equivocation memory (commit point 3). `record` is awaited before a transaction is first sent.
 * - MUST be durable when it resolves: a crash right after it may or may not have sent the transaction.
 * - MUST reject, and thereby stop the transaction, if another root was ever recorded for the same log and size.
 * - The same heads MAY be recorded again with another nonce, fee or proof.
 */
export interface Broadcasts {
  record(broadcast: Broadcast): Promise<void>;
}

/**
 * A chain that stores heads under the rules of formats §8. Every answer is checked for its form; a reply that is malformed,
 * contradicts itself or comes from another chain is DEPENDENCY_UNAVAILABLE, never "anchored".
 * Evidence is what `readHeads`, `headAt` and `confirm` read from the chain's state, never the success of a transaction.
 */
export interface Chain {
  /** E.g. `evm:31337:0x…` (chain id and contract). @throws DomainError DEPENDENCY_UNAVAILABLE before the chain answered once */
  identity(): Promise<string>;

  /** What the chain lists for these logs, by log id in hex; a log it does not know is absent. @throws DomainError DEPENDENCY_UNAVAILABLE */
  listings(logIds: readonly Uint8Array[]): Promise<ReadonlyMap<string, LogListing>>;

  /**
   * Lists a log with this adapter's key as its publisher and the quorum that the adapter was given, by default none.
   * Idempotent; does nothing if it is listed.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE if the outcome is unknown; CHAIN_REFUSED if the chain did not list it
   */
  listLog(logId: Uint8Array): Promise<void>;

  /** The latest heads, by log id in hex; a log without one is absent. @throws DomainError DEPENDENCY_UNAVAILABLE */
  readHeads(logIds: readonly Uint8Array[]): Promise<ReadonlyMap<string, AnchoredHead>>;

  /** The accepted head of exactly this size. @throws DomainError DEPENDENCY_UNAVAILABLE */
  headAt(logId: Uint8Array, size: number): Promise<AnchoredHead | undefined>;

  /**
   * Commits heads of several logs in one transaction and reads back what is stored. Each log is settled on its own.
   * - Order: sign, `Broadcasts.record`, send, read back until every head is settled or the time is up (then `pending`).
   * - One commit at a time: calls queue.
   *
   * @param attempt how often these same heads were sent before; raises the fee so that the new transaction may replace a stuck one
   * @throws whatever `Broadcasts.record` throws; then nothing was sent
   * @throws DomainError DEPENDENCY_UNAVAILABLE if the outcome is unknown: read the chain's heads, then commit the same heads again
   */
  commitHeads(batch: readonly HeadCommit[], attempt?: number): Promise<CommitReceipt>;

  /**
   * Reads back whether exactly these heads (size and root) are stored; those that are not are absent.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE
   */
  confirm(heads: readonly Head[]): Promise<readonly AnchoredHead[]>;
}

/** Log id as the key of a map. */
export function logKey(logId: Uint8Array): string {
  return Buffer.from(logId).toString('hex');
}
