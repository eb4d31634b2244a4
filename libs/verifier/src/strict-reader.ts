import { Unreadable } from './unreadable.js';

/** Takes a parsed JSON value apart, or throws `Misfit` at the first thing that is not as it must be. */
export type Reader<T> = (value: unknown) => T;

/** A member that may be absent. */
interface Optional<T> {
  readonly optional: Reader<T>;
}

type Shape = Readonly<Record<string, Reader<unknown> | Optional<unknown>>>;

/** What an object of this shape is read as. */
type Shaped<S extends Shape> = {
  readonly [Name in keyof S as S[Name] extends Reader<unknown> ? Name : never]: S[Name] extends Reader<infer T> ? T : never;
} & {
  readonly [Name in keyof S as S[Name] extends Reader<unknown> ? never : Name]?: S[Name] extends Optional<infer T> ? T : never;
};

/** Where a value does not fit, innermost step last, and the rule it breaks. Holds nothing of the value itself. */
class Misfit extends Error {
  readonly path: (string | number)[] = [];
}

/** A text for which `holds`. */
export function text(rule: string, holds: (value: string) => boolean): Reader<string> {
  return (value) => {
    if (typeof value !== 'string' || !holds(value)) throw new Misfit(rule);
    return value;
  };
}

/** Exactly this number. */
export function exactly<N extends number>(number: N): Reader<N> {
  return (value) => {
    if (value !== number) throw new Misfit(`must be the number ${number}`);
    return number;
  };
}

/** An array of at least `lengthMin` and at most `lengthMax` such elements; stops at the first that is none. */
export function list<T>(element: Reader<T>, lengthMax: number, lengthMin = 0): Reader<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length < lengthMin || value.length > lengthMax)
      throw new Misfit(`must be a list of ${lengthMin} to ${lengthMax}`);
    return value.map((each: unknown, at) => within(at, () => element(each)));
  };
}

/** An object with exactly these members. */
export function object<S extends Shape>(shape: S): Reader<Shaped<S>> {
  const members = Object.entries(shape);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Misfit('must be an object');
    // Names that are not listed are the input's own: they are not repeated in the message.
    if (Object.keys(value).some((name) => !Object.hasOwn(shape, name))) throw new Misfit('has a member that is not listed');
    const given = value as Readonly<Record<string, unknown>>;
    const read: Record<string, unknown> = {};
    for (const [name, reader] of members) {
      const isOptional = typeof reader !== 'function';
      if (Object.hasOwn(given, name)) read[name] = within(name, () => (isOptional ? reader.optional : reader)(given[name]));
      else if (!isOptional) throw new Misfit(`lacks its member ${name}`);
    }
    return read as Shaped<S>;
  };
}

/** Marks a member that may be absent. */
export function optional<T>(reader: Reader<T>): Optional<T> {
  return { optional: reader };
}

/** The first of two readers if the value has that member, else the second. */
export function byMember<A, B>(name: string, having: Reader<A>, lacking: Reader<B>): Reader<A | B> {
  return (value) => (typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? having(value) : lacking(value));
}

/**
 * Reads a whole value.
 *
 * @param what how the message names it
 * @throws Unreadable naming where the value breaks its schema, and the rule
 */
export function readAs<T>(reader: Reader<T>, value: unknown, what: string): T {
  try {
    return reader(value);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new Unreadable(`${what} breaks its schema at ${error.path.join('.') || 'the top'}: ${error.message}`);
  }
}

function within<T>(step: string | number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Misfit) error.path.unshift(step);
    throw error;
  }
}
