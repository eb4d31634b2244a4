import { DomainError } from '@countersign/kernel';
import { openCheckpoint, type Checkpoint, type NoteKey } from '@countersign/merkle';
import { parseHeadsEntry } from '@countersign/record';
import { alarm } from '../alarm.js';
import { Mirror, type MirrorParts } from './mirror.js';
import { RecomputedMap } from './recomputed-map.js';

/**
 * Judges the heads log of one log: whether every entry of it, from index 0, says what the entries of the log itself say. What it says is
 * about its own copy, which is durable before it says it. Heads logs that lied once are refused for good.
 */
export class MapChecker {
  readonly #mirror: Mirror;
  #map: RecomputedMap | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param baseKey the log's key; the heads log's origin is `<origin>/heads` */
  constructor(
    private readonly baseKey: NoteKey,
    private readonly parts: MirrorParts,
  ) {
    this.#mirror = new Mirror(parts);
  }

  /**
   * Whether this heads checkpoint, whose signature the caller verified, may be cosigned. False: refused, with the evidence kept.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE: not known yet; PROOF_BROKEN: what the source gave is not what was signed
   */
  async admits(checkpoint: Checkpoint, note: string): Promise<boolean> {
    // One at a time: the map is one object, and grows.
    const judged = this.#last.then(() => this.#judge(checkpoint, note));
    this.#last = judged.catch(() => undefined);
    return judged;
  }

  async #judge(checkpoint: Checkpoint, note: string): Promise<boolean> {
    const { store } = this.parts;
    const { origin, size } = checkpoint;
    if ((await store.refusal(origin)) !== undefined) return false;
    await this.#copyBase();
    await this.#mirror.copy(checkpoint, note);
    const { size: copied } = await store.head(this.baseKey.name);
    const map = this.#map ?? new RecomputedMap((from, to) => store.entries(this.baseKey.name, from, to));
    // Whatever goes wrong from here on, the next one recomputes the map from the copy.
    this.#map = undefined;
    while (map.headsChecked < size) {
      const [bytes = Buffer.alloc(0)] = await store.entries(origin, map.headsChecked, map.headsChecked + 1);
      const rule = await broken(map, bytes, copied);
      if (rule !== undefined) return this.#refuse(origin, { headsIndex: map.headsChecked, rule, note });
    }
    this.#map = map;
    return true;
  }

  async #copyBase(): Promise<void> {
    const note = await this.parts.source.checkpoint(this.baseKey.name);
    await this.#mirror.copy(openCheckpoint(note, this.baseKey), note);
  }

  async #refuse(origin: string, refusal: { headsIndex: number; rule: string; note: string }): Promise<false> {
    await this.parts.store.refuse(origin, refusal);
    alarm(this.parts.logger, 'map-refused', origin, { position: refusal.headsIndex, rule: refusal.rule });
    return false;
  }
}

/** The rule that a signed heads entry breaks. Bytes that are no entry are as signed as others. */
async function broken(map: RecomputedMap, bytes: Uint8Array, copied: number): Promise<string | undefined> {
  try {
    const entry = parseHeadsEntry(bytes);
    if (entry.baseSize > BigInt(copied)) {
      throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'baseSize', rule: 'the copy reaches as far as the heads entry' });
    }
    return await map.judge(entry);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'RECORD_MALFORMED') return error.message;
    throw error;
  }
}
