import {
  compareTimes,
  type DomainEvent,
  type EventSchema,
  type Rfc3339,
  type Role,
  type StreamDefinition,
} from '@countersign/kernel';

/** Roles that read everybody's evidence: no organisation grants them to its own people, or takes them away. */
export const OPERATOR_ONLY: readonly Role[] = ['auditor'];

/** What a person may do, for which code, and when. */
export interface Appointment {
  readonly appointmentId: string;
  readonly personId: string;
  readonly organisationId: string;
  readonly roles: readonly Role[];
  /** DoDAAC or CAGE code. */
  readonly actingFor: string;
  readonly validFrom: string;
  /** Exclusive. */
  readonly validTo?: string;
}

export type AppointmentMade = DomainEvent<'AppointmentMade', Appointment>;
export type AppointmentRevoked = DomainEvent<
  'AppointmentRevoked',
  { readonly appointmentId: string; readonly revokedAt: string }
>;
export type AppointmentEvent = AppointmentMade | AppointmentRevoked;

export type AppointmentState =
  | { readonly status: 'NONE' }
  | ({ readonly status: 'MADE' } & Appointment)
  | ({ readonly status: 'REVOKED'; readonly revokedAt: string } & Appointment);

export type MadeAppointment = Exclude<AppointmentState, { status: 'NONE' }>;

const APPOINTMENT = { group: 'appointment' } as const;
const SCHEMAS = {
  AppointmentMade: {
    type: 'countersign.identity.AppointmentMade.v1',
    fields: {
      appointmentId: APPOINTMENT,
      personId: APPOINTMENT,
      organisationId: APPOINTMENT,
      roles: APPOINTMENT,
      actingFor: APPOINTMENT,
      validFrom: APPOINTMENT,
      validTo: APPOINTMENT,
    },
  },
  AppointmentRevoked: {
    type: 'countersign.identity.AppointmentRevoked.v1',
    fields: { appointmentId: APPOINTMENT, revokedAt: APPOINTMENT },
  },
} as const satisfies Record<AppointmentEvent['type'], EventSchema>;

/** `appointment/<id>` */
export const APPOINTMENT_STREAM: StreamDefinition<AppointmentState, AppointmentEvent> = {
  category: 'appointment',
  initial: { status: 'NONE' },
  evolve,
  schemas: SCHEMAS,
  links: (event) =>
    event.type === 'AppointmentMade' ? [{ kind: 'principal', value: event.data.personId, role: 'mentions' }] : [],
};

function evolve(state: AppointmentState, event: AppointmentEvent): AppointmentState {
  switch (event.type) {
    case 'AppointmentMade':
      return { status: 'MADE', ...event.data };
    case 'AppointmentRevoked':
      if (state.status === 'NONE') return state;
      return { ...state, status: 'REVOKED', revokedAt: event.data.revokedAt };
  }
}

/** Whether the appointment counts at a moment or may count later. */
export function isOpenAt(appointment: MadeAppointment, at: Rfc3339): boolean {
  if (appointment.status === 'REVOKED') return false;
  return appointment.validTo === undefined || compareTimes(appointment.validTo as Rfc3339, at) > 0;
}

/** Whether the appointment counts at a moment. A revocation counts from its event time on. */
export function isValidAt(appointment: MadeAppointment, at: Rfc3339): boolean {
  if (compareTimes(appointment.validFrom as Rfc3339, at) > 0) return false;
  if (appointment.validTo !== undefined && compareTimes(appointment.validTo as Rfc3339, at) <= 0) return false;
  return appointment.status === 'MADE' || compareTimes(appointment.revokedAt as Rfc3339, at) > 0;
}
