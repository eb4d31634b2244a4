import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TOKENS } from '@countersign/access';
import type { Role } from '@countersign/kernel';

/** A key set and tokens under it, as identity gives them. */
export interface TestTokens {
  readonly jwksUrl: string;
  token(...roles: readonly Role[]): string;
  close(): Promise<void>;
}

export async function startTestTokens(): Promise<TestTokens> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: TOKENS.algorithm }] });
  const server = createServer((_request, response) => response.end(jwks)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    token: (...roles) => {
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        iss: TOKENS.issuer,
        aud: TOKENS.audience,
        sub: 'test-principal',
        jti: randomUUID(),
        org: 'auditors',
        acting_for: 'W25G1V',
        nation: 'NLD',
        roles,
        pseudonyms: {},
        iat: now,
        exp: now + 600,
      };
      const signed = [{ alg: TOKENS.algorithm, kid: 'test', typ: 'JWT' }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
