import 'reflect-metadata';
import { createTestTokens, type TestTokens } from '@countersign/access';
import { identityV1 } from '@countersign/proto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openIdentityDoors, type IdentityDoors } from '../access-fixture.js';
import { envelope } from '../identity.builders.js';
import { NO_CODES } from '../organisation/organisation.js';
import { ORIGINS } from '../token/token-fixture.js';

const { resolvePrincipal } = identityV1.PrincipalService.method;

let tokens: TestTokens;
let doors: IdentityDoors;

beforeAll(async () => {
  tokens = await createTestTokens(ORIGINS);
});
beforeEach(async () => {
  doors = await openIdentityDoors(tokens);
});

async function resolve(principalId: string): Promise<string> {
  const service = { principalId: 'service-inventory', organisationId: 'operator', actingFor: 'operator', nation: 'XXX' };
  const token = await tokens.tokenOf({ ...service, roles: ['service'] });
  return (await doors.call(resolvePrincipal, { principalId, logOrigin: ORIGINS[0] }, token)).code;
}

/** Whoever asks takes any other refusal for an outage and waits: one such key id would stop a whole topic. */
describe('a key id nobody may sign with is NOT_FOUND, whatever the reason', () => {
  it('resolves a machine, and a person with one appointment', async () => {
    expect([await resolve('erp-usa'), await resolve('clerk')]).toEqual(['OK', 'OK']);
  });

  it('a person with two appointments', async () => {
    await doors.identity.staff('two-hats', {}, {});
    expect(await resolve('two-hats')).toBe('NOT_FOUND');
  });

  it('a person with none', async () => {
    await doors.identity.staff('newcomer');
    expect(await resolve('newcomer')).toBe('NOT_FOUND');
  });

  it('a machine whose code passed to another organisation', async () => {
    const command = { assigned: NO_CODES, released: { ...NO_CODES, dodaacs: ['W99CT1'] } };
    await doors.identity.organisations.changeCodes(envelope(), 'depot-usa', command);
    expect(await resolve('erp-usa')).toBe('NOT_FOUND');
  });
});
