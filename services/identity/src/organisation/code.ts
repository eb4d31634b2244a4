import type { DomainEvent, EventSchema, StreamDefinition } from '@countersign/kernel';
import type { Agency, Codes } from './organisation.js';

/** One code of one kind; agencies are known by state and station as by a code. */
export interface Code {
  readonly kind: 'cage' | 'dodaac' | 'ric' | 'uic' | 'agency';
  readonly code: string;
}

interface Holding extends Code {
  readonly organisationId: string;
}

export type CodeAssigned = DomainEvent<'CodeAssigned', Holding>;
export type CodeReleased = DomainEvent<'CodeReleased', Holding>;
export type CodeEvent = CodeAssigned | CodeReleased;

/** Who holds the code now; nobody before it is assigned and after it is released. */
export interface CodeState {
  readonly holder?: string;
}

const FIELDS = { kind: 'public', code: 'public', organisationId: 'public' } as const;
const SCHEMAS = {
  CodeAssigned: { type: 'countersign.identity.CodeAssigned.v1', fields: FIELDS },
  CodeReleased: { type: 'countersign.identity.CodeReleased.v1', fields: FIELDS },
} as const satisfies Record<CodeEvent['type'], EventSchema>;

/** `code/<kind>/<code>`: a stream of its own, so that two registrations cannot take one code. */
export const CODE: StreamDefinition<CodeState, CodeEvent> = {
  category: 'code',
  initial: {},
  evolve: (_state, event) => (event.type === 'CodeAssigned' ? { holder: event.data.organisationId } : {}),
  schemas: SCHEMAS,
  links: (event) => [{ kind: 'organisation', value: event.data.organisationId, role: 'mentions' }],
};

/** Key of a code's stream; what is not visible ASCII without separators is percent-encoded. */
export function codeKey({ kind, code }: Code): string {
  return `${kind}/${encodeURIComponent(code)}`;
}

export function agencyCode({ state, station }: Agency): Code {
  return { kind: 'agency', code: `${state}/${station}` };
}

export function codesOf(codes: Codes): Code[] {
  return [
    ...codes.cageCodes.map((code): Code => ({ kind: 'cage', code })),
    ...codes.dodaacs.map((code): Code => ({ kind: 'dodaac', code })),
    ...codes.rics.map((code): Code => ({ kind: 'ric', code })),
    ...codes.uics.map((code): Code => ({ kind: 'uic', code })),
  ];
}
