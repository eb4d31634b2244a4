import 'reflect-metadata';

import { createHmac, createPrivateKey, createSecretKey, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';

import { createTokenVerifier, type TestTokens } from '@countersign/access';
import { createLogDataSource, openEventLog, type EventLog, type LogIdentity, type UnitKeyStore } from '@countersign/event-log';
import { createGrpcDoor, GrpcErrorFilter } from '@countersign/grpc';
import type { Actor, DomainEvent, StreamDefinition } from '@countersign/kernel';
import { rawPublicKey } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { evidenceV1 } from '@countersign/proto';
import { ItemKeys, logIdOf, registrationBytes, SUITE } from '@countersign/record';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { LIMITS } from './config.js';
import { EvidenceController } from './evidence.controller.js';
import { Subscriptions, type SubscriptionLimits } from './subscriptions.js';
import { JOURNAL, LOG_IDENTITY, LOG_READER } from './tokens.js';

export const ORIGIN = 'countersign.example/parcels';

type ParcelEvent =
  DomainEvent<'ParcelPacked', { tcn: string; contents: string }> | DomainEvent<'ParcelSeen', { contents: string }>;

const PARCEL: StreamDefinition<number, ParcelEvent> = {
  category: 'parcel',
  initial: 0,
  evolve: (count) => count + 1,
  schemas: {
    ParcelPacked: { type: 'countersign.parcels.ParcelPacked.v1', fields: { tcn: 'public', contents: { group: 'logistics' } } },
    ParcelSeen: { type: 'countersign.parcels.ParcelSeen.v1', fields: { contents: { group: 'logistics' } } },
  },
  links: ({ type, data }) => (type === 'ParcelPacked' ? [{ kind: 'tcn', value: data.tcn, role: 'identifies' }] : []),
};

/** What every process of one service has in its keystore; JSON, so that it can be given to another process. */
export interface DoorKeys {
  readonly master: string;
  readonly requestDigestKey: string;
  readonly leavesKey: string;
  readonly registration: string;
}

export function createDoorKeys(): DoorKeys {
  const master = randomBytes(32);
  const publicKey = (): Uint8Array => rawPublicKey(generateKeyPairSync('ed25519').publicKey);
  const registration = registrationBytes({
    origin: ORIGIN,
    suite: SUITE,
    logKey: publicKey(),
    headsOrigin: `${ORIGIN}/heads`,
    headsKey: publicKey(),
    itemCommitment: randomBytes(32),
    organisation: 'operator',
    predecessor: null,
  });
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    master: master.toString('hex'),
    requestDigestKey: randomBytes(32).toString('hex'),
    leavesKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    registration: Buffer.from(registration).toString('hex'),
  };
}

export interface DoorOptions {
  readonly databaseUrl: string;
  readonly keys: DoorKeys;
  readonly jwks: TestTokens['jwks'];
  /** `host:port` */
  readonly address: string;
  readonly limits?: Partial<SubscriptionLimits>;
}

/** The log of a service and its evidence door, without the rest of the service. */
export interface EvidenceDoor {
  readonly log: EventLog;
  readonly subscriptions: Subscriptions;
  /** As a service stops. */
  close(): Promise<void>;
}

export async function openEvidenceDoor({ databaseUrl, keys, jwks, address, limits = {} }: DoorOptions): Promise<EvidenceDoor> {
  const dataSource = await createLogDataSource({
    url: databaseUrl,
    applicationName: `door-${randomUUID()}`,
    poolSize: LIMITS.databaseConnectionsMax,
  }).initialize();
  const opener = { pseudonym: 'service', actingFor: 'operator' };
  const terms = { label: 'UNCLASSIFIED', policy: '1' };
  const identity = identityOf(keys);
  const log = await openEventLog({ dataSource, identity, unitKeys: derivedKeys(keys), opener, ...terms });
  const subscriptions = new Subscriptions({ log, journal: log.journal, identity, limits });
  const { authenticate } = createTokenVerifier({ keys: { jwks }, logOrigin: ORIGIN });
  const door = createGrpcDoor({ address, services: [evidenceV1.EvidenceService], authenticate, logger: silentLogger });
  const app = await NestFactory.createMicroservice(moduleOf(log, subscriptions), { ...door.options, logger: false });
  app.useGlobalFilters(new GrpcErrorFilter(silentLogger));
  await app.listen();
  return {
    log,
    subscriptions,
    close: async () => {
      subscriptions.close();
      await door.drain(2_000);
      await app.close();
      await log.close();
      await dataSource.destroy();
    },
  };
}

/** Appends one command: the parcel is packed if it is new, then seen, so many events in all. */
export async function packParcel(log: EventLog, tcn: string, events: number, ...readers: readonly string[]): Promise<void> {
  const actor: Actor = {
    principalId: 'packer',
    pseudonym: 'pseudonym-of-packer',
    organisationId: 'depot',
    actingFor: 'W99DP1',
    nation: 'USA',
    roles: ['storage-clerk'],
  };
  const commandId = randomUUID();
  const envelope = {
    commandId,
    actor,
    eventTime: '2026-11-01T08:00:00Z',
    correlationId: 'parcels',
    request: Buffer.from(commandId),
  };
  await log.journal.execute(envelope, async (unit) => {
    const parcel = await unit.open(PARCEL, tcn);
    const seen: ParcelEvent = { type: 'ParcelSeen', data: { contents: `contents of ${tcn}` } };
    const packed: ParcelEvent = { type: 'ParcelPacked', data: { tcn, contents: `contents of ${tcn}` } };
    parcel.append(...Array.from({ length: events }, (_, index) => (index === 0 && !parcel.exists ? packed : seen)));
    parcel.share(...readers);
  });
}

function identityOf(keys: DoorKeys): LogIdentity {
  const registration = Buffer.from(keys.registration, 'hex');
  return {
    origin: ORIGIN,
    registration,
    logId: logIdOf(registration),
    itemKeys: new ItemKeys(Buffer.from(keys.master, 'hex')),
    leavesKey: createPrivateKey(keys.leavesKey),
    requestDigestKey: Buffer.from(keys.requestDigestKey, 'hex'),
  };
}

/** A key service of all processes that hold the same secret: a unit key follows from its id. */
function derivedKeys({ master }: DoorKeys): UnitKeyStore {
  const keyOf = (keyId: Uint8Array): ReturnType<typeof createSecretKey> =>
    createSecretKey(createHmac('sha256', master).update(keyId).digest());
  return {
    fresh: () => {
      const keyId = randomBytes(16);
      return Promise.resolve({ keyId, key: keyOf(keyId) });
    },
    get: (keyIds) => Promise.resolve(new Map(keyIds.map((keyId) => [Buffer.from(keyId).toString('hex'), keyOf(keyId)]))),
  };
}

function moduleOf(log: EventLog, subscriptions: Subscriptions): DynamicModule {
  @Module({})
  class DoorModule {}
  return {
    module: DoorModule,
    controllers: [EvidenceController],
    providers: [
      { provide: JOURNAL, useValue: log.journal },
      { provide: LOG_READER, useValue: log },
      { provide: LOG_IDENTITY, useValue: log.identity },
      { provide: Subscriptions, useValue: subscriptions },
    ],
  };
}
