/** What JSON can hold; mutations also make what no bundle holds. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Members sorted by UTF-16 code units, no white space: canonical for whatever has a canonical form, and written also if it has none. */
export function sortedJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort((one, other) => (one < other ? -1 : 1));
  return `{${members.map((name) => `${JSON.stringify(name)}:${sortedJson(value[name] ?? null)}`).join(',')}}`;
}

/** Whether a value has members. */
export function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A place in a value: the container that holds it, and its name or index there. */
export interface Place {
  readonly holder: Json[] | { [name: string]: Json };
  readonly key: string | number;
}

/** All places of a value below its root. */
export function placesOf(value: Json): Place[] {
  if (Array.isArray(value)) return value.flatMap((element, key) => [{ holder: value, key }, ...placesOf(element)]);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => [{ holder: value, key }, ...placesOf(member)]);
}

/** What stands at a place. */
export function valueAt({ holder, key }: Place): Json {
  return (holder as Record<string | number, Json>)[key] ?? null;
}

/** Puts a value at a place; as an own member also where its name is `__proto__`. */
export function putAt({ holder, key }: Place, value: Json): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}
