/** A JSON value without floats: numbers are integers within ±(2^53−1); larger ones travel as decimal strings. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: JsonValue;
}
