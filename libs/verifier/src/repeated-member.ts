/** A text, and the colon behind it if it names a member. */
const TEXT = /"(?:[^"\\]|\\.)*"(\s*:)?/gs;

/**
 * Whether an object of a JSON text names a member twice. `JSON.parse` takes the last one; other readers, and people, the first.
 *
 * @param value what the text parses to
 */
export function hasRepeatedMember(text: string, value: unknown): boolean {
  let named = 0;
  for (const [, colon] of text.matchAll(TEXT)) if (colon !== undefined) named += 1;
  return named !== countMembers(value);
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members = Object.values(value) as unknown[];
  const own = Array.isArray(value) ? 0 : members.length;
  return members.reduce<number>((sum, member) => sum + countMembers(member), own);
}
