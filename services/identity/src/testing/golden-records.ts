import { join } from 'node:path';
import { goldenSamples, type GoldenRecordsOptions } from '@countersign/event-log';
import { APPOINTMENT_STREAM } from '../appointment/appointment.js';
import { appointmentMade, organisationRegistered, personEnrolled, servicePrincipalRegistered } from '../identity.builders.js';
import { CODE } from '../organisation/code.js';
import { NO_CODES, ORGANISATION } from '../organisation/organisation.js';
import { PERSON_STREAM } from '../person/person.js';
import { PRINCIPAL } from '../principal/principal.js';

const HOLDING = { kind: 'ric', code: 'Z9D', organisationId: 'depot-usa' } as const;

/** What the golden records of identity are made from and compared with. */
export const GOLDEN_RECORDS: GoldenRecordsOptions = {
  service: 'identity',
  folder: join(import.meta.dirname, '../../../../vectors/golden-records/identity'),
  definitions: { APPOINTMENT_STREAM, CODE, ORGANISATION, PERSON_STREAM, PRINCIPAL },
  samples: {
    ...goldenSamples(APPOINTMENT_STREAM, {
      AppointmentMade: appointmentMade({ validTo: '2027-09-01T00:00:00Z' }).data,
      AppointmentRevoked: { appointmentId: 'clerk-1', revokedAt: '2026-11-01T00:00:00Z' },
    }),
    ...goldenSamples(CODE, { CodeAssigned: HOLDING, CodeReleased: HOLDING }),
    ...goldenSamples(ORGANISATION, {
      OrganisationRegistered: organisationRegistered({ agency: { state: 'AL', station: 'ATMORE PD' } }).data,
      OrganisationCodesChanged: { organisationId: 'depot-usa', ...NO_CODES, rics: ['Z9D', 'Z8D'] },
    }),
    ...goldenSamples(PERSON_STREAM, {
      PersonEnrolled: personEnrolled({ name: 'Name of nobody' }).data,
      PersonAppointed: { personId: 'clerk', appointmentId: 'clerk-1' },
    }),
    ...goldenSamples(PRINCIPAL, {
      ServicePrincipalRegistered: servicePrincipalRegistered().data,
      PersonKeyRegistered: { principalId: 'clerk', organisationId: 'depot-usa', publicKey: 'key' },
      PrincipalRevoked: { principalId: 'clerk' },
    }),
  },
};
