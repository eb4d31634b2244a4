import type { z } from 'zod';

/** Input that cannot be read as what it claims to be: exit code 2, as opposed to evidence that does not hold. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** Says where input breaks its schema. Names of members that the schema does not know are the input's own: they are not repeated. */
export function breaksSchema(what: string, { issues: [issue] }: z.ZodError): Unreadable {
  const rule = issue?.code === 'unrecognized_keys' ? 'has a member that is not listed' : (issue?.message ?? 'unknown');
  return new Unreadable(`${what} breaks its schema at ${issue?.path.join('.') || 'the top'}: ${rule}`);
}
