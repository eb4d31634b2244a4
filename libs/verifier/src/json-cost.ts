/** Limits of a JSON text that is parsed at all. */
export interface JsonLimits {
  /** Arrays and objects within each other, the outermost counting 1. */
  readonly depthMax: number;
  /** `{`, `[` and `,` outside texts: an upper bound of the values that a parser would make. */
  readonly partsMax: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/**
 * Whether parsing the text costs memory out of proportion to its size: 64 MiB of `{},` or `[[[` become gigabytes. Looks at bytes
 * only; what is no JSON is left to the parser.
 */
export function exceedsLimits(json: Uint8Array, { depthMax, partsMax }: JsonLimits): boolean {
  let depth = 0;
  let parts = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number;
    if (byte === QUOTE) {
      at = endOfText(json, at + 1);
    } else if (OPENING.has(byte)) {
      depth += 1;
      parts += 1;
    } else if (byte === COMMA) {
      parts += 1;
    } else if (CLOSING.has(byte)) {
      depth -= 1;
    }
    if (depth > depthMax || parts > partsMax) return true;
  }
  return false;
}

/** Where the text that begins at `from` has its closing quote. */
function endOfText(json: Uint8Array, from: number): number {
  let at = from;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}
