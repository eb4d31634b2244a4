import type { DomainEvent, EventSchema, Role, StreamDefinition } from '@countersign/kernel';

export type ServicePrincipalRegistered = DomainEvent<
  'ServicePrincipalRegistered',
  {
    readonly principalId: string;
    readonly organisationId: string;
    /** Ed25519 public key, base64url. */
    readonly publicKey: string;
    readonly roles: readonly Role[];
    /** DoDAAC or CAGE code; the organisation's id for services of the operator, which act for nobody else. */
    readonly actingFor: string;
  }
>;

/** The key of a person's device; takes the place of the one before. */
export type PersonKeyRegistered = DomainEvent<
  'PersonKeyRegistered',
  { readonly principalId: string; readonly organisationId: string; readonly publicKey: string }
>;

export type PrincipalRevoked = DomainEvent<'PrincipalRevoked', { readonly principalId: string }>;

export type PrincipalEvent = ServicePrincipalRegistered | PersonKeyRegistered | PrincipalRevoked;

export type ServicePrincipal = { readonly status: 'ACTIVE'; readonly kind: 'service' } & ServicePrincipalRegistered['data'];
export type PersonPrincipal = { readonly status: 'ACTIVE'; readonly kind: 'person' } & PersonKeyRegistered['data'];

export type PrincipalState =
  | { readonly status: 'NONE' }
  | ServicePrincipal
  | PersonPrincipal
  | { readonly status: 'REVOKED'; readonly principalId: string; readonly organisationId: string };

export type ActivePrincipal = ServicePrincipal | PersonPrincipal;

const PRINCIPAL_GROUP = { group: 'principal' } as const;
const SCHEMAS = {
  ServicePrincipalRegistered: {
    type: 'countersign.identity.ServicePrincipalRegistered.v1',
    fields: {
      principalId: PRINCIPAL_GROUP,
      organisationId: PRINCIPAL_GROUP,
      publicKey: PRINCIPAL_GROUP,
      roles: PRINCIPAL_GROUP,
      actingFor: PRINCIPAL_GROUP,
    },
  },
  PersonKeyRegistered: {
    type: 'countersign.identity.PersonKeyRegistered.v1',
    fields: { principalId: PRINCIPAL_GROUP, organisationId: PRINCIPAL_GROUP, publicKey: PRINCIPAL_GROUP },
  },
  PrincipalRevoked: { type: 'countersign.identity.PrincipalRevoked.v1', fields: { principalId: PRINCIPAL_GROUP } },
} as const satisfies Record<PrincipalEvent['type'], EventSchema>;

/** `principal/<id>`; a person's principal id is the person id. */
export const PRINCIPAL: StreamDefinition<PrincipalState, PrincipalEvent> = {
  category: 'principal',
  initial: { status: 'NONE' },
  evolve,
  schemas: SCHEMAS,
  links: (event) => [{ kind: 'principal', value: event.data.principalId, role: 'identifies' }],
};

function evolve(state: PrincipalState, event: PrincipalEvent): PrincipalState {
  switch (event.type) {
    case 'ServicePrincipalRegistered':
      return { status: 'ACTIVE', kind: 'service', ...event.data };
    case 'PersonKeyRegistered':
      return { status: 'ACTIVE', kind: 'person', ...event.data };
    case 'PrincipalRevoked': {
      if (state.status === 'NONE') return state;
      return { status: 'REVOKED', principalId: state.principalId, organisationId: state.organisationId };
    }
  }
}
