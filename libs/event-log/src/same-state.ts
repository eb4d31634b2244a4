/**
 * Whether two folds of the same events gave the same state. Collections are compared by what they hold, in their order; two folds of
 * the same events fill them in the same order.
 */
export function isSameState(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isObject(one) || !isObject(other) || Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  return isIterable(one) && isIterable(other) ? holdSame(one, other) : haveSameFields(one, other);
}

function holdSame(one: Iterable<unknown>, other: Iterable<unknown>): boolean {
  const rest = other[Symbol.iterator]();
  for (const value of one) {
    const next = rest.next();
    if (next.done === true || !isSameState(value, next.value)) return false;
  }
  return rest.next().done === true;
}

function haveSameFields(one: object, other: object): boolean {
  const fields = Object.entries(one);
  if (fields.length !== Object.keys(other).length) return false;
  const values = other as Readonly<Record<string, unknown>>;
  return fields.every(([field, value]) => Object.hasOwn(other, field) && isSameState(value, values[field]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}
