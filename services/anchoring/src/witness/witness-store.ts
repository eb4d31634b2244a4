import type { ForkProof } from '@countersign/merkle';

/** The latest head of a log that this witness made durable. Size 0: none yet. */
export interface WitnessedHead {
  readonly size: number;
  readonly root: Buffer;
  /** The note as the log signed it; empty at size 0. */
  readonly note: string;
}

export interface KeptFork {
  readonly origin: string;
  readonly proof: ForkProof;
  readonly detectedAt: Date;
}

/**
 * What a witness remembers. Several processes may share one: `advance` decides among them. Nothing that it resolved for is ever
 * changed, forgotten or rolled back; a witness whose store loses anything MUST be given a new key.
 */
export interface WitnessStore {
  head(origin: string): Promise<WitnessedHead>;
  /** The head of exactly this size that was once the latest. */
  headAt(origin: string, size: number): Promise<WitnessedHead | undefined>;
  /**
   * The commit point of a witness: replaces the head by a larger one, durable when it resolves. False, and nothing changed, if the
   * head is not `from` any more (size and root). A lost answer may mean either.
   */
  advance(origin: string, from: Pick<WitnessedHead, 'size' | 'root'>, next: WitnessedHead): Promise<boolean>;
  /** Keeps a proof that a log forked, as evidence. Idempotent; beyond the limit of a log, no more are kept. False: it is not news. */
  keepFork(origin: string, proof: ForkProof): Promise<boolean>;
  /** Those of one log, or of all, in the order in which they were kept. */
  forks(origin?: string): Promise<readonly KeptFork[]>;
}

/** Injection token of the `WitnessStore`. */
export const WITNESS_STORE = Symbol('WitnessStore');
