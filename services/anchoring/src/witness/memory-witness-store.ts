import { DomainError } from '@countersign/kernel';
import { emptyRoot, formatForkProof, sameBytes, type ForkProof } from '@countersign/merkle';
import { WITNESS_LIMITS } from './config.js';
import type { KeptFork, WitnessedHead, WitnessStore } from './witness-store.js';

/** A witness's memory for tests. The next write may be told to fail: before it takes effect, or after. */
export class MemoryWitnessStore implements WitnessStore {
  readonly #heads = new Map<string, WitnessedHead[]>();
  readonly #forks: KeptFork[] = [];
  fault: 'before' | 'after' | undefined;

  head(origin: string): Promise<WitnessedHead> {
    return Promise.resolve(this.#heads.get(origin)?.at(-1) ?? { size: 0, root: Buffer.from(emptyRoot), note: '' });
  }

  headAt(origin: string, size: number): Promise<WitnessedHead | undefined> {
    return Promise.resolve(this.#heads.get(origin)?.find((head) => head.size === size));
  }

  async advance(origin: string, from: Pick<WitnessedHead, 'size' | 'root'>, next: WitnessedHead): Promise<boolean> {
    await Promise.resolve();
    const fault = this.fault;
    this.fault = undefined;
    if (fault === 'before') throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'database' });
    const heads = this.#heads.get(origin) ?? [];
    const head = heads.at(-1) ?? { size: 0, root: emptyRoot };
    if (head.size !== from.size || !sameBytes(head.root, from.root) || next.size <= head.size) return false;
    this.#heads.set(origin, [...heads, next]);
    if (fault === 'after') throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'database' });
    return true;
  }

  keepFork(origin: string, proof: ForkProof): Promise<boolean> {
    const text = formatForkProof(proof);
    const known = this.#forks.filter((fork) => fork.origin === origin);
    const isNews = known.length < WITNESS_LIMITS.forksKeptMax && known.every((fork) => formatForkProof(fork.proof) !== text);
    if (isNews) this.#forks.push({ origin, proof, detectedAt: new Date() });
    return Promise.resolve(isNews);
  }

  forks(origin?: string): Promise<readonly KeptFork[]> {
    return Promise.resolve(this.#forks.filter((fork) => origin === undefined || fork.origin === origin));
  }
}
