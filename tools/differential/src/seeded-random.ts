/** A generator whose whole sequence follows from a seed and the number of a run, so that one run can be made again alone. */
export class SeededRandom {
  private state: number;

  constructor(seed: number, run: number) {
    this.state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(run + 1, 0x85ebca6b)) | 0;
    for (let at = 0; at < 4; at++) this.next();
  }

  /** Uniform in [0, 1): mulberry32, a public-domain generator. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 to below the bound; 0 for an empty range. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /**
   * One of the values.
   *
   * @throws RangeError if there is none
   */
  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }

  /** True in so many of 100 cases. */
  chance(percent: number): boolean {
    return this.next() * 100 < percent;
  }
}
