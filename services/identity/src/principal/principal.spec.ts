import { describe, expect, it } from '@jest/globals';
import { activeOrganisation, enrolledPerson, given, personEnrolled, servicePrincipalRegistered } from '../identity.builders.js';
import { PERSON_STREAM } from '../person/person.js';
import { PRINCIPAL } from './principal.js';
import {
  registerPersonKey,
  registerServicePrincipal,
  revokePrincipal,
  type RegisterServicePrincipal,
} from './register-principal.decider.js';

const COMMAND: RegisterServicePrincipal = { principalId: 'erp-usa', publicKey: 'key', roles: ['erp'], actingFor: 'W99CT1' };
const AROUND = { person: given(PERSON_STREAM), organisation: activeOrganisation(), byOperator: false };
const revoked = { type: 'PrincipalRevoked' as const, data: { principalId: 'erp-usa' } };

describe('when there is no principal', () => {
  const none = given(PRINCIPAL);

  it('registers a service', () => {
    expect(registerServicePrincipal(none, COMMAND, AROUND)).toEqual(servicePrincipalRegistered());
  });

  it('registers the key of a person', () => {
    expect(registerPersonKey(none, enrolledPerson(), 'key').data).toEqual({
      principalId: 'clerk',
      organisationId: 'depot-usa',
      publicKey: 'key',
    });
  });

  it.each([
    [
      'under the id of a person',
      COMMAND,
      { ...AROUND, person: given(PERSON_STREAM, personEnrolled()) },
      'PRINCIPAL_EXISTS',
      'principal_id',
    ],
    ['for a code of another organisation', { ...COMMAND, actingFor: 'W99UN1' }, AROUND, 'CODE_NOT_HELD', 'acting_for'],
    ['with an unknown role', { ...COMMAND, roles: ['erp', 'root'] }, AROUND, 'CODE_UNKNOWN', 'roles'],
    [
      'that could open every disclosure',
      { ...COMMAND, roles: ['service'] },
      { ...AROUND, byOperator: true },
      'ROLE_NOT_GRANTABLE',
      'roles',
    ],
    [
      'that administers',
      { ...COMMAND, roles: ['administrator'] },
      { ...AROUND, byOperator: true },
      'ROLE_NOT_GRANTABLE',
      'roles',
    ],
    ['that audits, by its own organisation', { ...COMMAND, roles: ['auditor'] }, AROUND, 'ROLE_NOT_GRANTABLE', 'roles'],
  ] as [string, RegisterServicePrincipal, typeof AROUND, string, string][])(
    'refuses one %s',
    (_case, command, around, code, field) => {
      expect(() => registerServicePrincipal(none, command, around)).toThrow(
        expect.objectContaining({ code, detail: expect.objectContaining({ field }) }),
      );
    },
  );

  it('has nothing to revoke', () => {
    expect(() => revokePrincipal(none)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
});

describe('when the principal is registered', () => {
  const registered = given(PRINCIPAL, servicePrincipalRegistered());

  it('refuses a second one with its id', () => {
    expect(() => registerServicePrincipal(registered, COMMAND, AROUND)).toThrow(
      expect.objectContaining({ code: 'PRINCIPAL_EXISTS' }),
    );
  });

  it('takes a new key of a person in place of the one before', () => {
    const first = registerPersonKey(given(PRINCIPAL), enrolledPerson(), 'old');
    const second = registerPersonKey(given(PRINCIPAL, first), enrolledPerson(), 'new');
    expect(given(PRINCIPAL, first, second)).toMatchObject({ status: 'ACTIVE', publicKey: 'new' });
  });

  it('is revoked for ever', () => {
    expect(revokePrincipal(registered)).toEqual(revoked);
    const gone = given(PRINCIPAL, servicePrincipalRegistered(), revoked);
    expect(gone).toEqual({ status: 'REVOKED', principalId: 'erp-usa', organisationId: 'depot-usa' });
    expect(() => revokePrincipal(gone)).toThrow(expect.objectContaining({ code: 'PRINCIPAL_REVOKED' }));
    expect(() => registerPersonKey(gone, enrolledPerson(), 'new')).toThrow(
      expect.objectContaining({ code: 'PRINCIPAL_REVOKED' }),
    );
    expect(() => registerServicePrincipal(gone, COMMAND, AROUND)).toThrow(expect.objectContaining({ code: 'PRINCIPAL_EXISTS' }));
  });
});
