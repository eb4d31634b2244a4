import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { TOKENS, createTokenVerifier } from '@countersign/access';
import { createGrpcDoor, GrpcController, GrpcErrorFilter, type GrpcHandlers } from '@countersign/grpc';
import { DomainError, type Role } from '@countersign/kernel';
import { silentLogger } from '@countersign/observability';
import { identityV1 } from '@countersign/proto';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SignJWT, decodeJwt, exportJWK } from 'jose';

/** Who a token of the test identity speaks for. */
export interface TestPrincipal {
  readonly principalId: string;
  readonly organisationId: string;
  readonly roles: readonly Role[];
}

/** Identity as other services see it, in one process with the test: tokens for everybody, unit keys, the key set. */
export interface TestIdentity {
  /** `host:port` of gRPC. */
  readonly address: string;
  readonly jwksUrl: string;
  tokenFor(principal: TestPrincipal): Promise<string>;
  /** Forgets a unit key, as on erasure. */
  readonly unitKeys: Map<string, Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** @param origins log origins for which tokens carry pseudonyms */
export async function startTestIdentity(origins: readonly string[]): Promise<TestIdentity> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const unitKeys = new Map<string, Uint8Array<ArrayBuffer>>();
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'EdDSA' }] });
  const http = createServer((_request, response) => response.end(jwks)).listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));

  const tokenFor = ({ principalId, organisationId, roles }: TestPrincipal): Promise<string> =>
    new SignJWT({
      org: organisationId,
      acting_for: 'W25G1V',
      nation: 'USA',
      roles: [...roles],
      pseudonyms: Object.fromEntries(origins.map((origin) => [origin, `pseudonym-of-${principalId}`])),
    })
      .setProtectedHeader({ alg: TOKENS.algorithm, kid: 'test' })
      .setIssuer(TOKENS.issuer)
      .setAudience(TOKENS.audience)
      .setSubject(principalId)
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(privateKey);

  const address = `127.0.0.1:${await freePort()}`;
  const jwksUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/jwks`;
  const door = createGrpcDoor({
    address,
    services: [identityV1.TokenService, identityV1.KeyService],
    openMethods: [identityV1.TokenService.method.issueToken],
    authenticate: createTokenVerifier({ keys: { jwksUrl } }).authenticate,
    logger: silentLogger,
  });
  const app = await NestFactory.createMicroservice(identityModule(tokenFor, unitKeys), { ...door.options, logger: false });
  app.useGlobalFilters(new GrpcErrorFilter(silentLogger));
  await app.listen();
  return {
    address,
    jwksUrl,
    tokenFor,
    unitKeys,
    close: async () => {
      await door.drain(500);
      await app.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function identityModule(tokenFor: TestIdentity['tokenFor'], unitKeys: TestIdentity['unitKeys']): Type {
  @GrpcController(identityV1.TokenService)
  class TestTokenController implements GrpcHandlers<typeof identityV1.TokenService> {
    async issueToken({ clientAssertion }: identityV1.IssueTokenRequest): Promise<{ accessToken: string; expiresIn: number }> {
      const { sub } = decodeJwt(clientAssertion);
      if (sub === undefined) throw new DomainError('UNAUTHENTICATED');
      const accessToken = await tokenFor({ principalId: sub, organisationId: 'operator', roles: ['service'] });
      return { accessToken, expiresIn: 600 };
    }
  }

  @GrpcController(identityV1.KeyService)
  class TestKeyController implements GrpcHandlers<typeof identityV1.KeyService> {
    async drawUnitKeys({
      count,
    }: identityV1.DrawUnitKeysRequest): Promise<{ keys: { keyId: Uint8Array<ArrayBuffer>; key: Uint8Array<ArrayBuffer> }[] }> {
      const keys = Array.from({ length: count }, () => ({
        keyId: new Uint8Array(randomBytes(16)),
        key: new Uint8Array(randomBytes(32)),
      }));
      keys.forEach(({ keyId, key }) => unitKeys.set(Buffer.from(keyId).toString('hex'), key));
      return { keys };
    }
    async getUnitKeys({
      keyIds,
    }: identityV1.GetUnitKeysRequest): Promise<{ keys: { keyId: Uint8Array<ArrayBuffer>; key: Uint8Array<ArrayBuffer> }[] }> {
      return {
        keys: keyIds.flatMap((keyId) => {
          const key = unitKeys.get(Buffer.from(keyId).toString('hex'));
          return key === undefined ? [] : [{ keyId: new Uint8Array(keyId), key }];
        }),
      };
    }
  }

  @Module({ controllers: [TestTokenController, TestKeyController] })
  class TestIdentityModule {}
  return TestIdentityModule;
}

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
