/**
 * A map whose versions live side by side: `set` and `delete` give a new map in O(log n) and leave this one as it is. Folding a stream
 * of any length costs the same per event with it, and the state before an event stays right if the event is not recorded.
 *
 * A balanced search tree (AVL) in the order of its keys, so what it holds does not depend on the order in which it came, and nobody
 * slows it down by choosing keys. Keys of one map are all strings or all numbers.
 */
export class PersistentMap<Key extends string | number, Value> implements Iterable<readonly [Key, Value]> {
  readonly #root: Node<Key, Value> | undefined;

  private constructor(
    root: Node<Key, Value> | undefined,
    readonly size: number,
  ) {
    this.#root = root;
  }

  static empty<Key extends string | number, Value>(): PersistentMap<Key, Value> {
    return new PersistentMap<Key, Value>(undefined, 0);
  }

  static of<Key extends string | number, Value>(entries: Iterable<readonly [Key, Value]>): PersistentMap<Key, Value> {
    let map = PersistentMap.empty<Key, Value>();
    for (const [key, value] of entries) map = map.set(key, value);
    return map;
  }

  get(key: Key): Value | undefined {
    return find(this.#root, key)?.value;
  }

  has(key: Key): boolean {
    return find(this.#root, key) !== undefined;
  }

  set(key: Key, value: Value): PersistentMap<Key, Value> {
    return new PersistentMap(inserted(this.#root, key, value), this.has(key) ? this.size : this.size + 1);
  }

  delete(key: Key): PersistentMap<Key, Value> {
    return this.has(key) ? new PersistentMap(removed(this.#root, key), this.size - 1) : this;
  }

  /** In the order of the keys. */
  *[Symbol.iterator](): Iterator<readonly [Key, Value]> {
    for (const { key, value } of inOrder(this.#root)) yield [key, value];
  }

  *keys(): Iterable<Key> {
    for (const { key } of inOrder(this.#root)) yield key;
  }

  *values(): Iterable<Value> {
    for (const { value } of inOrder(this.#root)) yield value;
  }
}

interface Node<Key, Value> {
  readonly key: Key;
  readonly value: Value;
  readonly left: Node<Key, Value> | undefined;
  readonly right: Node<Key, Value> | undefined;
  /** Of the longest way down; the two sides never differ by more than one. */
  readonly height: number;
}

function find<Key, Value>(root: Node<Key, Value> | undefined, key: Key): Node<Key, Value> | undefined {
  let node = root;
  while (node !== undefined && node.key !== key) node = key < node.key ? node.left : node.right;
  return node;
}

function inserted<Key, Value>(node: Node<Key, Value> | undefined, key: Key, value: Value): Node<Key, Value> {
  if (node === undefined) return { key, value, left: undefined, right: undefined, height: 1 };
  const { left, right } = node;
  if (key === node.key) return { key, value, left, right, height: node.height };
  return key < node.key ? balanced(node, inserted(left, key, value), right) : balanced(node, left, inserted(right, key, value));
}

function removed<Key, Value>(node: Node<Key, Value> | undefined, key: Key): Node<Key, Value> | undefined {
  if (node === undefined) return undefined;
  const { left, right } = node;
  if (key < node.key) return balanced(node, removed(left, key), right);
  if (key !== node.key) return balanced(node, left, removed(right, key));
  if (left === undefined || right === undefined) return left ?? right;
  const next = first(right);
  return balanced(next, left, removed(right, next.key));
}

/** A node with the entry of `entry`, turned if one side became two higher than the other. */
function balanced<Key, Value>(
  entry: Pick<Node<Key, Value>, 'key' | 'value'>,
  left: Node<Key, Value> | undefined,
  right: Node<Key, Value> | undefined,
): Node<Key, Value> {
  const difference = heightOf(left) - heightOf(right);
  if (left !== undefined && difference > 1) {
    if (heightOf(left.left) >= heightOf(left.right)) return joined(left, left.left, joined(entry, left.right, right));
    const middle = left.right ?? left;
    return joined(middle, joined(left, left.left, middle.left), joined(entry, middle.right, right));
  }
  if (right !== undefined && difference < -1) {
    if (heightOf(right.right) >= heightOf(right.left)) return joined(right, joined(entry, left, right.left), right.right);
    const middle = right.left ?? right;
    return joined(middle, joined(entry, left, middle.left), joined(right, middle.right, right.right));
  }
  return joined(entry, left, right);
}

function joined<Key, Value>(
  { key, value }: Pick<Node<Key, Value>, 'key' | 'value'>,
  left: Node<Key, Value> | undefined,
  right: Node<Key, Value> | undefined,
): Node<Key, Value> {
  return { key, value, left, right, height: Math.max(heightOf(left), heightOf(right)) + 1 };
}

function heightOf<Key, Value>(node: Node<Key, Value> | undefined): number {
  return node?.height ?? 0;
}

function first<Key, Value>(root: Node<Key, Value>): Node<Key, Value> {
  let node = root;
  while (node.left !== undefined) node = node.left;
  return node;
}

function* inOrder<Key, Value>(root: Node<Key, Value> | undefined): Generator<Node<Key, Value>> {
  const path: Node<Key, Value>[] = [];
  let node = root;
  for (;;) {
    for (; node !== undefined; node = node.left) path.push(node);
    const next = path.pop();
    if (next === undefined) return;
    yield next;
    node = next.right;
  }
}
