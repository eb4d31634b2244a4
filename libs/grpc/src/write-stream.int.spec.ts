import 'reflect-metadata';

import { once } from 'node:events';
import http2 from 'node:http2';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { DomainError, type Actor } from '@countersign/kernel';
import { createLogger } from '@countersign/observability';
import { evidenceV1 } from '@countersign/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { CallError } from './call-error.js';
import { createClient, type Client } from './client.js';
import { createGrpcDoor, type GrpcDoor } from './door.js';
import { GrpcErrorFilter } from './error-filter.js';
import { GrpcController, type GrpcHandlers } from './grpc-service.js';
import type { Caller, RpcCall } from './served-call.js';
import { frame, freePort } from './test-http2.js';

const SUBSCRIBE = '/countersign.evidence.v1.EvidenceService/Subscribe';
const ACTOR: Actor = {
  principalId: 'p-1',
  pseudonym: 'pseudo-1',
  organisationId: 'depot',
  actingFor: 'W25G1V',
  nation: 'USA',
  roles: ['auditor'],
};
const ENDS_AT_MS = 1_900_000_000_000;

const seen = { yielded: 0, finished: false, gone: false, endsAtMs: 0, actor: {} };
let interrupt: (code: 'OVERLOADED' | 'INTERNAL') => void = () => undefined;
const never = (): Promise<never> => Promise.reject(new Error('not asked'));

@GrpcController(evidenceV1.EvidenceService)
class StreamController implements GrpcHandlers<typeof evidenceV1.EvidenceService> {
  getLog(): Promise<object> {
    return never();
  }
  findStreams(): Promise<object> {
    return never();
  }
  getStream(): Promise<object> {
    return never();
  }
  async *readLog(): AsyncGenerator<object> {
    yield await never();
  }
  /** From position 0 one message, then nothing until the call is over; else messages that no window holds two of. */
  async *subscribe({ start }: evidenceV1.SubscribeRequest, call: RpcCall): AsyncGenerator<object> {
    const gone = new Promise((resolve) => call.signal.addEventListener('abort', resolve));
    void gone.then(() => (seen.gone = true));
    interrupt = (code) => call.interrupt(new DomainError(code), 100);
    Object.assign(seen, { endsAtMs: call.tokenEndsAtMs, actor: call.actor });
    try {
      yield {};
      if (start.value === 0n) await gone;
      for (;;) {
        seen.yielded += 1;
        yield { message: { case: 'heartbeat', value: { resumeToken: 'x'.repeat(256 * 1024) } } };
      }
    } finally {
      seen.finished = true;
    }
  }
}

@Module({ controllers: [StreamController] })
class StreamModule {}

describe('a server stream', () => {
  const lines: string[] = [];
  let app: INestMicroservice;
  let door: GrpcDoor;
  let address: string;
  let evidence: Client<typeof evidenceV1.EvidenceService>;
  let forgotten = 0;

  beforeAll(async () => {
    const logger = createLogger({ service: 'test', level: 'debug', destination: { write: (line) => lines.push(line) } });
    address = `127.0.0.1:${await freePort()}`;
    const authenticate = (): Promise<Caller> => Promise.resolve({ ...ACTOR, tokenEndsAtMs: ENDS_AT_MS });
    door = createGrpcDoor({ address, services: [evidenceV1.EvidenceService], authenticate, logger });
    app = await NestFactory.createMicroservice(StreamModule, { ...door.options, logger: false });
    app.useGlobalFilters(new GrpcErrorFilter(logger));
    await app.listen();
    const tokenSource = { token: () => Promise.resolve('good'), forget: () => void (forgotten += 1) };
    evidence = createClient(evidenceV1.EvidenceService, address, { tokenSource });
  });

  afterAll(async () => {
    evidence.close();
    await door.drain(1_000);
    await app.close();
  });

  beforeEach(() => {
    lines.length = 0;
    Object.assign(seen, { yielded: 0, finished: false, gone: false });
  });

  /** Reads until the source waits, then interrupts it. */
  const interrupted = async (code: 'OVERLOADED' | 'INTERNAL'): Promise<CallError> => {
    try {
      for await (const _ of evidence.subscribe({ start: { case: 'fromPosition', value: 0n } })) interrupt(code);
    } catch (error) {
      if (error instanceof CallError) return error;
    }
    throw new Error('expected a CallError');
  };

  it('tells its handler when the token ends, beside the actor', async () => {
    await interrupted('OVERLOADED');
    expect(seen).toMatchObject({ endsAtMs: ENDS_AT_MS, actor: ACTOR });
    expect(seen.actor).not.toHaveProperty('tokenEndsAtMs');
  });

  it('ends with the error of an interruption while its source waits, and its source with it', async () => {
    const error = await interrupted('OVERLOADED');
    expect(error).toMatchObject({ code: 'OVERLOADED', statusName: 'RESOURCE_EXHAUSTED', retryDelayMs: 1_000 });
    await until(() => seen.gone && seen.finished);
    expect((await interrupted('INTERNAL')).errorId).toBeDefined();
  });

  it('is given up, with what waits for its reader, when he takes nothing after an interruption', async () => {
    const session = http2.connect(`http://${address}`);
    const headers = { ':method': 'POST', ':path': SUBSCRIBE, 'content-type': 'application/grpc', te: 'trailers' };
    // A stream that is never read: the first message fills its window.
    const stream = session.request(headers).on('error', () => undefined);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.end(frame(Buffer.from([0x08, 1])));
    await once(stream, 'response');
    await until(() => seen.yielded > 0);
    interrupt('OVERLOADED');
    await until(() => seen.gone && seen.finished);
    expect(seen.yielded).toBeLessThan(4);
    stream.resume();
    await closed;
    expect(stream.rstCode).toBe(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
    session.destroy();
    await until(() => lines.some((line) => line.includes('call-refused')));
    expect(lines.find((line) => line.includes('call-refused'))).toContain('"code":"OVERLOADED"');
  });

  it('ends its source when the reader goes while it waits', async () => {
    for await (const _ of evidence.subscribe({ start: { case: 'fromPosition', value: 0n } })) break;
    await until(() => seen.gone && seen.finished);
  });

  it('keeps nothing of what went through it', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    let received = 0;
    let before = 0;
    for await (const _ of evidence.subscribe({ start: { case: 'fromPosition', value: 1n } })) {
      received += 1;
      if (received === 20) before = heap();
      if (received === 420) break;
    }
    expect(heap() - before).toBeLessThan(40 * 1024 * 1024);
  });
});

async function until(condition: () => boolean, limitMs = 5_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error('the condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
