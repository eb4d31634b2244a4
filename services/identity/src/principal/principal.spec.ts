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
const BY_OWN = { byOperator: false, roles: ['storage-clerk'] } as const;
const revoked = { type: 'PrincipalRevoked' as const, data: { principalId: 'erp-usa' } };

describe('when there is no principal', () => {
  const none = given(PRINCIPAL);

  it('registers a service', () => {
    expect(registerServicePrincipal(none, COMMAND, AROUND)).toEqual(servicePrincipalRegistered());
  });

  it('registers the key of a person', () => {
    expect(registerPersonKey(none, enrolledPerson(), 'key', BY_OWN).data).toEqual({
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
    expect(() => revokePrincipal(none, BY_OWN)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
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
    const first = registerPersonKey(given(PRINCIPAL), enrolledPerson(), 'old', BY_OWN);
    const second = registerPersonKey(given(PRINCIPAL, first), enrolledPerson(), 'new', BY_OWN);
    expect(given(PRINCIPAL, first, second)).toMatchObject({ status: 'ACTIVE', publicKey: 'new' });
  });

  it('is revoked for ever', () => {
    expect(revokePrincipal(registered, BY_OWN)).toEqual(revoked);
    const gone = given(PRINCIPAL, servicePrincipalRegistered(), revoked);
    expect(gone).toEqual({ status: 'REVOKED', principalId: 'erp-usa', organisationId: 'depot-usa' });
    expect(() => revokePrincipal(gone, BY_OWN)).toThrow(expect.objectContaining({ code: 'PRINCIPAL_REVOKED' }));
    expect(() => registerPersonKey(gone, enrolledPerson(), 'new', BY_OWN)).toThrow(
      expect.objectContaining({ code: 'PRINCIPAL_REVOKED' }),
    );
    expect(() => registerServicePrincipal(gone, COMMAND, AROUND)).toThrow(expect.objectContaining({ code: 'PRINCIPAL_EXISTS' }));
  });
});

describe('a principal that audits', () => {
  const registered = given(PRINCIPAL, servicePrincipalRegistered({ roles: ['auditor'] }));
  const own = { byOperator: false, roles: ['inspector', 'auditor'] } as const;

  it.each([
    ['taken over by a key of its own organisation', () => registerPersonKey(given(PRINCIPAL), enrolledPerson(), 'key', own)],
    ['silenced by its own organisation', () => revokePrincipal(registered, own)],
  ])('is not %s', (_case, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'PERMISSION_DENIED' }));
  });

  it('is looked after by the operator', () => {
    const operators = { ...own, byOperator: true };
    expect(registerPersonKey(given(PRINCIPAL), enrolledPerson(), 'key', operators).type).toBe('PersonKeyRegistered');
    expect(revokePrincipal(registered, operators).type).toBe('PrincipalRevoked');
  });
});
