/** Latencies of one measurement in milliseconds, in bounded memory growth (eight bytes each). */
export class Latencies {
  #values = new Float64Array(1 << 16);
  #count = 0;

  add(milliseconds: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count] = milliseconds;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /** p50, p99, p99.9 and the maximum; none if nothing was measured. */
  summary(): { readonly p50Ms?: number; readonly p99Ms?: number; readonly p999Ms?: number; readonly maxMs?: number } {
    if (this.#count === 0) return {};
    const sorted = this.#values.slice(0, this.#count).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: at(1) };
  }
}
