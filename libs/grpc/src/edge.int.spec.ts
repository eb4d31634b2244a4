import 'reflect-metadata';

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { create, toBinary } from '@bufbuild/protobuf';
import type { GenService } from '@bufbuild/protobuf/codegenv2';
import { DomainError, type Actor } from '@countersign/kernel';
import { createLogger, currentCorrelationId } from '@countersign/observability';
import { evidenceV1, identityV1 } from '@countersign/proto';
import { Client as Channel, Metadata, credentials, status as Code, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { CallError, callErrorOf } from './call-error.js';
import { createClient, type Client } from './client.js';
import { commandEnvelope } from './command-envelope.js';
import { createGrpcDoor, type GrpcDoor } from './door.js';
import { GrpcErrorFilter } from './error-filter.js';
import { GrpcController, type GrpcHandlers } from './grpc-service.js';
import type { RpcCall } from './served-call.js';
import { frame, freePort, post } from './test-http2.js';

const ACTOR: Actor = {
  principalId: 'p-1',
  pseudonym: 'pseudo-1',
  organisationId: 'depot',
  actingFor: 'W25G1V',
  nation: 'USA',
  roles: ['auditor'],
};
const PUBLIC_KEY = new Uint8Array(32);
const COMMAND_ID = '6f1c1a52-1b2c-4d3e-8f90-0123456789ab';

/** What the handlers do next; set by each test. */
const script: { register: (request: identityV1.RegisterServicePrincipalRequest, call: RpcCall) => Promise<object> } = {
  register: () => Promise.resolve({}),
};
const seen = { yielded: 0, finished: false, aborted: false };

type PrincipalMethods = typeof identityV1.PrincipalService extends GenService<infer Methods> ? Methods : never;

/** Two methods of a real contract, however many more it has. */
const TestService = {
  ...identityV1.PrincipalService,
  methods: [identityV1.PrincipalService.method.registerServicePrincipal, identityV1.PrincipalService.method.resolvePrincipal],
} as unknown as GenService<Pick<PrincipalMethods, 'registerServicePrincipal' | 'resolvePrincipal'>>;

@GrpcController(TestService)
class PrincipalController implements GrpcHandlers<typeof TestService> {
  registerServicePrincipal(request: identityV1.RegisterServicePrincipalRequest, call: RpcCall): Promise<object> {
    return script.register(request, call);
  }
  async resolvePrincipal(
    request: identityV1.ResolvePrincipalRequest,
    call: RpcCall,
  ): Promise<{ organisationId: string; pseudonym: string }> {
    await Promise.resolve();
    return { organisationId: call.actor.organisationId, pseudonym: `${request.principalId} ${currentCorrelationId()}` };
  }
}

@GrpcController(identityV1.TokenService)
class TokenController implements GrpcHandlers<typeof identityV1.TokenService> {
  async issueToken(_request: identityV1.IssueTokenRequest, call: RpcCall): Promise<{ accessToken: string }> {
    return { accessToken: call.actor.pseudonym };
  }
}

@GrpcController(evidenceV1.EvidenceService)
class EvidenceController implements GrpcHandlers<typeof evidenceV1.EvidenceService> {
  getLog(): Promise<object> {
    return Promise.resolve({ size: 2n ** 63n });
  }
  findStreams(): Promise<object> {
    return Promise.resolve({});
  }
  getStream(): Promise<object> {
    return Promise.resolve({ records: [{ header: new Uint8Array(5 * 1024 * 1024) }] });
  }
  async *readLog(request: evidenceV1.ReadLogRequest, call: RpcCall): AsyncGenerator<{ streamIds: string[] }> {
    call.signal.addEventListener('abort', () => (seen.aborted = true));
    try {
      for (let index = 0; index < 200; index += 1) {
        seen.yielded += 1;
        yield { streamIds: ['x'.repeat(256 * 1024)] };
        if (request.fromPosition === 7n && index === 2) throw new DomainError('RECORD_ALTERED', { rule: 'digest' });
      }
    } finally {
      seen.finished = true;
    }
  }
  async *subscribe(): AsyncGenerator<object> {
    yield await Promise.resolve({});
  }
}

@Module({ controllers: [PrincipalController, TokenController, EvidenceController] })
class TestModule {}

describe('a gRPC door', () => {
  const lines: string[] = [];
  let app: INestMicroservice;
  let door: GrpcDoor;
  let address: string;
  let principals: Client<typeof TestService>;
  let evidence: Client<typeof evidenceV1.EvidenceService>;
  let tokens: Client<typeof identityV1.TokenService>;
  let channel: Channel;

  beforeAll(async () => {
    const logger = createLogger({ service: 'test', level: 'debug', destination: { write: (line) => lines.push(line) } });
    address = `127.0.0.1:${await freePort()}`;
    door = createGrpcDoor({
      address,
      services: [TestService, identityV1.TokenService, evidenceV1.EvidenceService],
      openMethods: [identityV1.TokenService.method.issueToken],
      authenticate: async (metadata) => {
        await Promise.resolve();
        if (metadata.get('authorization')[0] === 'Bearer good') return ACTOR;
        throw new DomainError('UNAUTHENTICATED');
      },
      logger,
    });
    app = await NestFactory.createMicroservice(TestModule, { ...door.options, logger: false });
    app.useGlobalFilters(new GrpcErrorFilter(logger));
    await app.listen();
    const tokenSource = { token: () => Promise.resolve('good'), forget: () => undefined };
    principals = createClient(TestService, address, { tokenSource });
    evidence = createClient(evidenceV1.EvidenceService, address, { tokenSource });
    tokens = createClient(identityV1.TokenService, address);
    channel = new Channel(address, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
  });

  afterAll(async () => {
    [principals, evidence, tokens, channel].forEach((client) => client.close());
    await door.drain(1_000);
    await app.close();
  });

  beforeEach(() => {
    lines.length = 0;
    script.register = () => Promise.resolve({});
    Object.assign(seen, { yielded: 0, finished: false, aborted: false });
  });

  const registration = (): object => ({
    context: { commandId: COMMAND_ID },
    principalId: 'erp-usa-1',
    organisationId: 'depot',
    publicKey: PUBLIC_KEY,
    roles: ['erp'],
    actingFor: 'W25G1V',
  });

  /** Sends bytes as they are; every answer must carry the correlation id that was asked for. */
  const raw = (
    path: string,
    body: Buffer,
    headers: Record<string, string> = { authorization: 'Bearer good' },
  ): Promise<CallError> =>
    new Promise((resolve, reject) => {
      const metadata = new Metadata();
      Object.entries({ 'x-correlation-id': 'raw-call-1', ...headers }).forEach(([key, value]) => metadata.set(key, value));
      channel.makeUnaryRequest(
        path,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        body,
        metadata,
        (error: ServiceError | null) => {
          if (error === null) reject(new Error('was answered'));
          else resolve(callErrorOf(path, error, ''));
        },
      );
    });

  const RESOLVE = '/countersign.identity.v1.PrincipalService/ResolvePrincipal';
  const resolveBytes = (): Buffer =>
    Buffer.from(
      toBinary(
        identityV1.ResolvePrincipalRequestSchema,
        create(identityV1.ResolvePrincipalRequestSchema, { principalId: 'erp-1', logOrigin: 'o' }),
      ),
    );

  describe('when the caller is known', () => {
    it('answers, with the actor of the token and the correlation id of the call', async () => {
      const answer = await principals.resolvePrincipal({ principalId: 'erp-1', logOrigin: 'o' }, { correlationId: 'corr-0001' });
      expect(answer).toMatchObject({ organisationId: 'depot', pseudonym: 'erp-1 corr-0001' });
      expect(lines.map((line) => JSON.parse(line))).toContainEqual(
        expect.objectContaining({ event: 'call', correlationId: 'corr-0001', pseudonym: 'pseudo-1' }),
      );
    });

    it('answers with the correlation id in metadata and trailers', async () => {
      const answer = await post(address, RESOLVE, frame(resolveBytes()), {});
      expect(answer).toMatchObject({
        'grpc-status': '0',
        'initial-correlation-id': 'raw-call-2',
        'x-correlation-id': 'raw-call-2',
      });
    });

    it('gives the handler the request exactly as received', async () => {
      const call = new Promise<RpcCall>((resolve) => {
        script.register = (_request, each) => Promise.resolve(resolve(each)).then(() => ({}));
      });
      await principals.registerServicePrincipal(registration());
      const expected = toBinary(
        identityV1.RegisterServicePrincipalRequestSchema,
        create(identityV1.RegisterServicePrincipalRequestSchema, registration()),
      );
      expect(Buffer.from((await call).request)).toEqual(Buffer.from(expected));
    });

    it('builds command envelopes', async () => {
      let envelope: unknown;
      script.register = (request, call) => Promise.resolve((envelope = commandEnvelope(call, request.context))).then(() => ({}));
      await principals.registerServicePrincipal({
        ...registration(),
        context: { commandId: COMMAND_ID.toUpperCase(), eventTime: '2026-11-01T08:00:00-05:00' },
      });
      expect(envelope).toMatchObject({ commandId: COMMAND_ID, actor: ACTOR, eventTime: '2026-11-01T08:00:00-05:00' });
    });

    it.each([
      ['tomorrow', new Date(Date.now() + 86_400_000).toISOString()],
      ['no offset', '2026-11-01T08:00:00'],
      ['no such day', '2026-02-30T08:00:00Z'],
    ])('refuses an event time: %s', async (_name, eventTime) => {
      script.register = (request, call) => Promise.resolve(commandEnvelope(call, request.context)).then(() => ({}));
      const error = await refused(
        principals.registerServicePrincipal({ ...registration(), context: { commandId: COMMAND_ID, eventTime } }),
      );
      expect(error).toMatchObject({ code: 'TIME_INVALID', statusName: 'INVALID_ARGUMENT', field: 'context.event_time' });
    });
  });

  describe('when the caller is not known', () => {
    it.each([
      ['no token', {}],
      ['bad token', { authorization: 'Bearer bad' }],
    ])('refuses with UNAUTHENTICATED: %s', async (_name, headers) => {
      const error = await raw(RESOLVE, resolveBytes(), headers as Record<string, string>);
      expect(error).toMatchObject({ code: 'UNAUTHENTICATED', statusName: 'UNAUTHENTICATED', correlationId: 'raw-call-1' });
    });

    it('lets the client try once more with a fresh token', async () => {
      let stale = true;
      const source = { token: () => Promise.resolve(stale ? 'stale' : 'good'), forget: () => (stale = false) };
      const client = createClient(TestService, address, {
        tokenSource: { ...source, forget: () => void source.forget() },
      });
      expect(await client.resolvePrincipal({ principalId: 'erp-1', logOrigin: 'o' })).toMatchObject({ organisationId: 'depot' });
      client.close();
    });

    it('has no actor for an open method', async () => {
      expect(await refused(tokens.issueToken({ clientAssertion: 'x' }))).toMatchObject({ code: 'UNAUTHENTICATED' });
    });
  });

  describe('when the request breaks its contract', () => {
    it('names every field and rule', async () => {
      const error = await refused(
        principals.registerServicePrincipal({ ...registration(), principalId: 'NO', publicKey: new Uint8Array(3) }),
      );
      expect(error).toMatchObject({ code: 'FIELD_INVALID', statusName: 'INVALID_ARGUMENT', field: 'principal_id' });
      expect(error.violations.map(({ field }) => field)).toEqual(['principal_id', 'public_key']);
      expect(error.message).not.toContain('NO ');
    });

    it('tells a missing field from an invalid one', async () => {
      const error = await refused(principals.registerServicePrincipal({ ...registration(), context: undefined }));
      expect(error).toMatchObject({ code: 'FIELD_MISSING', field: 'context' });
    });

    it('names nested fields', async () => {
      const error = await refused(
        evidence.findStreams({
          keys: [
            { kind: 'uii', value: 'x' },
            { kind: '', value: 'x' },
          ],
        }),
      );
      expect(error).toMatchObject({ code: 'FIELD_INVALID', field: 'keys[1].kind' });
    });

    it('refuses U+0000', async () => {
      const error = await refused(evidence.findStreams({ keys: [{ kind: 'uii', value: 'x\0y' }] }));
      expect(error).toMatchObject({ code: 'FIELD_INVALID', field: 'keys[0].value' });
    });

    it.each([
      ['random bytes', Buffer.from('ff00ff00ff', 'hex'), 'MESSAGE_MALFORMED'],
      ['text that is not UTF-8', Buffer.from('0a03c328ff', 'hex'), 'MESSAGE_MALFORMED'],
      ['a truncated field', resolveBytes().subarray(0, -1), 'MESSAGE_MALFORMED'],
      ['an unknown field', Buffer.concat([resolveBytes(), Buffer.from('f80601', 'hex')]), 'FIELD_UNKNOWN'],
      ['a known field of another wire type', Buffer.from('0801', 'hex'), 'MESSAGE_MALFORMED'],
      ['10,000 nested groups', Buffer.alloc(10_000, 0x1b), 'MESSAGE_MALFORMED'],
      ['an empty message', Buffer.alloc(0), 'FIELD_INVALID'],
    ])('refuses %s', async (_name, body, code) => {
      expect(await raw(RESOLVE, body)).toMatchObject({ code, statusName: 'INVALID_ARGUMENT', correlationId: 'raw-call-1' });
    });
  });

  describe('when a limit is passed', () => {
    it('refuses a message of 4 MiB + 1', async () => {
      const error = await raw(RESOLVE, Buffer.alloc(4 * 1024 * 1024 + 1));
      expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', statusName: 'RESOURCE_EXHAUSTED', correlationId: 'raw-call-1' });
      expect(error.retryDelayMs).toBeUndefined();
    });

    it('reads a message of 4 MiB', async () => {
      expect(await raw(RESOLVE, Buffer.alloc(4 * 1024 * 1024))).toMatchObject({ code: 'MESSAGE_MALFORMED' });
    });

    it('refuses what decompresses to more', async () => {
      const answer = await post(address, RESOLVE, frame(gzipSync(Buffer.alloc(64 * 1024 * 1024)), true), {
        'grpc-encoding': 'gzip',
      });
      expect(answer).toMatchObject({ 'grpc-status': String(Code.RESOURCE_EXHAUSTED), 'x-correlation-id': 'raw-call-2' });
    });

    it('refuses an answer that would be larger', async () => {
      expect(await refused(evidence.getStream({ streamId: 's/1' }))).toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    });

    it('refuses metadata of 16 KiB and more', async () => {
      const error = await raw(RESOLVE, resolveBytes(), { authorization: 'Bearer good', filler: 'x'.repeat(16 * 1024) });
      expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', statusName: 'RESOURCE_EXHAUSTED' });
    });

    it('tells the caller when to come back', async () => {
      script.register = () => Promise.reject(new DomainError('OVERLOADED'));
      expect(await refused(principals.registerServicePrincipal(registration()))).toMatchObject({
        code: 'OVERLOADED',
        retryDelayMs: 1000,
      });
    });

    it('ends at the deadline', async () => {
      script.register = () => new Promise(() => undefined);
      const error = await refused(principals.registerServicePrincipal(registration(), { deadlineMs: 50 }));
      expect(error).toMatchObject({ statusName: 'DEADLINE_EXCEEDED' });
    });
  });

  describe('when the transport is misused', () => {
    it.each([
      ['an unknown method', '/countersign.identity.v1.PrincipalService/Nothing'],
      ['an unknown service', '/no.Such/Thing'],
    ])('refuses %s', async (_name, path) => {
      expect(await raw(path, Buffer.alloc(0), {})).toMatchObject({
        code: 'METHOD_UNKNOWN',
        statusName: 'UNIMPLEMENTED',
        correlationId: 'raw-call-1',
      });
    });

    it.each([
      ['a bad timeout', frame(resolveBytes()), { 'grpc-timeout': 'soon' }, Code.INVALID_ARGUMENT],
      ['an unknown compression', frame(resolveBytes(), true), { 'grpc-encoding': 'br' }, Code.INVALID_ARGUMENT],
      ['a broken compression', frame(Buffer.from('no gzip'), true), { 'grpc-encoding': 'gzip' }, Code.INVALID_ARGUMENT],
      ['no message', Buffer.alloc(0), {}, Code.INVALID_ARGUMENT],
      ['two messages', Buffer.concat([frame(resolveBytes()), frame(resolveBytes())]), {}, Code.INVALID_ARGUMENT],
    ])('refuses %s', async (_name, body, headers, code) => {
      expect(await post(address, RESOLVE, body, headers as Record<string, string>)).toMatchObject({
        'grpc-status': String(code),
        'x-correlation-id': 'raw-call-2',
      });
    });

    it('makes its own correlation id where the given one is not fit', async () => {
      const error = await raw(RESOLVE, resolveBytes(), { 'x-correlation-id': 'a b"}' });
      expect(error.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    });
  });

  describe('when a handler fails', () => {
    it('maps a broken rule to its status and field', async () => {
      script.register = () =>
        Promise.reject(
          new DomainError('COMMAND_ID_REUSED', { field: 'context.command_id', rule: 'one request an id', context: { size: 1 } }),
        );
      expect(await refused(principals.registerServicePrincipal(registration()))).toMatchObject({
        code: 'COMMAND_ID_REUSED',
        statusName: 'ALREADY_EXISTS',
        field: 'context.command_id',
        rule: 'one request an id',
        errorId: undefined,
      });
    });

    it.each([
      ['an Error', () => Promise.reject(new Error('canary'))],
      [
        'a throw',
        () => {
          throw new TypeError('canary');
        },
      ],
      ['something else', () => Promise.reject('canary')],
      ['an internal code', () => Promise.reject(new DomainError('INTERNAL', { rule: 'canary' }))],
    ])('hides the cause of %s, and logs it under the error id', async (_name, fail) => {
      script.register = fail as () => Promise<object>;
      const error = await refused(principals.registerServicePrincipal(registration(), { correlationId: 'corr-0002' }));
      expect(error).toMatchObject({ code: 'INTERNAL', statusName: 'INTERNAL', correlationId: 'corr-0002' });
      expect(JSON.stringify({ ...error, message: error.message })).not.toContain('canary');
      const line = lines.map((each) => JSON.parse(each)).find(({ event }) => event === 'call-failed');
      expect(line).toMatchObject({ level: 'error', errorId: error.errorId, correlationId: 'corr-0002' });
    });

    it('answers a neighbour that is down with UNAVAILABLE', async () => {
      script.register = () =>
        Promise.reject(new CallError('x', { status: Code.UNAVAILABLE, code: 'UNAVAILABLE', violations: [], correlationId: 'x' }));
      expect(await refused(principals.registerServicePrincipal(registration()))).toMatchObject({
        code: 'DEPENDENCY_UNAVAILABLE',
        statusName: 'UNAVAILABLE',
      });
    });

    it('hides an answer that cannot be encoded', async () => {
      script.register = () => Promise.resolve({ outcome: { recorded: [{ sequence: -1n }] } });
      expect(await refused(principals.registerServicePrincipal(registration()))).toMatchObject({
        statusName: 'INTERNAL',
        code: 'INTERNAL',
      });
    });
  });

  describe('a server stream', () => {
    it('delivers every message', async () => {
      let received = 0;
      for await (const { streamIds } of evidence.readLog({})) received += streamIds.length;
      expect(received).toBe(200);
    });

    it('holds the source back while the reader is slow, and ends it when the reader goes', async () => {
      for await (const { streamIds } of evidence.readLog({})) {
        expect(streamIds).toHaveLength(1);
        await until(() => seen.yielded > 1);
        expect(seen.yielded).toBeLessThan(100);
        break;
      }
      await until(() => seen.finished && seen.aborted);
      expect(seen.yielded).toBeLessThan(100);
    });

    it('ends with the error of its source', async () => {
      const read = async (): Promise<void> => {
        for await (const message of evidence.readLog({ fromPosition: 7n })) expect(message.streamIds).toHaveLength(1);
      };
      const error = await refused(read());
      expect(error).toMatchObject({ code: 'RECORD_ALTERED', statusName: 'DATA_LOSS' });
      expect(error.errorId).toBeDefined();
    });
  });

  describe('for foreign clients', () => {
    const buf = (...parameters: string[]): Promise<{ stdout: string; stderr: string }> =>
      promisify(execFile)(
        join(import.meta.dirname, '../../../node_modules/.bin/buf'),
        ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', ...parameters],
        {
          env: { ...process.env, NO_PROXY: '*', no_proxy: '*' },
        },
      );

    it('serves reflection', async () => {
      const { stdout } = await buf('--list-methods', `http://${address}`);
      expect(stdout).toContain('countersign.identity.v1.PrincipalService/ResolvePrincipal');
    });

    it('is called with nothing but reflection', async () => {
      const { stdout } = await buf(
        '-H',
        'authorization: Bearer good',
        '-d',
        '{"principalId":"erp-1","logOrigin":"o"}',
        `http://${address}${RESOLVE}`,
      );
      expect(JSON.parse(stdout)).toMatchObject({ organisationId: 'depot' });
    });

    it('serves health of the server and of each service', async () => {
      const check = async (service: string): Promise<string | undefined> =>
        (
          await post(
            address,
            '/grpc.health.v1.Health/Check',
            frame(Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)])),
            {},
          )
        ).body;
      expect(await check('')).toBe('0802');
      door.setServing(true);
      expect(await check('')).toBe('0801');
      expect(await check('countersign.identity.v1.PrincipalService')).toBe('0801');
      door.setServing(false);
      expect(await check('countersign.identity.v1.PrincipalService')).toBe('0802');
      const unknown = await post(
        address,
        '/grpc.health.v1.Health/Check',
        frame(Buffer.concat([Buffer.from([0x0a, 1]), Buffer.from('x')])),
        {},
      );
      expect(unknown).toMatchObject({ 'grpc-status': String(Code.NOT_FOUND), 'x-correlation-id': 'raw-call-2' });
    });
  });

  describe('that is drained', () => {
    it('lets open calls end, cuts what is left at the limit, and takes no more', async () => {
      const answered = principals.resolvePrincipal({ principalId: 'erp-1', logOrigin: 'o' });
      const stream = evidence.readLog({})[Symbol.asyncIterator]();
      await stream.next();
      await answered;
      const began = performance.now();
      await door.drain(100);
      expect(performance.now() - began).toBeLessThan(2_000);
      const rest = async (): Promise<void> => {
        while ((await stream.next()).done !== true);
      };
      expect(await refused(rest())).toMatchObject({ statusName: expect.stringMatching(/CANCELLED|UNAVAILABLE|INTERNAL/) });
      expect(await refused(principals.resolvePrincipal({ principalId: 'erp-1', logOrigin: 'o' }))).toMatchObject({
        statusName: 'UNAVAILABLE',
      });
    });
  });
});

async function refused(promise: Promise<unknown>): Promise<CallError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CallError)) throw new Error(`expected a CallError, got ${String(error)}`);
  return error;
}

async function until(condition: () => boolean, limitMs = 5_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error('the condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
