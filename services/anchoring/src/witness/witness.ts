import { DomainError } from '@countersign/kernel';
import {
  cosign,
  earlierRoot,
  openCheckpoint,
  sameBytes,
  verifyConsistency,
  type Checkpoint,
  type Cosigner,
  type ForkProof,
  type NoteKey,
} from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import { alarm } from '../alarm.js';
import { parseAddCheckpoint, type AddCheckpointRequest } from './add-checkpoint-request.js';
import type { FollowedLogs } from './followed-logs.js';
import type { WitnessedHead, WitnessStore } from './witness-store.js';

/** What becomes of a checkpoint that is sent in (C2SP tlog-witness); the door maps each kind to its status. */
export type AddCheckpointOutcome =
  /** Durable, and cosigned after that: one line or more. */
  | { readonly kind: 'cosigned'; readonly lines: string }
  | { readonly kind: 'malformed'; readonly rule: string }
  | { readonly kind: 'unknown-log' }
  | { readonly kind: 'not-signed' }
  /** The old size is not that of the latest head, which is told; or the latest head has this size and another root. */
  | { readonly kind: 'conflict'; readonly size: number }
  | { readonly kind: 'unproven' }
  /** What the checkpoint commits to was judged, and is not true. */
  | { readonly kind: 'refused' };

export interface WitnessParts {
  readonly store: WitnessStore;
  readonly logs: FollowedLogs;
  readonly cosigner: Cosigner;
  readonly logger: Logger;
  /**
   * Judges what a checkpoint commits to, before it is made durable and cosigned: a map checker's part. Without it a witness looks at
   * sizes and roots only. Whatever it throws, nothing is cosigned.
   */
  readonly admits?: (checkpoint: Checkpoint, note: string) => Promise<boolean>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Follows other organisations' logs: checks that each head extends the last one, makes it durable, and only then cosigns. It never
 * cosigns two roots of one size, or a head below one that it cosigned, whatever its clients, copies of itself and crashes do.
 */
export class Witness {
  constructor(private readonly parts: WitnessParts) {}

  /**
   * @throws DomainError DEPENDENCY_UNAVAILABLE: whether the head is durable is not known; nothing was cosigned. The same request, or
   *   one with the size that a conflict tells, brings the cosignature
   */
  async addCheckpoint(bytes: Uint8Array): Promise<AddCheckpointOutcome> {
    let request: AddCheckpointRequest;
    try {
      request = parseAddCheckpoint(bytes);
    } catch (error) {
      if (error instanceof DomainError) return { kind: 'malformed', rule: error.message };
      throw error;
    }
    const keys = this.parts.logs.get(request.checkpoint.origin);
    if (keys === undefined) return { kind: 'unknown-log' };
    const refusal = refusalOf(request.note, keys);
    return refusal ?? this.#judge(request);
  }

  /** The log signed it: what it says counts, for it or against it. */
  async #judge(request: AddCheckpointRequest): Promise<AddCheckpointOutcome> {
    const { store } = this.parts;
    const { oldSize, checkpoint, note, proof } = request;
    const { origin, size } = checkpoint;
    const head = await store.head(origin);
    const known = head.size === size ? head : await store.headAt(origin, size);
    if (known !== undefined && !sameBytes(known.root, checkpoint.root)) {
      await this.#keepFork(origin, { first: known.note, second: note, proof: [] });
      return { kind: 'conflict', size: head.size };
    }
    if (oldSize !== head.size) return { kind: 'conflict', size: head.size };
    if (!extendsHead(head, request)) {
      const fork = forkShownBy(head, request);
      if (fork !== undefined) await this.#keepFork(origin, { ...fork, proof });
      else this.parts.logger.warn('checkpoint-unproven', { origin, size, from: head.size });
      return { kind: 'unproven' };
    }
    const admitted = await this.#admits(request);
    return admitted ?? this.#persistAndCosign(head, request);
  }

  /** Undefined if nothing speaks against it. */
  async #admits({ checkpoint, note }: AddCheckpointRequest): Promise<AddCheckpointOutcome | undefined> {
    try {
      return ((await this.parts.admits?.(checkpoint, note)) ?? true) ? undefined : { kind: 'refused' };
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'PROOF_BROKEN') throw error;
      this.parts.logger.warn('checkpoint-unproven', {
        origin: checkpoint.origin,
        size: checkpoint.size,
        field: error.detail.field,
      });
      return { kind: 'unproven' };
    }
  }

  async #persistAndCosign(head: WitnessedHead, { checkpoint, body, note }: AddCheckpointRequest): Promise<AddCheckpointOutcome> {
    const { store, cosigner, now = Date.now } = this.parts;
    const { origin, size } = checkpoint;
    // The commit point: after it this head is the one to extend, for all processes on this store. A crash here leaves a head that
    // nobody has a cosignature of yet; whoever asks again is told its size and gets one. Nothing is signed before.
    if (size > head.size && !(await store.advance(origin, head, { size, root: Buffer.from(checkpoint.root), note }))) {
      return { kind: 'conflict', size: (await store.head(origin)).size };
    }
    return { kind: 'cosigned', lines: cosign(body, cosigner, Math.floor(now() / 1_000)) };
  }

  async #keepFork(origin: string, proof: ForkProof): Promise<void> {
    if (await this.parts.store.keepFork(origin, proof)) alarm(this.parts.logger, 'log-forked', origin);
  }
}

/** Undefined if one of the log's keys signed it. */
function refusalOf(note: string, keys: readonly NoteKey[]): AddCheckpointOutcome | undefined {
  for (const key of keys) {
    try {
      openCheckpoint(note, key);
      return undefined;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.code !== 'SIGNATURE_INVALID') return { kind: 'malformed', rule: error.message };
    }
  }
  return { kind: 'not-signed' };
}

function extendsHead(head: WitnessedHead, { checkpoint, proof }: AddCheckpointRequest): boolean {
  try {
    verifyConsistency({ fromSize: head.size, fromRoot: head.root, toSize: checkpoint.size, toRoot: checkpoint.root, proof });
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}

/**
 * The pair of notes, if the proof that was sent shows that the later tree has another root at the size of the head. A proof that
 * shows nothing accuses nobody: anyone can send a log's own checkpoint with a wrong one.
 */
function forkShownBy(
  head: WitnessedHead,
  { checkpoint, proof, note }: AddCheckpointRequest,
): Omit<ForkProof, 'proof'> | undefined {
  try {
    const root = earlierRoot(head.size, checkpoint.size, checkpoint.root, proof);
    return sameBytes(root, head.root) ? undefined : { first: head.note, second: note };
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}
