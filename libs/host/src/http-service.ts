import { createLogDataSource } from '@countersign/event-log';
import { createLogger, LOG_LEVELS, startMetrics, type Logger } from '@countersign/observability';
import { Global, Module, type DynamicModule, type INestApplicationContext, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { z } from 'zod';

import { Closers } from './closers.js';
import { LIMITS } from './config.js';
import { frameworkLogger } from './framework-logger.js';
import { Readiness } from './health.js';
import { HttpDoorsController, METRICS_DOOR } from './http-doors.controller.js';
import { createFileKeystore, type Keystore } from './keystore.js';
import { address, databaseUrl, readSettings } from './service-config.js';
import { splitAddress } from './split-address.js';
import { untilThere } from './start-retry.js';
import * as tokens from './tokens.js';

const settings = z.object({
  COUNTERSIGN_DATABASE_URL: databaseUrl,
  COUNTERSIGN_HTTP_ADDRESS: address,
  COUNTERSIGN_KEYSTORE: z.string().min(1),
  COUNTERSIGN_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
});

/** A process that another organisation can run by itself: database, keystore and one HTTP door; no Kafka, no gRPC, no identity. */
export interface HttpServiceDefinition {
  readonly name: string;
  /** The composition root; `DataSource`, `KEYSTORE` and `LOGGER` can be injected everywhere. Bodies arrive as Buffers, unparsed. */
  readonly module: Type;
  /** Largest request body that is read. */
  readonly bodyBytesMax: number;
  readonly databaseConnectionsMax: number;
  /** Starts loops. Runs when the door is open. */
  readonly start?: (context: HttpServiceContext) => Promise<void>;
}

export interface HttpServiceContext {
  readonly app: INestApplicationContext;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly keystore: Keystore;
  readonly logger: Logger;
  /** Runs when the service stops, before the door closes; last added, first run. */
  onStop(name: string, close: () => unknown): void;
}

export interface RunningHttpService {
  readonly app: INestApplicationContext;
  readonly address: string;
  /** Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts such a process; ready when the door is open and `start` is done. Nothing stays open when it throws.
 *
 * @throws ConfigurationError, KeystoreError, DomainError DEPENDENCY_UNAVAILABLE
 */
export async function startHttpService(
  definition: HttpServiceDefinition,
  environment: HttpServiceContext['environment'],
  givenLogger?: Logger,
): Promise<RunningHttpService> {
  const config = readSettings(settings, environment);
  const logger = givenLogger ?? createLogger({ service: definition.name, level: config.COUNTERSIGN_LOG_LEVEL });
  const closers = new Closers(logger);
  try {
    const dataSource = await openDatabase(definition, config.COUNTERSIGN_DATABASE_URL, logger, closers);
    const keystore = createFileKeystore(config.COUNTERSIGN_KEYSTORE);
    const metrics = startMetrics();
    closers.add('metrics', () => metrics.close());
    const readiness = new Readiness([{ name: 'database', probe: () => dataSource.query('SELECT 1') }], logger);
    const root = rootModule(definition.module, [
      { provide: DataSource, useValue: dataSource },
      { provide: tokens.KEYSTORE, useValue: keystore },
      { provide: tokens.LOGGER, useValue: logger },
      { provide: Readiness, useValue: readiness },
      { provide: METRICS_DOOR, useValue: metrics },
    ]);
    const app = await openDoor(root, definition.bodyBytesMax, logger, closers);
    const { host, port } = splitAddress(config.COUNTERSIGN_HTTP_ADDRESS);
    await app.listen(port, host);
    const onStop = (name: string, close: () => unknown): void => closers.add(name, close);
    await definition.start?.({ app, environment, keystore, logger, onStop });
    closers.add('readiness', () => readiness.accept(false));
    readiness.accept(true);
    return { app, address: config.COUNTERSIGN_HTTP_ADDRESS, stop: () => closers.closeAll() };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function openDatabase(
  { name, databaseConnectionsMax: poolSize }: HttpServiceDefinition,
  url: string,
  logger: Logger,
  closers: Closers,
): Promise<DataSource> {
  const dataSource = createLogDataSource({ url, applicationName: `countersign-${name}`, poolSize });
  await untilThere('database', logger, () => dataSource.initialize());
  closers.add('database', () => dataSource.destroy());
  return dataSource;
}

function rootModule(module: Type, providers: Provider[]): DynamicModule {
  @Global()
  @Module({})
  class HttpHost {}
  class HttpServiceRoot {}
  const host = { module: HttpHost, controllers: [HttpDoorsController], providers, exports: providers };
  return { module: HttpServiceRoot, imports: [host, module] };
}

async function openDoor(
  root: DynamicModule,
  bodyLimit: number,
  logger: Logger,
  closers: Closers,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ bodyLimit, requestTimeout: LIMITS.httpRequestMs, forceCloseConnections: true });
  const server = adapter.getInstance();
  // Whatever a client calls its body, the handler is given the bytes.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: frameworkLogger(logger),
    abortOnError: false,
    bodyParser: false,
  });
  closers.add('application', () => app.close());
  return app;
}
