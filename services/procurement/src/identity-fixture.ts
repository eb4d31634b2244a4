import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTokenVerifier, TOKENS } from '@countersign/access';
import { createMemoryUnitKeys, type UnitKeyStore } from '@countersign/event-log';
import { createGrpcDoor, GrpcController, GrpcErrorFilter, type GrpcHandlers } from '@countersign/grpc';
import { DomainError, type Role } from '@countersign/kernel';
import { rawPublicKey } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { identityV1 } from '@countersign/proto';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { decodeJwt, exportJWK, SignJWT } from 'jose';
import type { GenService } from '@bufbuild/protobuf/codegenv2';

export interface TestPrincipal {
  readonly principalId: string;
  readonly organisationId: string;
  readonly actingFor: string;
  readonly roles: readonly Role[];
}

/** Identity as procurement sees it, in the test's own process. */
export interface TestIdentity {
  readonly address: string;
  readonly jwksUrl: string;
  /** Where the tests' own journals draw unit keys from, so that procurement can open what they seal. */
  readonly unitKeys: UnitKeyStore;
  readonly erpKey: KeyObject;
  tokenFor(principal: TestPrincipal): Promise<string>;
  close(): Promise<void>;
}

type PrincipalMethods = typeof identityV1.PrincipalService extends GenService<infer Methods> ? Methods : never;
const RESOLVE_ONLY = {
  ...identityV1.PrincipalService,
  methods: [identityV1.PrincipalService.method.resolvePrincipal],
} as unknown as GenService<Pick<PrincipalMethods, 'resolvePrincipal'>>;

/** @param erp the one principal that may sign messages */
export async function startTestIdentity(origin: string, erp: TestPrincipal): Promise<TestIdentity> {
  const tokens = generateKeyPairSync('ed25519');
  const erpKeys = generateKeyPairSync('ed25519');
  const unitKeys = createMemoryUnitKeys();
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(tokens.publicKey)), kid: 'test', alg: TOKENS.algorithm }] });
  const http = createServer((_request, response) => response.end(jwks)).listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  const jwksUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/jwks`;

  const tokenFor = ({ principalId, organisationId, actingFor, roles }: TestPrincipal): Promise<string> =>
    new SignJWT({
      org: organisationId,
      acting_for: actingFor,
      nation: 'USA',
      roles: [...roles],
      pseudonyms: { [origin]: `pseudonym-of-${principalId}` },
    })
      .setProtectedHeader({ alg: TOKENS.algorithm, kid: 'test' })
      .setIssuer(TOKENS.issuer)
      .setAudience(TOKENS.audience)
      .setSubject(principalId)
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(tokens.privateKey);

  const address = `127.0.0.1:${await freePort()}`;
  const door = createGrpcDoor({
    address,
    services: [identityV1.TokenService, identityV1.KeyService, RESOLVE_ONLY],
    openMethods: [identityV1.TokenService.method.issueToken],
    authenticate: createTokenVerifier({ keys: { jwksUrl } }).authenticate,
    logger: silentLogger,
  });
  const module = identityModule({ tokenFor, unitKeys, erp, publicKey: rawPublicKey(erpKeys.publicKey) });
  const app = await NestFactory.createMicroservice(module, { ...door.options, logger: false });
  app.useGlobalFilters(new GrpcErrorFilter(silentLogger));
  await app.listen();
  return {
    address,
    jwksUrl,
    unitKeys,
    erpKey: erpKeys.privateKey,
    tokenFor,
    close: async () => {
      await door.drain(500);
      await app.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

interface Secrets extends Pick<TestIdentity, 'tokenFor' | 'unitKeys'> {
  readonly erp: TestPrincipal;
  readonly publicKey: Uint8Array;
}

function identityModule({ tokenFor, unitKeys, erp, publicKey }: Secrets): Type {
  @GrpcController(identityV1.TokenService)
  class Tokens implements GrpcHandlers<typeof identityV1.TokenService> {
    async issueToken({ clientAssertion }: identityV1.IssueTokenRequest): Promise<{ accessToken: string; expiresIn: number }> {
      const { sub: principalId } = decodeJwt(clientAssertion);
      if (principalId === undefined) throw new DomainError('UNAUTHENTICATED');
      const service: TestPrincipal = { principalId, organisationId: 'operator', actingFor: 'W99PR1', roles: ['service'] };
      return { accessToken: await tokenFor(service), expiresIn: 600 };
    }
  }

  @GrpcController(identityV1.KeyService)
  class Keys implements GrpcHandlers<typeof identityV1.KeyService> {
    async drawUnitKeys({ count }: identityV1.DrawUnitKeysRequest): Promise<{ keys: KeyMessage[] }> {
      return { keys: await Promise.all(Array.from({ length: count }, async () => keyMessage(await unitKeys.fresh()))) };
    }

    async getUnitKeys({ keyIds }: identityV1.GetUnitKeysRequest): Promise<{ keys: KeyMessage[] }> {
      const found = await unitKeys.get(keyIds);
      return { keys: [...found].map(([id, key]) => keyMessage({ keyId: Buffer.from(id, 'hex'), key })) };
    }
  }

  @GrpcController(RESOLVE_ONLY)
  class Principals implements GrpcHandlers<typeof RESOLVE_ONLY> {
    async resolvePrincipal({ principalId }: identityV1.ResolvePrincipalRequest): Promise<object> {
      await Promise.resolve();
      if (principalId !== erp.principalId) throw new DomainError('NOT_FOUND', { field: 'principal_id' });
      return { ...erp, publicKey, pseudonym: `pseudonym-of-${principalId}`, nation: 'USA' };
    }
  }

  @Module({ controllers: [Tokens, Keys, Principals] })
  class TestIdentityModule {}
  return TestIdentityModule;
}

interface KeyMessage {
  readonly keyId: Uint8Array<ArrayBuffer>;
  readonly key: Uint8Array<ArrayBuffer>;
}

function keyMessage({ keyId, key }: Awaited<ReturnType<UnitKeyStore['fresh']>>): KeyMessage {
  return { keyId: new Uint8Array(keyId), key: new Uint8Array(key.export()) };
}

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
