import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createTokenVerifier, signAssertion } from '@countersign/access';
import type { Rfc3339 } from '@countersign/kernel';
import { rawPublicKey } from '@countersign/merkle';
import { codeOf } from '@countersign/testing';
import { SignJWT } from 'jose';
import { envelope, organisationRegistered } from '../identity.builders.js';
import { NO_CODES } from '../organisation/organisation.js';
import { checkedPublicKey } from '../principal/principal.handler.js';
import { identityInMemory, ORIGINS, type IdentityInMemory } from './token-fixture.js';

let identity: IdentityInMemory;

beforeEach(async () => {
  identity = await identityInMemory();
});

/** An assertion with whatever claims; the defaults hold. */
function assertion(
  privateKey: KeyObject,
  change: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'clerk',
    sub: 'clerk',
    aud: 'countersign-identity',
    jti: randomUUID(),
    iat: now,
    exp: now + 60,
    ...change,
  };
  return new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', ...header }).sign(privateKey);
}

const verifierOf = (logOrigin: string) => createTokenVerifier({ keys: { jwks: identity.signer.keySet }, logOrigin });

describe('a token', () => {
  it('says who calls, for whom, and under which pseudonym in which log', async () => {
    const key = await identity.staff('clerk', { roles: ['storage-clerk', 'inspector'] });
    const { accessToken, lifetimeSeconds } = await identity.issue.issue(
      await signAssertion({ principalId: 'clerk', privateKey: key }),
      '',
    );
    expect(lifetimeSeconds).toBeLessThanOrEqual(900);
    for (const origin of ORIGINS) {
      await expect(verifierOf(origin).verify(accessToken)).resolves.toEqual({
        principalId: 'clerk',
        pseudonym: `clerk/clerk-1@${origin}`,
        organisationId: 'depot-usa',
        actingFor: 'W99DP1',
        nation: 'USA',
        roles: ['storage-clerk', 'inspector'],
      });
    }
  });

  it('is for a service principal as it was registered', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const publicKey = checkedPublicKey(rawPublicKey(privateKey));
    await identity.principals.registerService(envelope(), 'depot-usa', {
      principalId: 'erp-usa',
      publicKey,
      roles: ['erp'],
      actingFor: 'W99CT1',
    });
    const issue = async () => identity.issue.issue(await signAssertion({ principalId: 'erp-usa', privateKey }), '');
    const actor = await verifierOf(ORIGINS[0]!).verify((await issue()).accessToken);
    expect(actor).toMatchObject({ principalId: 'erp-usa', actingFor: 'W99CT1', roles: ['erp'] });
    await identity.principals.revoke(envelope(), 'erp-usa');
    expect(await codeOf(issue)).toBe('UNAUTHENTICATED');
  });
});

describe('an assertion', () => {
  it.each([
    ['of an unknown principal', { iss: 'nobody', sub: 'nobody' }, {}],
    ['with another issuer', { iss: 'other' }, {}],
    ['with another audience', { aud: 'countersign' }, {}],
    ['without id', { jti: undefined }, {}],
    ['with a short id', { jti: 'x' }, {}],
    ['without end', { exp: undefined }, {}],
    ['without begin', { iat: undefined }, {}],
    ['that lives too long', { exp: Math.floor(Date.now() / 1000) + 200 }, {}],
    ['that has expired', { iat: Math.floor(Date.now() / 1000) - 100, exp: Math.floor(Date.now() / 1000) - 40 }, {}],
    ['from the future', { iat: Math.floor(Date.now() / 1000) + 60, exp: Math.floor(Date.now() / 1000) + 120 }, {}],
    ['with critical members', {}, { crit: ['x'], x: 1 }],
    ['with a path for a subject', { sub: '../clerk' }, {}],
  ])('%s gets nothing', async (_case, claims, header) => {
    const key = await identity.staff('clerk', {});
    expect(await codeOf(async () => identity.issue.issue(await assertion(key, claims, header).catch(() => 'x.y.z'), ''))).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('by another key gets nothing', async () => {
    await identity.staff('clerk', {});
    const other = generateKeyPairSync('ed25519').privateKey;
    expect(await codeOf(async () => identity.issue.issue(await assertion(other), ''))).toBe('UNAUTHENTICATED');
  });

  it('without signature, or with one of another algorithm, gets nothing', async () => {
    const key = await identity.staff('clerk', {});
    const [, payload = ''] = (await assertion(key)).split('.');
    const headerOf = (alg: string) => Buffer.from(JSON.stringify({ alg })).toString('base64url');
    const hmacLike = `${headerOf('HS256')}.${payload}`;
    const forged = [
      `${headerOf('none')}.${payload}.`,
      `${hmacLike}.${sign(null, Buffer.from(hmacLike), key).toString('base64url')}`,
      'not a token',
      '',
    ];
    for (const text of forged) expect(await codeOf(() => identity.issue.issue(text, ''))).toBe('UNAUTHENTICATED');
  });

  it('is used once', async () => {
    const key = await identity.staff('clerk', {});
    const once = await assertion(key);
    await identity.issue.issue(once, '');
    expect(await codeOf(() => identity.issue.issue(once, ''))).toBe('UNAUTHENTICATED');
  });

  it('by a key that was replaced gets nothing', async () => {
    const old = await identity.staff('clerk', {});
    const { privateKey } = generateKeyPairSync('ed25519');
    await identity.principals.registerPersonKey(envelope(), 'clerk', checkedPublicKey(rawPublicKey(privateKey)));
    expect(await codeOf(async () => identity.issue.issue(await assertion(old), ''))).toBe('UNAUTHENTICATED');
    await identity.issue.issue(await assertion(privateKey), '');
  });
});

describe('an appointment', () => {
  const issue = async (key: KeyObject, appointmentId = '') => identity.issue.issue(await assertion(key), appointmentId);

  it('has to be named by whoever has two', async () => {
    const key = await identity.staff('clerk', {}, { roles: ['inspector'] });
    expect(await codeOf(() => issue(key))).toBe('APPOINTMENT_REQUIRED');
    const { accessToken } = await issue(key, 'clerk-2');
    expect((await verifierOf(ORIGINS[0]!).verify(accessToken)).roles).toEqual(['inspector']);
  });

  it('of somebody else, or of nobody, counts for nothing', async () => {
    const key = await identity.staff('clerk', {});
    await identity.staff('inspector', {});
    const nobody = await identity.staff('newcomer');
    expect(await codeOf(() => issue(key, 'inspector-1'))).toBe('APPOINTMENT_REQUIRED');
    expect(
      await codeOf(async () => identity.issue.issue(await assertion(nobody, { iss: 'newcomer', sub: 'newcomer' }), '')),
    ).toBe('APPOINTMENT_REQUIRED');
  });

  it('counts from its begin to its end', async () => {
    const end = new Date(Date.now() + 3_600_000).toISOString() as Rfc3339;
    const key = await identity.staff('clerk', { validTo: end }, { validFrom: end });
    expect((await verifierOf(ORIGINS[0]!).verify((await issue(key)).accessToken)).pseudonym).toContain('clerk-1');
    identity.clockOffsetMs = 3_600_000;
    const now = Math.floor((Date.now() + identity.clockOffsetMs) / 1000);
    const later = await identity.issue.issue(await assertion(key, { iat: now, exp: now + 60 }), '');
    expect(JSON.parse(Buffer.from(later.accessToken.split('.')[1]!, 'base64url').toString())).toMatchObject({
      pseudonyms: { [ORIGINS[0]!]: expect.stringContaining('clerk-2') },
    });
  });

  it('ends with its revocation, and with the loss of its code', async () => {
    const key = await identity.staff('clerk', {}, { actingFor: 'W99CT1' });
    await identity.appointments.revoke(envelope(), 'clerk-1');
    await issue(key, 'clerk-2');
    await identity.organisations.changeCodes(envelope(), 'depot-usa', {
      assigned: NO_CODES,
      released: { ...NO_CODES, dodaacs: ['W99CT1'] },
    });
    expect(await codeOf(() => issue(key, 'clerk-1'))).toBe('APPOINTMENT_REQUIRED');
    expect(await codeOf(() => issue(key, 'clerk-2'))).toBe('APPOINTMENT_REQUIRED');
  });
});

it('an organisation that takes over a code takes no appointments with it', async () => {
  const key = await identity.staff('clerk', { actingFor: 'W99CT1' });
  await identity.organisations.changeCodes(envelope(), 'depot-usa', {
    assigned: NO_CODES,
    released: { ...NO_CODES, dodaacs: ['W99CT1'] },
  });
  await identity.organisations.register(
    envelope(),
    organisationRegistered({ organisationId: 'heir', dodaacs: ['W99CT1'], rics: [] }).data,
  );
  expect(await codeOf(async () => identity.issue.issue(await assertion(key), ''))).toBe('APPOINTMENT_REQUIRED');
});
