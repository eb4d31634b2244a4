import type { Cosignature, CosignatureStore, CosignedSize } from './cosignature-store.js';
import type { LogNo } from './stores.js';

/** Cosignatures in memory, for tests. */
export class MemoryCosignatureStore implements CosignatureStore {
  readonly #kept: { readonly logNo: LogNo; readonly size: number; readonly cosignature: Cosignature }[] = [];

  async add(logNo: LogNo, size: number, cosignature: Cosignature): Promise<void> {
    const stored = await this.at(logNo, size);
    if (stored.some(({ name, keyId }) => name === cosignature.name && keyId === cosignature.keyId)) return;
    this.#kept.push({ logNo, size, cosignature });
  }

  at(logNo: LogNo, size: number): Promise<readonly Cosignature[]> {
    const found = this.#kept.filter((each) => each.logNo === logNo && each.size === size);
    return Promise.resolve(found.map(({ cosignature }) => cosignature));
  }

  async latest(logNo: LogNo, limit: number): Promise<readonly CosignedSize[]> {
    const sizes = new Set(this.#kept.filter((each) => each.logNo === logNo).map(({ size }) => size));
    const largest = [...sizes].toSorted((a, b) => b - a).slice(0, limit);
    return Promise.all(largest.map(async (size) => ({ size, cosignatures: await this.at(logNo, size) })));
  }

  latestOf(logNo: LogNo, name: string, keyId: number): Promise<number> {
    const own = this.#kept.filter(
      (each) => each.logNo === logNo && each.cosignature.name === name && each.cosignature.keyId === keyId,
    );
    return Promise.resolve(Math.max(0, ...own.map(({ size }) => size)));
  }
}
