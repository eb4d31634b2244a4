import type { Link } from '@countersign/kernel';

/** The stream is this thing's own. */
export function identifies(kind: Link['kind'], value: string): Link {
  return { kind, value, role: 'identifies' };
}

/** The stream refers to these; empty values are left out. */
export function mentions(kind: Link['kind'], ...values: readonly (string | undefined)[]): readonly Link[] {
  return values
    .filter((value) => value !== undefined && value !== '')
    .map((value) => ({ kind, value: value ?? '', role: 'mentions' }));
}
