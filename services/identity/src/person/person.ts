import type { DomainEvent, EventSchema, StreamDefinition } from '@countersign/kernel';

export type PersonEnrolled = DomainEvent<
  'PersonEnrolled',
  {
    readonly personId: string;
    readonly organisationId: string;
    readonly nation: string;
    readonly clearance: string;
    /** Erasable: absent when the event is read back. */
    readonly name?: string;
  }
>;

/** The person got an appointment; whether it still counts is for the appointment to say. */
export type PersonAppointed = DomainEvent<'PersonAppointed', { readonly personId: string; readonly appointmentId: string }>;

export type PersonEvent = PersonEnrolled | PersonAppointed;

export type PersonState =
  | { readonly status: 'NONE' }
  | {
      readonly status: 'ENROLLED';
      readonly personId: string;
      readonly organisationId: string;
      readonly nation: string;
      readonly clearance: string;
      /** Oldest first. */
      readonly appointmentIds: readonly string[];
    };

export type EnrolledPerson = Extract<PersonState, { status: 'ENROLLED' }>;

/** The release group whose key belongs to the person alone: destroying it erases the name. Personal groups never leave by the evidence door. */
export const PERSONAL_GROUP = 'personal';

const PERSON = { group: 'person' } as const;
const SCHEMAS = {
  PersonEnrolled: {
    type: 'countersign.identity.PersonEnrolled.v1',
    fields: {
      personId: PERSON,
      organisationId: PERSON,
      nation: PERSON,
      clearance: { group: 'personal-clearance' },
      name: { group: PERSONAL_GROUP, erasable: true },
    },
  },
  PersonAppointed: { type: 'countersign.identity.PersonAppointed.v1', fields: { personId: PERSON, appointmentId: PERSON } },
} as const satisfies Record<PersonEvent['type'], EventSchema>;

/** `person/<id>` */
export const PERSON_STREAM: StreamDefinition<PersonState, PersonEvent> = {
  category: 'person',
  initial: { status: 'NONE' },
  evolve,
  schemas: SCHEMAS,
  links: (event) => [{ kind: 'principal', value: event.data.personId, role: 'identifies' }],
};

function evolve(state: PersonState, event: PersonEvent): PersonState {
  switch (event.type) {
    case 'PersonEnrolled': {
      const { personId, organisationId, nation, clearance } = event.data;
      return { status: 'ENROLLED', personId, organisationId, nation, clearance, appointmentIds: [] };
    }
    case 'PersonAppointed':
      if (state.status === 'NONE') return state;
      return { ...state, appointmentIds: [...state.appointmentIds, event.data.appointmentId] };
  }
}
