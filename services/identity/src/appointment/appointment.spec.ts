import { describe, expect, it } from '@jest/globals';
import type { Rfc3339 } from '@countersign/kernel';
import { activeOrganisation, appointmentMade, enrolledPerson, given } from '../identity.builders.js';
import { APPOINTMENT_STREAM, isOpenAt, isValidAt, type MadeAppointment } from './appointment.js';
import { makeAppointment, type MakeAppointment } from './make-appointment.decider.js';
import { revokeAppointment } from './revoke-appointment.decider.js';

const at = (time: string): Rfc3339 => time as Rfc3339;
const COMMAND: MakeAppointment = {
  appointmentId: 'clerk-1',
  roles: ['storage-clerk'],
  actingFor: 'W99DP1',
  validFrom: at('2026-09-01T00:00:00Z'),
};
const REVOCATION = { revokedAt: '2026-10-01T00:00:00Z', byOperator: false };
const AROUND = {
  person: enrolledPerson(),
  organisation: activeOrganisation(),
  by: { personId: 'depot-admin', isOperators: false },
};

describe('when there is no appointment', () => {
  const none = given(APPOINTMENT_STREAM);

  it('makes it in the organisation of the person', () => {
    expect(makeAppointment(none, COMMAND, AROUND)).toEqual(appointmentMade());
  });

  it('acts for a CAGE code as well as for a DoDAAC, never for a RIC', () => {
    const supplier = {
      ...AROUND,
      organisation: { ...AROUND.organisation, codes: { ...AROUND.organisation.codes, cageCodes: ['D9X91'] } },
    };
    expect(makeAppointment(none, { ...COMMAND, actingFor: 'D9X91' }, supplier).data.actingFor).toBe('D9X91');
    expect(() => makeAppointment(none, { ...COMMAND, actingFor: 'Z9D' }, AROUND)).toThrow(
      expect.objectContaining({ code: 'CODE_NOT_HELD' }),
    );
  });

  it('lets the operator appoint an auditor', () => {
    const byOperator = { ...AROUND, by: { personId: 'administrator', isOperators: true } };
    expect(makeAppointment(none, { ...COMMAND, roles: ['auditor'] }, byOperator).data.roles).toEqual(['auditor']);
  });

  it.each([
    [
      'by the person itself',
      COMMAND,
      { ...AROUND, by: { personId: 'clerk', isOperators: true } },
      'SELF_DELEGATION',
      'person_id',
    ],
    ['for a code of another organisation', { ...COMMAND, actingFor: 'W99UN1' }, AROUND, 'CODE_NOT_HELD', 'acting_for'],
    ['with a role that is in no list', { ...COMMAND, roles: ['emperor'] }, AROUND, 'CODE_UNKNOWN', 'roles'],
    ['with the name of an object member as role', { ...COMMAND, roles: ['constructor'] }, AROUND, 'CODE_UNKNOWN', 'roles'],
    [
      'as one of our services',
      { ...COMMAND, roles: ['service'] },
      { ...AROUND, by: { personId: 'x', isOperators: true } },
      'ROLE_NOT_GRANTABLE',
      'roles',
    ],
    ['as an ERP', { ...COMMAND, roles: ['erp'] }, AROUND, 'ROLE_NOT_GRANTABLE', 'roles'],
    [
      'as auditor by his own organisation',
      { ...COMMAND, roles: ['inspector', 'auditor'] },
      AROUND,
      'ROLE_NOT_GRANTABLE',
      'roles',
    ],
    ['that ends before it begins', { ...COMMAND, validTo: at('2026-09-01T01:00:00+01:00') }, AROUND, 'TIME_INVALID', 'valid_to'],
  ] as [string, MakeAppointment, typeof AROUND, string, string][])('refuses one %s', (_case, command, around, code, field) => {
    expect(() => makeAppointment(none, command, around)).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining({ field }) }),
    );
  });

  it('cannot be revoked', () => {
    expect(() => revokeAppointment(none, REVOCATION)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
});

describe('when the appointment is made', () => {
  const made = given(APPOINTMENT_STREAM, appointmentMade());

  it('refuses a second one with its id', () => {
    expect(() => makeAppointment(made, COMMAND, AROUND)).toThrow(expect.objectContaining({ code: 'APPOINTMENT_EXISTS' }));
  });

  it('ends with its revocation, once', () => {
    const revoked = revokeAppointment(made, REVOCATION);
    expect(revoked.data).toEqual({ appointmentId: 'clerk-1', revokedAt: '2026-10-01T00:00:00Z' });
    expect(() => revokeAppointment(given(APPOINTMENT_STREAM, appointmentMade(), revoked), REVOCATION)).toThrow(
      expect.objectContaining({ code: 'APPOINTMENT_REVOKED' }),
    );
  });
});

describe('when the appointment is an auditor’s', () => {
  const made = given(APPOINTMENT_STREAM, appointmentMade({ roles: ['auditor'] }));

  it('is ended by the operator only', () => {
    expect(() => revokeAppointment(made, REVOCATION)).toThrow(expect.objectContaining({ code: 'PERMISSION_DENIED' }));
    expect(revokeAppointment(made, { ...REVOCATION, byOperator: true }).data.appointmentId).toBe('clerk-1');
  });
});

describe('the time of an appointment', () => {
  const limited = given(APPOINTMENT_STREAM, appointmentMade({ validTo: '2026-12-01T00:00:00Z' })) as MadeAppointment;
  const revoked = given(APPOINTMENT_STREAM, appointmentMade(), {
    type: 'AppointmentRevoked',
    data: { appointmentId: 'clerk-1', revokedAt: '2026-10-01T00:00:00Z' },
  }) as MadeAppointment;

  it.each([
    ['2026-08-31T23:59:59.999999999Z', false, false],
    ['2026-09-01T00:00:00Z', true, true],
    ['2026-09-01T01:59:59+02:00', false, false],
    ['2026-09-30T23:59:59Z', true, true],
    ['2026-10-01T00:00:00Z', true, false],
    ['2026-11-30T23:59:59Z', true, false],
    ['2026-12-01T00:00:00Z', false, false],
  ])('at %s: limited %p, revoked %p', (moment, isLimitedValid, isRevokedValid) => {
    expect(isValidAt(limited, at(moment))).toBe(isLimitedValid);
    expect(isValidAt(revoked, at(moment))).toBe(isRevokedValid);
  });

  it('is open until it ends or is revoked, also before it begins', () => {
    const moments = ['2026-01-01T00:00:00Z', '2026-11-30T23:59:59Z', '2026-12-01T00:00:00Z'].map(at);
    expect(moments.map((moment) => isOpenAt(limited, moment))).toEqual([true, true, false]);
    expect(moments.map((moment) => isOpenAt(revoked, moment))).toEqual([false, false, false]);
  });
});
