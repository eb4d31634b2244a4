import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, exportJWK, type JWTPayload } from 'jose';

import { signAssertion } from './assertion.js';
import { TOKENS } from './config.js';
import { hasRole, requireOrganisation, requireRole } from './roles.js';
import { createTokenVerifier, type TokenVerifier } from './token-verifier.js';

const ORIGIN = 'countersign.example/inventory';
const CLAIMS = {
  sub: 'service-erp',
  org: 'depot',
  acting_for: 'W25G1V',
  nation: 'USA',
  roles: ['erp', 'auditor'],
  pseudonyms: { [ORIGIN]: 'pseudo-1' },
};

describe('a token verifier', () => {
  const keys = generateKeyPairSync('ed25519');
  const foreign = generateKeyPairSync('ed25519');
  const rotated = generateKeyPairSync('ed25519');
  const served: KeyObject[] = [keys.publicKey];
  let fetched = 0;
  let server: Server;
  let jwksUrl: string;
  let verifier: TokenVerifier;

  beforeAll(async () => {
    server = createServer((_request, response) => {
      fetched += 1;
      void Promise.all(
        served.map(async (key, index) => ({ ...(await exportJWK(key)), kid: `k${index}`, alg: 'EdDSA', use: 'sig' })),
      ).then((set) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: set })));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
    verifier = createTokenVerifier({ keys: { jwksUrl }, logOrigin: ORIGIN });
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const sign = (claims: JWTPayload = {}, key = keys.privateKey, header: Record<string, unknown> = {}): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const payload = { ...CLAIMS, iss: TOKENS.issuer, aud: TOKENS.audience, iat: now, exp: now + 600, ...claims };
    return new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', kid: 'k0', ...header }).sign(key);
  };
  const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset;
  const outcome = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'accepted',
      (error: { code?: string; message?: string }) => error,
    );

  it('gives the actor with the pseudonym of this log', async () => {
    expect(await verifier.verify(await sign())).toEqual({
      principalId: 'service-erp',
      pseudonym: 'pseudo-1',
      organisationId: 'depot',
      actingFor: 'W25G1V',
      nation: 'USA',
      roles: ['erp', 'auditor'],
    });
  });

  it('reads the token from the metadata of a call', async () => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${await sign()}`);
    expect(await verifier.authenticate(metadata)).toMatchObject({ principalId: 'service-erp' });
  });

  it.each([
    ['nothing', []],
    ['no scheme', ['abc.def.ghi']],
    ['another scheme', ['Basic abc.def.ghi']],
    ['an empty token', ['Bearer ']],
    ['two tokens', ['Bearer a.b.c', 'Bearer a.b.c']],
  ])('refuses metadata with %s', async (_name, values) => {
    const metadata = new Metadata();
    values.forEach((value) => metadata.add('authorization', value));
    expect(await outcome(verifier.authenticate(metadata))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('does not grant a role it does not know', async () => {
    expect((await verifier.verify(await sign({ roles: ['erp', 'root', 7] }))).roles).toEqual(['erp']);
  });

  const unsigned = (header: object, payload: object): string => `${base64url(header)}.${base64url(payload)}`;
  const refused: [string, () => Promise<string> | string][] = [
    ['another issuer', () => sign({ iss: 'somebody' })],
    ['another audience', () => sign({ aud: 'countersign-identity' })],
    ['no audience', () => sign({ aud: undefined })],
    ['expired', () => sign({ iat: seconds(-700), exp: seconds(-10) })],
    ['no expiry', () => sign({ exp: undefined })],
    ['not valid yet', () => sign({ nbf: seconds(60) })],
    ['issued in the future', () => sign({ iat: seconds(60) })],
    ['issued too long ago', () => sign({ iat: seconds(-1000) })],
    ['no issue time', () => sign({ iat: undefined })],
    ['no pseudonym for this log', () => sign({ pseudonyms: { other: 'p' } })],
    ['pseudonyms from the prototype', () => sign({ pseudonyms: 'text' })],
    ['no roles', () => sign({ roles: undefined })],
    ['no organisation', () => sign({ org: '' })],
    ['signed by another key', () => sign({}, foreign.privateKey)],
    ['an unknown key id', () => sign({}, keys.privateKey, { kid: '../../etc/passwd' })],
    ['a key of its own', () => sign({}, foreign.privateKey, { kid: undefined, jku: 'http://127.0.0.1:9/jwks' })],
    [
      'an unknown critical header',
      async () => (await sign()).replace(/^[^.]+/, base64url({ alg: 'EdDSA', kid: 'k0', crit: ['x'], x: 1 })),
    ],
    ['no algorithm', () => `${unsigned({ alg: 'none', kid: 'k0' }, CLAIMS)}.`],
    ['no signature', async () => (await sign()).replace(/[^.]+$/, '')],
    ['a changed payload', async () => (await sign()).replace(/\.[^.]+\./, `.${base64url({ ...CLAIMS, org: 'unit' })}.`)],
    [
      'HMAC with the public key',
      () => {
        const body = unsigned(
          { alg: 'HS256', kid: 'k0' },
          { ...CLAIMS, iss: TOKENS.issuer, aud: TOKENS.audience, iat: seconds(0), exp: seconds(600) },
        );
        const secret = keys.publicKey.export({ type: 'spki', format: 'der' });
        return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
      },
    ],
    ['a client assertion', () => signAssertion({ principalId: 'service-erp', privateKey: keys.privateKey })],
    ['too long', () => sign({ filler: 'x'.repeat(TOKENS.lengthMax) })],
    ['no token at all', () => 'x'],
  ];

  it.each(refused)('refuses a token: %s, always with the same answer', async (_name, token) => {
    const error = await outcome(verifier.verify(await token()));
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', detail: {} });
    expect(error).toHaveProperty('message', 'the call carries no valid token');
  });

  it('fetches the keys once, not for every token', async () => {
    const fresh = createTokenVerifier({ keys: { jwksUrl }, logOrigin: ORIGIN });
    const before = fetched;
    for (let call = 0; call < 5; call += 1) await fresh.verify(await sign());
    expect(fetched - before).toBe(1);
  });

  it('accepts every key of the set', async () => {
    const fresh = createTokenVerifier({ keys: { jwksUrl }, logOrigin: ORIGIN });
    served.push(rotated.publicKey);
    expect(await fresh.verify(await sign({}, rotated.privateKey, { kid: 'k1' }))).toMatchObject({ organisationId: 'depot' });
  });

  it('lets nobody in while the keys cannot be fetched, and blames no token', async () => {
    const cut = createTokenVerifier({ keys: { jwksUrl: 'http://127.0.0.1:9/jwks' }, logOrigin: ORIGIN });
    expect(await outcome(cut.verify(await sign()))).toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
  });

  it('knows one algorithm, whatever keys the set holds', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k0' }] };
    const token = await sign({}, privateKey, { alg: 'ES256' });
    expect(await outcome(createTokenVerifier({ keys: { jwks } }).verify(token))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('verifies with a given key set, for a service without a log', async () => {
    const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k0' }] };
    expect(await createTokenVerifier({ keys: { jwks } }).verify(await sign())).toMatchObject({ pseudonym: '' });
  });
});

describe('roles', () => {
  const actor = {
    principalId: 'p',
    pseudonym: 'x',
    organisationId: 'depot',
    actingFor: 'W25G1V',
    nation: 'USA',
    roles: ['inspector'] as const,
  };

  it('grant what the appointment has', () => {
    expect(hasRole(actor, 'auditor', 'inspector')).toBe(true);
    expect(() => requireRole(actor, 'auditor', 'inspector')).not.toThrow();
    expect(() => requireOrganisation(actor, 'depot')).not.toThrow();
  });

  it('deny everything else', () => {
    const denied = expect.objectContaining({ code: 'PERMISSION_DENIED' });
    expect(() => requireRole(actor, 'acceptor')).toThrow(denied);
    expect(() => requireRole(actor)).toThrow(denied);
    expect(() => requireOrganisation(actor, 'unit')).toThrow(denied);
  });
});

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
