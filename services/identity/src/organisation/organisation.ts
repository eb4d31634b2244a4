import type { DomainEvent, EventSchema, StreamDefinition } from '@countersign/kernel';

/** Codes that an organisation holds, by kind. */
export interface Codes {
  readonly cageCodes: readonly string[];
  readonly dodaacs: readonly string[];
  readonly rics: readonly string[];
  readonly uics: readonly string[];
}

export const NO_CODES: Codes = { cageCodes: [], dodaacs: [], rics: [], uics: [] };

/** How published lists name a law enforcement agency; compared byte for byte. */
export interface Agency {
  readonly state: string;
  readonly station: string;
}

export type OrganisationRegistered = DomainEvent<
  'OrganisationRegistered',
  Codes & {
    readonly organisationId: string;
    readonly name: string;
    readonly nation: string;
    readonly agency?: Agency;
    /** What it does, from the list of the contract. */
    readonly kinds: readonly string[];
  }
>;

/** The codes that the organisation holds from now on, all of them. Each change is an event of its code's stream. */
export type OrganisationCodesChanged = DomainEvent<'OrganisationCodesChanged', Codes & { readonly organisationId: string }>;

export type OrganisationEvent = OrganisationRegistered | OrganisationCodesChanged;

export type OrganisationState =
  | { readonly status: 'NONE' }
  | ({ readonly status: 'ACTIVE'; readonly codes: Codes } & Omit<OrganisationRegistered['data'], keyof Codes>);

export type ActiveOrganisation = Extract<OrganisationState, { status: 'ACTIVE' }>;

/** The directory is known to everybody: other services project it without a key. */
const SCHEMAS = {
  OrganisationRegistered: {
    type: 'countersign.identity.OrganisationRegistered.v1',
    fields: {
      organisationId: 'public',
      name: 'public',
      nation: 'public',
      cageCodes: 'public',
      dodaacs: 'public',
      rics: 'public',
      uics: 'public',
      agency: 'public',
      kinds: 'public',
    },
  },
  OrganisationCodesChanged: {
    type: 'countersign.identity.OrganisationCodesChanged.v1',
    fields: { organisationId: 'public', cageCodes: 'public', dodaacs: 'public', rics: 'public', uics: 'public' },
  },
} as const satisfies Record<OrganisationEvent['type'], EventSchema>;

/** `organisation/<id>` */
export const ORGANISATION: StreamDefinition<OrganisationState, OrganisationEvent> = {
  category: 'organisation',
  initial: { status: 'NONE' },
  evolve,
  schemas: SCHEMAS,
  links: (event) => [{ kind: 'organisation', value: event.data.organisationId, role: 'identifies' }],
};

function evolve(state: OrganisationState, event: OrganisationEvent): OrganisationState {
  switch (event.type) {
    case 'OrganisationRegistered': {
      const { cageCodes, dodaacs, rics, uics, ...rest } = event.data;
      return { status: 'ACTIVE', ...rest, codes: { cageCodes, dodaacs, rics, uics } };
    }
    case 'OrganisationCodesChanged': {
      if (state.status === 'NONE') return state;
      const { cageCodes, dodaacs, rics, uics } = event.data;
      return { ...state, codes: { cageCodes, dodaacs, rics, uics } };
    }
  }
}

/** Whether the organisation holds the DoDAAC or CAGE code. */
export function holdsActivityCode(organisation: ActiveOrganisation, code: string): boolean {
  return organisation.codes.dodaacs.includes(code) || organisation.codes.cageCodes.includes(code);
}
