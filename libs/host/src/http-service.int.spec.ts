import 'reflect-metadata';

import { silentLogger } from '@countersign/observability';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Module, Post } from '@nestjs/common';

import { ConfigurationError } from './service-config.js';
import { startHttpService, type HttpServiceDefinition, type RunningHttpService } from './http-service.js';
import { freePort } from './test-identity.js';

@Controller()
class EchoController {
  @Post('echo')
  echo(@Body() body: unknown): string {
    return Buffer.isBuffer(body) ? body.toString('hex') : typeof body;
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

const ECHO: HttpServiceDefinition = { name: 'echo', module: EchoModule, bodyBytesMax: 100, databaseConnectionsMax: 2 };

describe('a process with a database and an HTTP door only', () => {
  let database: TestDatabase;
  let service: RunningHttpService | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => service?.stop());
  afterAll(() => database?.drop());

  const environment = async (): Promise<Record<string, string>> => ({
    COUNTERSIGN_DATABASE_URL: database.appUrl,
    COUNTERSIGN_HTTP_ADDRESS: `127.0.0.1:${await freePort()}`,
    COUNTERSIGN_KEYSTORE: '/nowhere',
  });

  it('is ready, shows metrics, and hands bodies over as bytes up to its limit', async () => {
    service = await startHttpService(ECHO, await environment(), silentLogger);
    const at = `http://${service.address}`;
    expect((await fetch(`${at}/health/ready`)).status).toBe(200);
    expect((await fetch(`${at}/metrics`)).status).toBe(200);
    const post = (size: number): Promise<Response> =>
      fetch(`${at}/echo`, { method: 'POST', body: new Uint8Array(size).fill(0xff) });
    expect(await (await post(100)).text()).toBe('ff'.repeat(100));
    expect((await post(101)).status).toBe(413);
  });

  it('says what is wrong with its settings, and leaves nothing open when its start fails', async () => {
    await expect(startHttpService(ECHO, {}, silentLogger)).rejects.toBeInstanceOf(ConfigurationError);
    const settings = await environment();
    const ended: string[] = [];
    const failing: HttpServiceDefinition = {
      ...ECHO,
      start: ({ onStop }) => {
        onStop('loop', () => ended.push('loop'));
        return Promise.reject(new Error('no'));
      },
    };
    await expect(startHttpService(failing, settings, silentLogger)).rejects.toThrow('no');
    expect(ended).toEqual(['loop']);
    await expect(fetch(`http://${settings['COUNTERSIGN_HTTP_ADDRESS']}/health/live`)).rejects.toThrow();
    service = await startHttpService(ECHO, settings, silentLogger);
  });
});
