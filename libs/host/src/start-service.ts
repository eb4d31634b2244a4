import { createTokenSource, createTokenVerifier, type TokenVerifier } from '@countersign/access';
import { createLogDataSource, openEventLog, type EventLog, type LogIdentity, type UnitKeyStore } from '@countersign/event-log';
import { createClient, createGrpcDoor, GrpcErrorFilter, type GrpcDoor } from '@countersign/grpc';
import { createKafkaBus } from '@countersign/kafka';
import type { DomainError } from '@countersign/kernel';
import { count, createLogger, gauge, startMetrics, type LogLevel, type Logger } from '@countersign/observability';
import { evidenceV1, identityV1, operationsV1 } from '@countersign/proto';
import { parseRegistration } from '@countersign/record';
import type { INestApplication, Type } from '@nestjs/common';
import { BaseExceptionFilter, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { EntitySchema } from 'typeorm';

import { fenceAgainstAnchor } from './anchor-fence.js';
import { Closers } from './closers.js';
import { LIMITS } from './config.js';
import { DoorErrorFilter } from './door-error-filter.js';
import { frameworkLogger } from './framework-logger.js';
import { Readiness, type Dependency } from './health.js';
import { HostModule, type HostProviders } from './host.module.js';
import { createFileKeystore, readLogIdentity, readPrivateKey } from './keystore.js';
import { startReadModels } from './projections-running.js';
import { startRelaying } from './relay-running.js';
import { createRemoteUnitKeys } from './remote-unit-keys.js';
import { createServiceActor } from './service-actor.js';
import { readServiceConfig, type ServiceConfig } from './service-config.js';
import type { ServiceContext, ServiceDefinition, ServiceParts } from './service-definition.js';
import { splitAddress } from './split-address.js';
import { untilThere } from './start-retry.js';
import { createSubscriber } from './subscribe-facts.js';
import { Subscriptions } from './subscriptions.js';

/** A service that runs. */
export interface RunningService {
  readonly context: ServiceContext;
  /** Takes no more work, lets work under way end, publishes the batch under way, closes everything. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts a service: its parts first, then its doors, then what it consumes, and last its relay; ready when all of that stands.
 * Nothing stays open when it throws.
 * @throws ConfigurationError, KeystoreError, DomainError (the log's own checks, DEPENDENCY_UNAVAILABLE)
 */
export async function startService(
  definition: ServiceDefinition,
  environment: Readonly<Record<string, string | undefined>>,
  givenLogger?: Logger,
): Promise<RunningService> {
  const config = readServiceConfig(environment);
  const logger = givenLogger ?? createLogger({ service: definition.name, level: config.logLevel satisfies LogLevel });
  const closers = new Closers(logger);
  try {
    return await openService(definition, config, environment, logger, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function openService(
  definition: ServiceDefinition,
  config: ServiceConfig,
  environment: ServiceParts['environment'],
  logger: Logger,
  closers: Closers,
): Promise<RunningService> {
  const metrics = startMetrics();
  closers.add('metrics', () => metrics.close());
  const identity = definition.log === undefined ? undefined : await readLogIdentity(createFileKeystore(config.keystore));
  const verifier = createTokenVerifier({
    keys: { jwksUrl: config.jwksUrl },
    ...(identity === undefined ? {} : { logOrigin: identity.origin }),
  });
  const parts = await openParts(definition, { config, environment, logger, verifier }, closers);
  const { unitKeys, log } = await openLog(definition, parts, identity, closers);
  const readiness = new Readiness(dependencies(parts), logger);
  const subscriptions = openSubscriptions(log, closers);
  const projections = startReadModels(definition.projections, log, logger);
  closers.add('read models', () => projections?.stop());
  const providers = { ...parts, log, subscriptions, projections, unitKeys, readiness, metrics };
  const { app, door } = await openDoors(definition, providers, verifier, closers);
  const context = contextOf(definition, parts, { app, log, unitKeys }, closers);
  if (log !== undefined) startRelayOf(definition, parts, log, closers);
  await definition.start?.(context);
  closers.add('gRPC door', () => door.drain(LIMITS.drainMs));
  // Before the door: they end by no other means.
  closers.add('log subscriptions', () => subscriptions?.close());
  closers.add('calls about read models', () => projections?.endCalls());
  closers.add('readiness', () => setServing(false));
  setServing(true);
  return { context, stop: () => closers.closeAll() };

  function setServing(serving: boolean): void {
    readiness.accept(serving);
    door.setServing(serving);
  }
}

type Basics = Pick<ServiceParts, 'config' | 'environment' | 'logger'> & { readonly verifier: TokenVerifier };

async function openParts(
  definition: ServiceDefinition,
  { config, environment, logger, verifier }: Basics,
  closers: Closers,
): Promise<ServiceParts> {
  const keystore = createFileKeystore(config.keystore);
  const principalId = `service-${definition.name}`;
  const privateKey = await readPrivateKey(keystore, 'principal-key.pem');
  const dataSource = createLogDataSource({
    url: config.databaseUrl,
    applicationName: `countersign-${definition.name}`,
    poolSize: LIMITS.databaseConnectionsMax,
    entities: entitiesOf(definition),
  });
  await untilThere('database', logger, () => dataSource.initialize());
  closers.add('database', () => dataSource.destroy());
  const bus = createKafkaBus({ brokers: config.kafkaBrokers, clientId: `countersign-${definition.name}`, log: logger });
  closers.add('event bus', () => bus.close());
  const tokenSource = createTokenSource({ identityAddress: config.identityAddress, principalId, privateKey });
  closers.add('token source', () => tokenSource.close());
  return {
    config,
    environment,
    logger,
    keystore,
    dataSource,
    bus,
    tokenSource,
    actor: createServiceActor(tokenSource, verifier),
  };
}

async function openLog(
  { name, log: definition }: ServiceDefinition,
  parts: ServiceParts,
  identity: LogIdentity | undefined,
  closers: Closers,
): Promise<{ readonly unitKeys: UnitKeyStore; readonly log: EventLog | undefined }> {
  const unitKeys = await openUnitKeys(definition, parts, closers);
  if (definition === undefined || identity === undefined) return { unitKeys, log: undefined };
  const { label = 'UNCLASSIFIED', policy = '1' } = definition;
  const opener = { pseudonym: `service-${name}`, actingFor: parseRegistration(identity.registration).organisation };
  const onFoldDiverged = (error: DomainError): void => {
    count('alarms', 1, { code: error.code });
    parts.logger.error('fold-diverged', { ...error.detail.context, error });
  };
  const log = await untilThere('database', parts.logger, () =>
    openEventLog({ dataSource: parts.dataSource, identity, unitKeys, label, policy, opener, onFoldDiverged }),
  );
  closers.add('event log', () => log.close());
  return { unitKeys, log };
}

function openSubscriptions(log: EventLog | undefined, closers: Closers): Subscriptions | undefined {
  if (log === undefined) return undefined;
  const subscriptions = new Subscriptions({ log, journal: log.journal, identity: log.identity });
  closers.add(
    'subscriptions metric',
    gauge('subscriptionsOpen', () => subscriptions.open),
  );
  return subscriptions;
}

async function openUnitKeys(definition: ServiceDefinition['log'], parts: ServiceParts, closers: Closers): Promise<UnitKeyStore> {
  if (definition?.unitKeys !== undefined) {
    const own = await definition.unitKeys(parts);
    closers.add('unit keys', () => own.close?.());
    return own;
  }
  const keyService = createClient(identityV1.KeyService, parts.config.identityAddress, { tokenSource: parts.tokenSource });
  closers.add('key service', () => keyService.close());
  const remote = createRemoteUnitKeys({ keyService, logger: parts.logger });
  if (definition !== undefined) void remote.prefetch();
  return remote;
}

function entitiesOf({ entities = [], projections = [] }: ServiceDefinition): (string | Type | EntitySchema)[] {
  return [...entities, ...(projections.flatMap(({ tables }) => tables) as (Type | EntitySchema)[])];
}

function dependencies({ dataSource, bus }: ServiceParts): readonly Dependency[] {
  return [
    { name: 'database', probe: () => dataSource.query('SELECT 1') },
    { name: 'kafka', probe: () => bus.ping() },
  ];
}

async function openDoors(
  definition: ServiceDefinition,
  providers: HostProviders,
  verifier: TokenVerifier,
  closers: Closers,
): Promise<{ readonly app: INestApplication; readonly door: GrpcDoor }> {
  const { config, logger, log, projections } = providers;
  const door = createGrpcDoor({
    address: config.grpcAddress,
    services: [
      ...definition.grpcServices,
      ...(log === undefined ? [] : [evidenceV1.EvidenceService]),
      ...(projections === undefined ? [] : [operationsV1.ProjectionService]),
    ],
    openMethods: definition.openMethods ?? [],
    authenticate: verifier.authenticate,
    logger,
    reflection: config.reflection,
  });
  class ServiceRoot {}
  const root = { module: ServiceRoot, imports: [HostModule.of(providers), definition.module] };
  const adapter = new FastifyAdapter({ bodyLimit: 64 * 1024, forceCloseConnections: true });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: frameworkLogger(logger),
    abortOnError: false,
  });
  closers.add('application', () => app.close());
  app.useGlobalFilters(new DoorErrorFilter(new GrpcErrorFilter(logger), new BaseExceptionFilter(app.getHttpAdapter())));
  app.connectMicroservice(door.options, { inheritAppConfig: true });
  await app.startAllMicroservices();
  const { host, port } = splitAddress(config.httpAddress);
  await app.listen(port, host);
  return { app, door };
}

function contextOf(
  { name }: ServiceDefinition,
  parts: ServiceParts,
  opened: { readonly app: INestApplication; readonly log: EventLog | undefined; readonly unitKeys: UnitKeyStore },
  closers: Closers,
): ServiceContext {
  const { logger, config, dataSource, bus, actor } = parts;
  const subscribe = createSubscriber({
    serviceName: name,
    topicPrefix: config.topicPrefix,
    bus,
    dataSource,
    unitKeys: opened.unitKeys,
    actor,
    logger,
  });
  return {
    ...parts,
    app: opened.app,
    log: opened.log,
    subscribeEvents: async (subscription) => {
      const consumption = await untilThere('kafka', logger, () => subscribe(subscription));
      closers.add(`subscription ${subscription.name ?? 'events'}`, () => consumption.stop());
      return consumption;
    },
    onStop: (step, close) => closers.add(step, close),
  };
}

function startRelayOf({ name, log: definition }: ServiceDefinition, parts: ServiceParts, log: EventLog, closers: Closers): void {
  const { bus, config, logger, tokenSource } = parts;
  const outMapper = definition?.outMapper?.(log);
  const relay = startRelaying({ serviceName: name, topicPrefix: config.topicPrefix, log, bus, outMapper, logger });
  closers.add('relay', () => relay.stop());
  if (config.anchoringAddress === undefined) return;
  closers.add('anchor fence', fenceAgainstAnchor({ log, anchoringAddress: config.anchoringAddress, tokenSource, logger }));
}
