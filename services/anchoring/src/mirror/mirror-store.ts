import type { ForkProof } from '@countersign/merkle';

/** The copy of one log: all entries below `size` are stored, under a checkpoint that the log signed. Size 0: none yet. */
export interface MirroredHead {
  readonly size: number;
  readonly root: Buffer;
  /** The note as the log signed it; empty at size 0. */
  readonly note: string;
}

/** Why a heads log is refused for good. With the copies of both logs it is evidence: the note commits to the entry of that index. */
export interface MapRefusal {
  readonly headsIndex: number;
  readonly rule: string;
  readonly note: string;
}

/** What a mirror remembers. Nothing that it resolved for is ever changed or forgotten. */
export interface MirrorStore {
  head(origin: string): Promise<MirroredHead>;
  /** Stored entries with `from` ≤ index < `to`. */
  entries(origin: string, from: number, to: number): Promise<readonly Buffer[]>;
  /**
   * Appends the entries between the two heads, and replaces the head; durable when it resolves. False, and nothing changed, if the head is
   * not `from` any more, or the entries do not fill exactly the indexes up to the next one. A lost answer may mean either.
   */
  append(
    origin: string,
    from: Pick<MirroredHead, 'size' | 'root'>,
    entries: readonly Uint8Array[],
    next: MirroredHead,
  ): Promise<boolean>;
  /** Keeps a proof that a log forked. False: it is not news. */
  keepFork(origin: string, proof: ForkProof): Promise<boolean>;
  /** The first refusal of a heads log stands. */
  refuse(origin: string, refusal: MapRefusal): Promise<void>;
  refusal(origin: string): Promise<MapRefusal | undefined>;
}
