import { DomainError, type JsonObject, type JsonValue } from '@countersign/kernel';

const DEPTH_MAX = 32;
const NAME_SHOWN = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
const INTEGER = /-?(?:0|[1-9][0-9]*)/y;
const WHITESPACE = /[ \t\n\r]*/y;
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Parses JSON that others wrote, so that no two readers can understand it differently: UTF-8 without byte order mark, each member name
 * once, integers within ±(2^53−1) only (decimals travel as strings), at most 32 levels, no lone surrogates, no `__proto__`.
 *
 * @throws DomainError SCHEMA_INVALID with the rule that was broken; never quotes a value
 */
export function parseStrictJson(bytes: Uint8Array): JsonValue {
  const text = decodeUtf8(bytes);
  return parseUsual(text) ?? new StrictParser(text).parse();
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refusal('must be UTF-8');
  }
}

/**
 * What most senders write: a text that is exactly what its value is written as. Then no member stood there twice and no number was in
 * another form, and the engine's parser, many times quicker, can be believed. Anything else is read with care, and told why.
 */
function parseUsual(text: string): JsonValue | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isStrict(value, 0) && JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined; // Not JSON, or too deep: the careful parser says so.
  }
}

function isStrict(value: JsonValue, depth: number): boolean {
  if (depth > DEPTH_MAX) return false;
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every((item) => isStrict(item, depth + 1));
  return Object.entries(value).every(
    ([name, member]) => name !== '__proto__' && name.isWellFormed() && isStrict(member as JsonValue, depth + 1),
  );
}

class StrictParser {
  private at = 0;

  constructor(private readonly text: string) {}

  parse(): JsonValue {
    const value = this.value(0);
    this.skipWhitespace();
    if (this.at !== this.text.length) throw refusal('must be one JSON value');
    return value;
  }

  private value(depth: number): JsonValue {
    if (depth > DEPTH_MAX) throw refusal(`must not nest deeper than ${DEPTH_MAX} levels`);
    this.skipWhitespace();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.integer();
    }
  }

  private object(depth: number): JsonObject {
    const members: Record<string, JsonValue> = {};
    this.at += 1;
    if (this.take('}')) return members;
    do {
      this.skipWhitespace();
      if (this.text[this.at] !== '"') throw refusal('must be well-formed JSON');
      const name = this.string();
      if (name === '__proto__') throw refusal('must not name a member __proto__');
      if (Object.hasOwn(members, name)) throw refusal('must not name a member twice', name);
      this.expect(':');
      members[name] = this.value(depth + 1);
    } while (this.take(','));
    this.expect('}');
    return members;
  }

  private array(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.at += 1;
    if (this.take(']')) return items;
    do {
      items.push(this.value(depth + 1));
    } while (this.take(','));
    this.expect(']');
    return items;
  }

  private string(): string {
    let result = '';
    let from = this.at + 1;
    for (let index = from; index < this.text.length; index += 1) {
      const character = this.text[index] ?? '';
      if (character === '"') {
        this.at = index + 1;
        return wellFormed(result + this.text.slice(from, index));
      }
      if (character < ' ') throw refusal('must escape control characters in strings');
      if (character === '\\') {
        const escape = this.escape(index);
        result += this.text.slice(from, index) + escape.text;
        index = escape.last;
        from = index + 1;
      }
    }
    throw refusal('must be well-formed JSON');
  }

  /** What the escape at `index` stands for, and the index of its last character. */
  private escape(index: number): { readonly text: string; readonly last: number } {
    const kind = this.text[index + 1] ?? '';
    const plain = ESCAPES[kind];
    if (plain !== undefined) return { text: plain, last: index + 1 };
    const digits = this.text.slice(index + 2, index + 6);
    if (kind !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) throw refusal('must be well-formed JSON');
    return { text: String.fromCharCode(Number.parseInt(digits, 16)), last: index + 5 };
  }

  private integer(): number {
    INTEGER.lastIndex = this.at;
    const digits = INTEGER.exec(this.text)?.[0];
    if (digits === undefined) throw refusal('must be well-formed JSON');
    this.at += digits.length;
    const value = Number(digits);
    if (/^[0-9.eE]/.test(this.text.slice(this.at, this.at + 1)))
      throw refusal('must write numbers as integers, decimals as strings');
    if (!Number.isSafeInteger(value) || digits === '-0')
      throw refusal('must keep integers within 2^53-1, larger ones as strings');
    return value;
  }

  private word<Value>(word: string, value: Value): Value {
    if (!this.text.startsWith(word, this.at)) throw refusal('must be well-formed JSON');
    this.at += word.length;
    return value;
  }

  private take(character: string): boolean {
    this.skipWhitespace();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private expect(character: string): void {
    if (!this.take(character)) throw refusal('must be well-formed JSON');
  }

  private skipWhitespace(): void {
    WHITESPACE.lastIndex = this.at;
    this.at += WHITESPACE.exec(this.text)?.[0].length ?? 0;
  }
}

function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw refusal('must not hold lone surrogates');
  return text;
}

function refusal(rule: string, field?: string): DomainError {
  return new DomainError('SCHEMA_INVALID', { rule, ...(field !== undefined && NAME_SHOWN.test(field) ? { field } : {}) });
}
