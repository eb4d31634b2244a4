/** A history that no log which keeps its promises can have. */
class BrokenHistory extends Error {}

/** @throws BrokenHistory */
export function broken(what: string, context: Readonly<Record<string, unknown>> = {}): never {
  throw new BrokenHistory(`${what} ${textOf(context)}`);
}

/** For comparing and for telling: JSON in which numbers of any size are texts. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}
