import { DomainError } from '@countersign/kernel';
import { openCheckpoint } from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import { alarm } from '../alarm.js';
import { LIMITS } from '../config.js';
import type { TreeLog } from '../log/known-log.js';
import type { LiveLog } from '../log/live-log.js';
import type { ProofBuilder } from '../proofs/proof-builder.js';
import type { Rest } from '../run-loop.js';
import type { Cosignature, CosignatureStore } from '../storage/cosignature-store.js';
import type { TreeHead, TreeStore } from '../storage/stores.js';
import { formatAddCheckpoint } from '../witness/add-checkpoint-request.js';
import type { AskedWitness } from './asked-witness.js';
import type { WitnessAnswer, WitnessClient } from './witness-client.js';

export interface FeederParts {
  readonly client: WitnessClient;
  readonly proofs: Pick<ProofBuilder, 'proveConsistency'>;
  readonly trees: Pick<TreeStore, 'checkpointAt'>;
  readonly cosignatures: CosignatureStore;
  readonly logger: Logger;
  /** A cosignature over the checkpoint of this size is durable. */
  readonly onCosigned: (size: number) => Promise<void>;
}

/**
 * Brings the heads of one log to one witness, each only after it is durable, and keeps what the witness signed. What a witness does
 * or does not do is lag of its cosignatures and an alarm, and changes nothing else: no event waits for it.
 */
export class WitnessFeeder {
  /** Size that the witness has of us, as far as we know; undefined until the store was asked. */
  #known: number | undefined;
  /** The largest head whose cosignature is durable here. */
  #cosigned = 0;
  /** Since when there is a head that the publisher has not sent. */
  #waitingSince: number | undefined;
  #isTroubled = false;

  constructor(
    private readonly live: LiveLog<TreeLog>,
    private readonly witness: AskedWitness,
    private readonly parts: FeederParts,
  ) {}

  get cosigned(): number {
    return this.#cosigned;
  }

  /**
   * Sends one head, if there is one to send.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE: the witness does not answer; SIGNATURE_INVALID, NOTE_MALFORMED: what it signed does
   *   not verify. The next step sends again: a witness that has the head signs it again
   */
  async step(): Promise<Rest> {
    const { live, parts } = this;
    const known = (this.#known ??= await this.#readKnown());
    // Our database was set back, or somebody else signs with our key.
    if (known > live.head.size) return this.#trouble('witness-ahead', { size: live.head.size, known });
    const size = this.#target(known);
    if (size === undefined) return { ms: LIMITS.witnessPollMs, wakeable: true };
    const checkpoint = await parts.trees.checkpointAt(live.log.logNo, size);
    if (checkpoint === undefined) return { ms: LIMITS.witnessPollMs, wakeable: true };
    const proof = known === 0 ? [] : await parts.proofs.proveConsistency(live, known, size);
    const answer = await parts.client.addCheckpoint(this.witness.url, formatAddCheckpoint(known, proof, checkpoint.note));
    return this.#settle(answer, checkpoint, known);
  }

  async #settle(answer: WitnessAnswer, checkpoint: TreeHead, known: number): Promise<Rest> {
    switch (answer.kind) {
      case 'cosigned':
        await this.#keep(checkpoint, answer.lines);
        return { ms: 0, wakeable: true };
      case 'conflict':
        // The size that we named is the one it has: then it is the root that differs.
        if (answer.size === known) return this.#trouble('witness-saw-another-root', { size: known });
        this.#known = answer.size;
        return { ms: LIMITS.retryPauseMinMs, wakeable: false };
      case 'unproven':
        return this.#trouble('witness-saw-another-tree', { size: checkpoint.size, known });
      case 'refused':
        return this.#trouble('witness-refuses-log', { size: checkpoint.size, status: answer.status });
    }
  }

  /**
   * The head that goes to the chain or is there, so that it is the one that is cosigned too. While the publisher sends none (the chain
   * is away), or one below what the witness has already (its answer was lost), the newest head.
   */
  #target(known: number): number | undefined {
    const { head, sent = 0, floor } = this.live;
    const anchored = Math.max(sent, floor?.size ?? 0);
    if (anchored > this.#cosigned && anchored >= known && anchored <= head.size) return anchored;
    if (known > this.#cosigned) return head.size;
    return this.#isOverdue(head.size) ? head.size : undefined;
  }

  #isOverdue(size: number): boolean {
    if (size <= this.#cosigned) {
      this.#waitingSince = undefined;
      return false;
    }
    this.#waitingSince ??= Date.now();
    return Date.now() - this.#waitingSince >= LIMITS.witnessPatienceMs;
  }

  async #readKnown(): Promise<number> {
    const { name, id } = this.witness.key;
    this.#cosigned = await this.parts.cosignatures.latestOf(this.live.log.logNo, name, id);
    return this.#cosigned;
  }

  async #keep(checkpoint: TreeHead, lines: string): Promise<void> {
    const { live, parts } = this;
    await parts.cosignatures.add(live.log.logNo, checkpoint.size, this.#verified(checkpoint, lines));
    this.#known = checkpoint.size;
    this.#cosigned = checkpoint.size;
    this.#waitingSince = undefined;
    if (this.#isTroubled) parts.logger.info('witness-well-again', { name: this.witness.name, origin: live.log.origin });
    this.#isTroubled = false;
    await parts.onCosigned(checkpoint.size);
  }

  /** The pinned key's own line; lines of other keys are left out. */
  #verified({ note }: TreeHead, lines: string): Cosignature {
    const { key } = this.witness;
    const { signatures } = openCheckpoint(note + lines, this.live.log.noteKey, [key]);
    const index = signatures.findIndex((each) => each.verified && each.time !== undefined);
    const signature = signatures[index];
    const line = note.concat(lines).split('\n\n')[1]?.split('\n')[index];
    if (signature?.time === undefined || line === undefined)
      throw new DomainError('SIGNATURE_INVALID', { field: 'witness', rule: 'it sent no line of its pinned key' });
    return { name: key.name, keyId: key.id, time: signature.time, line: `${line}\n` };
  }

  /** Somebody is called, once; the witness is asked again after a long pause. */
  #trouble(kind: string, facts: Readonly<Record<string, number>>): Rest {
    const { live, parts, witness } = this;
    if (!this.#isTroubled) alarm(parts.logger, kind, live.log.origin, { name: witness.name, ...facts });
    this.#isTroubled = true;
    return { ms: LIMITS.witnessTroubleMs, wakeable: false };
  }
}
