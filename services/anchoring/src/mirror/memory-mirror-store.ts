import { DomainError } from '@countersign/kernel';
import { asBuffer, emptyRoot, formatForkProof, sameBytes, type ForkProof } from '@countersign/merkle';
import type { MapRefusal, MirroredHead, MirrorStore } from './mirror-store.js';

/** A mirror's memory for tests. The next append may be told to fail: before it takes effect, or after. */
export class MemoryMirrorStore implements MirrorStore {
  readonly #heads = new Map<string, MirroredHead>();
  readonly #entries = new Map<string, Buffer[]>();
  readonly #refusals = new Map<string, MapRefusal>();
  readonly forks = new Set<string>();
  fault: 'before' | 'after' | undefined;

  head(origin: string): Promise<MirroredHead> {
    return Promise.resolve(this.#heads.get(origin) ?? { size: 0, root: Buffer.from(emptyRoot), note: '' });
  }

  entries(origin: string, from: number, to: number): Promise<readonly Buffer[]> {
    return Promise.resolve((this.#entries.get(origin) ?? []).slice(from, to));
  }

  async append(
    origin: string,
    from: Pick<MirroredHead, 'size' | 'root'>,
    entries: readonly Uint8Array[],
    next: MirroredHead,
  ): Promise<boolean> {
    const head = await this.head(origin);
    const fault = this.fault;
    this.fault = undefined;
    if (fault === 'before') throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'database' });
    if (head.size !== from.size || !sameBytes(head.root, from.root)) return false;
    if (entries.length === 0 || head.size + entries.length !== next.size) return false;
    this.#entries.set(origin, [...(this.#entries.get(origin) ?? []), ...entries.map((entry) => asBuffer(entry))]);
    this.#heads.set(origin, next);
    if (fault === 'after') throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'database' });
    return true;
  }

  keepFork(origin: string, proof: ForkProof): Promise<boolean> {
    const text = `${origin}\n${formatForkProof(proof)}`;
    const isNews = !this.forks.has(text);
    this.forks.add(text);
    return Promise.resolve(isNews);
  }

  refuse(origin: string, refusal: MapRefusal): Promise<void> {
    if (!this.#refusals.has(origin)) this.#refusals.set(origin, refusal);
    return Promise.resolve();
  }

  refusal(origin: string): Promise<MapRefusal | undefined> {
    return Promise.resolve(this.#refusals.get(origin));
  }
}
