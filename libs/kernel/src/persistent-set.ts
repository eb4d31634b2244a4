import { PersistentMap } from './persistent-map.js';

/** A set whose versions live side by side; see `PersistentMap`. */
export class PersistentSet<Value extends string | number> implements Iterable<Value> {
  private constructor(private readonly values: PersistentMap<Value, true>) {}

  static empty<Value extends string | number>(): PersistentSet<Value> {
    return new PersistentSet<Value>(PersistentMap.empty());
  }

  get size(): number {
    return this.values.size;
  }

  has(value: Value): boolean {
    return this.values.has(value);
  }

  add(...values: readonly Value[]): PersistentSet<Value> {
    return new PersistentSet(values.reduce((kept, value) => kept.set(value, true), this.values));
  }

  delete(...values: readonly Value[]): PersistentSet<Value> {
    return new PersistentSet(values.reduce((kept, value) => kept.delete(value), this.values));
  }

  /** In order. */
  [Symbol.iterator](): Iterator<Value> {
    return this.values.keys()[Symbol.iterator]();
  }
}
