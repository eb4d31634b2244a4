import { PersistentMap } from './persistent-map.js';

/** A list that only grows and whose versions live side by side; see `PersistentMap`. */
export class PersistentList<Value> implements Iterable<Value> {
  private constructor(private readonly values: PersistentMap<number, Value>) {}

  static empty<Value>(): PersistentList<Value> {
    return new PersistentList<Value>(PersistentMap.empty());
  }

  static of<Value>(...values: readonly Value[]): PersistentList<Value> {
    return values.reduce((list, value) => list.append(value), PersistentList.empty<Value>());
  }

  get length(): number {
    return this.values.size;
  }

  append(value: Value): PersistentList<Value> {
    return new PersistentList(this.values.set(this.values.size, value));
  }

  /** Oldest first. */
  [Symbol.iterator](): Iterator<Value> {
    return this.values.values()[Symbol.iterator]();
  }
}
