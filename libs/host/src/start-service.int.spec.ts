import 'reflect-metadata';

import { generateKeyPairSync, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { GenService } from '@bufbuild/protobuf/codegenv2';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import {
  CallError,
  commandEnvelope,
  createClient,
  GrpcController,
  type Client,
  type GrpcHandlers,
  type RpcCall,
} from '@countersign/grpc';
import { createKafkaBus, ensureTopics, parseCloudEvent, TOPICS, type EventBus } from '@countersign/kafka';
import { rawPublicKey } from '@countersign/merkle';
import type { DomainEvent, JsonObject, Role, StreamDefinition } from '@countersign/kernel';
import { createLogger } from '@countersign/observability';
import { evidenceV1, identityV1 } from '@countersign/proto';
import { ItemKeys, parseHeader, registrationBytes, SUITE, verifyBucket } from '@countersign/record';
import { createTestDatabase, eventually, testAddresses, uniqueTopicPrefix, type TestDatabase } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module } from '@nestjs/common';
import pg from 'pg';

import { outcomeMessage } from './outcome-message.js';
import { runMigrations } from './run-migrations.js';
import type { ServiceDefinition } from './service-definition.js';
import { startService, type RunningService } from './start-service.js';
import { freePort, startTestIdentity, type TestIdentity } from './test-identity.js';
import { JOURNAL } from './tokens.js';

const ORIGINS = { procurement: 'countersign.example/procurement', inventory: 'countersign.example/inventory' };

type OrderEvent = DomainEvent<'OrderNoted', { piid: string; note: string }> | DomainEvent<'OrderFiled', { piid: string }>;

/** A stream of the source: one type that the sink takes, one that it ignores, each with a confidential field. */
const ORDER: StreamDefinition<number, OrderEvent> = {
  category: 'order',
  initial: 0,
  evolve: (count) => count + 1,
  schemas: {
    OrderNoted: { type: 'countersign.procurement.OrderNoted.v1', fields: { piid: 'public', note: { group: 'terms' } } },
    OrderFiled: { type: 'countersign.procurement.OrderFiled.v1', fields: { piid: 'public' } },
  },
  links: ({ data }) => [{ kind: 'piid', value: data.piid, role: 'identifies' }],
};

type DueInEvent = DomainEvent<'DueInNoted', { note: string }>;

const DUE_IN: StreamDefinition<number, DueInEvent> = {
  category: 'due-in',
  initial: 0,
  evolve: (count) => count + 1,
  schemas: { DueInNoted: { type: 'countersign.inventory.DueInNoted.v1', fields: { note: { group: 'terms' } } } },
  links: () => [],
};

@Injectable()
class OrderHandler {
  constructor(@Inject(JOURNAL) private readonly journal: Journal) {}

  note(request: identityV1.RegisterServicePrincipalRequest, call: RpcCall): Promise<CommandOutcome<null>> {
    return this.journal.execute(commandEnvelope(call, request.context), async (unit) => {
      const order = await unit.open(ORDER, request.principalId);
      const piid = request.principalId;
      order.append({ type: 'OrderFiled', data: { piid } }, { type: 'OrderNoted', data: { piid, note: request.organisationId } });
      order.share('supplier');
      return null;
    });
  }
}

type PrincipalMethods = typeof identityV1.PrincipalService extends GenService<infer Methods> ? Methods : never;

/** Two methods of a real contract, however many more it has. */
const TestService = {
  ...identityV1.PrincipalService,
  methods: [identityV1.PrincipalService.method.registerServicePrincipal, identityV1.PrincipalService.method.resolvePrincipal],
} as unknown as GenService<Pick<PrincipalMethods, 'registerServicePrincipal' | 'resolvePrincipal'>>;

@GrpcController(TestService)
class OrderController implements GrpcHandlers<typeof TestService> {
  constructor(private readonly handler: OrderHandler) {}

  async registerServicePrincipal(
    request: identityV1.RegisterServicePrincipalRequest,
    call: RpcCall,
  ): Promise<{ outcome: ReturnType<typeof outcomeMessage> }> {
    return { outcome: outcomeMessage(await this.handler.note(request, call)) };
  }

  resolvePrincipal(): Promise<object> {
    return Promise.resolve({});
  }
}

@Module({ controllers: [OrderController], providers: [OrderHandler] })
class ProcurementModule {}

@Module({})
class InventoryModule {}

describe('a service', () => {
  const prefix = uniqueTopicPrefix();
  const lines: { service: string; event: string; correlationId?: string; message?: string }[] = [];
  const projected: JsonObject[] = [];
  let identity: TestIdentity;
  let bus: EventBus;
  let folder: string;
  let databases: Record<keyof typeof ORIGINS, TestDatabase>;
  let procurement: RunningService;
  let inventory: RunningService;
  let orders: Client<typeof TestService>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-host-'));
    identity = await startTestIdentity(Object.values(ORIGINS));
    databases = { procurement: await createTestDatabase(), inventory: await createTestDatabase() };
    bus = createKafkaBus({ brokers: testAddresses.kafkaBrokers, clientId: 'test' });
    await ensureTopics(bus, prefix);
    procurement = await start('procurement', {
      name: 'procurement',
      module: ProcurementModule,
      grpcServices: [TestService],
      log: {},
    });
    inventory = await start('inventory', INVENTORY);
    orders = createClient(TestService, addressOf(procurement), tokenOf('unit-clerk', 'unit', 'item-manager'));
  }, 60_000);

  afterAll(async () => {
    orders?.close();
    await Promise.all([procurement?.stop(), inventory?.stop()]);
    await bus?.close();
    await identity?.close();
    await Promise.all(Object.values(databases ?? {}).map((database) => database.drop()));
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const INVENTORY: ServiceDefinition = {
    name: 'inventory',
    module: InventoryModule,
    grpcServices: [],
    log: {},
    start: async ({ log, subscribeEvents }) => {
      await subscribeEvents({
        topics: [TOPICS.procurementOrder.name],
        on: {
          'countersign.procurement.OrderNoted.v1': (fact) =>
            log!.journal.execute(
              fact.envelope,
              async (unit) => {
                const dueIn = await unit.open(DUE_IN, fact.header.subject.replace('order/', ''));
                dueIn.append({ type: 'DueInNoted', data: { note: fact.data['note'] as string } });
              },
              { inbox: fact.inbox },
            ),
        },
        project: {
          'countersign.procurement.OrderFiled.v1': async (fact, manager) => {
            await manager.query('SELECT 1');
            projected.push(fact.data);
          },
        },
      });
    },
  };

  async function start(name: keyof typeof ORIGINS, definition: ServiceDefinition): Promise<RunningService> {
    const { ownerUrl, appUrl, appRole } = databases[name];
    await runMigrations({ ownerUrl, appRole });
    const keystore = join(folder, name);
    await writeKeystore(keystore, ORIGINS[name]);
    return startService(definition, await environmentOf(keystore, appUrl), logger(name));
  }

  const logger = (service: string): ReturnType<typeof createLogger> =>
    createLogger({ service, level: 'debug', destination: { write: (line) => lines.push(JSON.parse(line)) } });

  const environmentOf = async (keystore: string, databaseUrl: string): Promise<Record<string, string>> => ({
    COUNTERSIGN_DATABASE_URL: databaseUrl,
    COUNTERSIGN_KAFKA_BROKERS: testAddresses.kafkaBrokers.join(','),
    COUNTERSIGN_GRPC_ADDRESS: `127.0.0.1:${await freePort()}`,
    COUNTERSIGN_HTTP_ADDRESS: `127.0.0.1:${await freePort()}`,
    COUNTERSIGN_KEYSTORE: keystore,
    COUNTERSIGN_IDENTITY_URL: identity.address,
    COUNTERSIGN_JWKS_URL: identity.jwksUrl,
    COUNTERSIGN_TOPIC_PREFIX: prefix,
  });

  const addressOf = (service: RunningService): string => service.context.config.grpcAddress;
  const tokenOf = (
    principalId: string,
    organisationId: string,
    ...roles: Role[]
  ): { tokenSource: { token(): Promise<string>; forget(): void } } => ({
    tokenSource: { token: () => identity.tokenFor({ principalId, organisationId, roles }), forget: () => undefined },
  });
  const noteOrder = (piid: string, note = 'unit'): ReturnType<typeof orders.registerServicePrincipal> =>
    orders.registerServicePrincipal(
      {
        context: { commandId: randomUUID() },
        principalId: piid,
        organisationId: note,
        publicKey: new Uint8Array(32),
        roles: ['erp'],
        actingFor: 'W25G1V',
      },
      { correlationId: `corr-${piid}` },
    );
  const evidenceFor = async <Result>(
    service: RunningService,
    token: ReturnType<typeof tokenOf>,
    ask: (client: Client<typeof evidenceV1.EvidenceService>) => Promise<Result>,
  ): Promise<Result> => {
    const client = createClient(evidenceV1.EvidenceService, addressOf(service), token);
    return ask(client).finally(() => client.close());
  };
  const auditor = tokenOf('auditor-1', 'audit-office', 'auditor');
  const http = async (service: RunningService, path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(`http://${service.context.config.httpAddress}${path}`);
    return { status: response.status, text: await response.text() };
  };
  const asSuperuser = async (name: keyof typeof ORIGINS, ...statements: string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: databases[name].superuserUrl });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };

  it('is ready, and tells so over HTTP and gRPC', async () => {
    expect(await http(procurement, '/health/live')).toMatchObject({ status: 200 });
    const ready = await http(procurement, '/health/ready');
    expect(await http(procurement, '/nothing')).toMatchObject({ status: 404 });
    expect(JSON.parse(ready.text)).toEqual({ status: 'ready', parts: { accepting: true, database: true, kafka: true } });
  });

  it('carries a command from gRPC through its log and Kafka to an effect in another service', async () => {
    const { outcome } = await noteOrder('order-flow', 'confidential-note');
    expect(outcome?.recorded.map(({ type, sequence }) => [type, sequence])).toEqual([
      ['countersign.procurement.OrderFiled.v1', 0n],
      ['countersign.procurement.OrderNoted.v1', 1n],
    ]);
    const records = await eventually(() =>
      evidenceFor(inventory, auditor, async (door) => (await door.getStream({ streamId: 'due-in/order-flow' })).records),
    );
    const header = parseHeader(records[0]!.header);
    expect(header).toMatchObject({
      actor: 'pseudonym-of-service-inventory',
      correlationId: 'corr-order-flow',
      causationId: outcome?.recorded[1]?.eventId,
    });
    expect(Buffer.from(records[0]!.disclosures[0]!, 'base64url').toString()).toContain('confidential-note');
    expect(Buffer.from(records[0]!.header).toString()).not.toContain('confidential-note');
    await eventually(() => expect(projected).toContainEqual({ piid: 'order-flow' }));
    expect(lines.some((line) => JSON.stringify(line).includes('confidential-note'))).toBe(false);
    expect(lines.find(({ event, correlationId }) => event === 'call' && correlationId === 'corr-order-flow')).toBeDefined();
  });

  it('takes each fact once, also after a restart of its consumers', async () => {
    await noteOrder('order-once');
    await eventually(async () => expect(await inventory.context.log!.journal.read(DUE_IN, 'order-once')).toBe(1));
    const size = await inventory.context.log!.size();
    await inventory.stop();
    inventory = await startService(
      INVENTORY,
      await environmentOf(join(folder, 'inventory'), databases.inventory.appUrl),
      logger('inventory'),
    );
    await noteOrder('order-after');
    await eventually(async () => expect(await inventory.context.log!.journal.read(DUE_IN, 'order-after')).toBe(1));
    expect(await inventory.context.log!.size()).toBe(size + 1n);
    expect(projected.filter(({ piid }) => piid === 'order-once')).toHaveLength(1);
  }, 30_000);

  it('publishes its records as CloudEvents with their leaves', async () => {
    const seen: string[] = [];
    const consumption = await bus.consume(
      { groupId: `${prefix}check`, topics: [`${prefix}${TOPICS.procurementOrder.name}`] },
      async ({ messages }) => {
        seen.push(...messages.map((message) => parseCloudEvent(message).type));
        return { next: messages.at(-1)!.offset + 1n };
      },
    );
    await eventually(() => expect(seen).toContain('countersign.procurement.OrderNoted.v1'));
    await consumption.stop();
  });

  it('answers a repeated command with the first outcome', async () => {
    const request = {
      context: { commandId: randomUUID() },
      principalId: 'order-twice',
      organisationId: 'unit',
      publicKey: new Uint8Array(32),
      roles: ['erp'],
      actingFor: 'W25G1V',
    };
    const first = await orders.registerServicePrincipal(request);
    const second = await orders.registerServicePrincipal(request);
    expect(second.outcome).toMatchObject({ replayed: true, recorded: first.outcome?.recorded });
    expect(await refused(orders.registerServicePrincipal({ ...request, organisationId: 'other' }))).toMatchObject({
      code: 'COMMAND_ID_REUSED',
      statusName: 'ALREADY_EXISTS',
    });
  });

  it('serves metrics', async () => {
    const method = '/countersign.identity.v1.PrincipalService/RegisterServicePrincipal';
    const metrics = async (): Promise<string> => (await http(procurement, '/metrics')).text;
    expect(await metrics()).toMatch(new RegExp(`countersign_rpc_duration_seconds_count\\{.*method="${method}"`));
    await eventually(async () => expect(await metrics()).toMatch(/countersign_relay_lag_events\{.*\} 0/));
  });

  describe('its evidence door', () => {
    it('tells what log this is', async () => {
      const { logId, registration, size } = await evidenceFor(procurement, auditor, (door) => door.getLog({}));
      expect(logId).toHaveLength(32);
      expect(JSON.parse(Buffer.from(registration).toString())).toMatchObject({ origin: ORIGINS.procurement });
      expect(size).toBe(await procurement.context.log!.size());
    });

    it('finds streams by natural key, for those who may read them', async () => {
      await noteOrder('order-found');
      const find = (token: ReturnType<typeof tokenOf>): Promise<string[]> =>
        evidenceFor(procurement, token, async (door) =>
          (await door.findStreams({ keys: [{ kind: 'piid', value: 'order-found' }] })).streams.map(({ streamId }) => streamId),
        );
      expect(await find(auditor)).toEqual(['order/order-found']);
      expect(await find(tokenOf('clerk', 'unit', 'item-manager'))).toEqual(['order/order-found']);
      expect(await find(tokenOf('seller', 'supplier', 'supplier'))).toEqual(['order/order-found']);
      expect(await find(tokenOf('stranger', 'carrier', 'custodian'))).toEqual([]);
      const unknown = evidenceFor(procurement, auditor, (door) =>
        door.findStreams({ keys: [{ kind: 'shoe-size', value: '1' }] }),
      );
      expect(await refused(unknown)).toMatchObject({ code: 'CODE_UNKNOWN', field: 'keys[0].kind' });
    });

    it('shows a stream with what proves its item key', async () => {
      await noteOrder('order-shown', 'what-it-says');
      const stream = await evidenceFor(procurement, tokenOf('seller', 'supplier', 'supplier'), (door) =>
        door.getStream({ streamId: 'order/order-shown' }),
      );
      expect(stream.records.map(({ sequence }) => sequence)).toEqual([0n, 1n]);
      expect(stream.records[1]?.alteredDisclosures).toEqual([]);
      const { itemCommitment, bucket } = await commitmentOf(procurement, 'order/order-shown');
      const proof = stream.bucketProof.map((node) => Buffer.from(node));
      expect(() => verifyBucket({ bucket, secret: Buffer.from(stream.bucketSecret), proof }, itemCommitment)).not.toThrow();
    });

    it('answers alike for what is not there and what is not yours', async () => {
      await noteOrder('order-hidden');
      const stranger = tokenOf('stranger', 'carrier', 'custodian');
      const [foreign, absent] = await Promise.all(
        ['order/order-hidden', 'order/nothing'].map((streamId) =>
          refused(evidenceFor(procurement, stranger, (door) => door.getStream({ streamId }))),
        ),
      );
      expect({ ...foreign, correlationId: '' }).toEqual({ ...absent, correlationId: '' });
      expect(foreign).toMatchObject({ code: 'NOT_FOUND', statusName: 'NOT_FOUND', message: absent!.message });
    });

    it('reads the whole log to auditors only', async () => {
      const positions = await evidenceFor(procurement, auditor, async (door) => {
        const read: bigint[] = [];
        for await (const chunk of door.readLog({ fromPosition: 0n })) {
          expect(chunk.streamIds).toHaveLength(chunk.records.length);
          chunk.itemKeys.forEach((itemKey, index) =>
            expect(Buffer.from(chunk.records[index]!.entry).subarray(1, 33)).toEqual(Buffer.from(itemKey)),
          );
          read.push(...chunk.records.map(({ position }) => position));
        }
        return read;
      });
      expect(positions).toEqual(positions.map((_, index) => BigInt(index)));
      const denied = evidenceFor(procurement, tokenOf('clerk', 'unit', 'item-manager'), async (door) => {
        for await (const chunk of door.readLog({})) expect(chunk).toBeUndefined();
      });
      expect(await refused(denied)).toMatchObject({ code: 'PERMISSION_DENIED' });
    });

    it('follows the log for those who may read it', async () => {
      await noteOrder('order-followed', 'what-it-says');
      const follow = (token: ReturnType<typeof tokenOf>): Promise<string[]> =>
        evidenceFor(procurement, token, async (door) => {
          const lines: string[] = [];
          for await (const { message } of door.subscribe({ filter: { streamIds: ['order/order-followed'] }, endAtHead: true }))
            if (message.case === 'records')
              for (const { record, type } of message.value.records)
                lines.push(type, ...record!.disclosures.map((encoded) => Buffer.from(encoded, 'base64url').toString()));
          return lines;
        });
      const noted = expect.stringContaining('what-it-says');
      const both = ['countersign.procurement.OrderFiled.v1', 'countersign.procurement.OrderNoted.v1', noted];
      expect(await follow(auditor)).toEqual(both);
      expect(await follow(tokenOf('seller', 'supplier', 'supplier'))).toEqual(both);
      expect(await follow(tokenOf('stranger', 'carrier', 'custodian'))).toEqual([]);
    });

    it('never fails on rows that somebody altered, and hands out the bytes as they are', async () => {
      await noteOrder('order-tampered');
      const where = `stream_id = 'order/order-tampered'`;
      await asSuperuser(
        'procurement',
        'SET session_replication_role = replica',
        'ALTER TABLE event_log.event DISABLE TRIGGER ALL',
        `UPDATE event_log.event SET header = '\\x7b7d'::bytea, entry = '\\x00'::bytea WHERE ${where} AND sequence = 0`,
        `UPDATE event_log.event SET disclosures = overlay(disclosures placing '\\xff'::bytea from octet_length(disclosures)) WHERE ${where} AND sequence = 1`,
      );
      const { records } = await evidenceFor(procurement, auditor, (door) => door.getStream({ streamId: 'order/order-tampered' }));
      expect(Buffer.from(records[0]!.header).toString()).toBe('{}');
      expect(Buffer.from(records[0]!.entry)).toEqual(Buffer.from([0]));
      expect(records[1]).toMatchObject({ disclosures: [], alteredDisclosures: [expect.stringMatching(/^[\w-]{43}$/)] });
      await asSuperuser('procurement', `UPDATE event_log.event SET disclosures = '' WHERE ${where} AND sequence = 1`);
      const removed = await evidenceFor(procurement, auditor, (door) => door.getStream({ streamId: 'order/order-tampered' }));
      expect(removed.records[1]?.alteredDisclosures).toHaveLength(1);
      const read = await evidenceFor(procurement, auditor, async (door) => {
        let count = 0;
        for await (const chunk of door.readLog({})) count += chunk.records.length;
        return count;
      });
      expect(BigInt(read)).toBe(await procurement.context.log!.size());
    });
  });

  it('stops: takes no more calls, ends its consumers, and leaves nothing open', async () => {
    const { grpcAddress, httpAddress } = procurement.context.config;
    let followed = (): void => undefined;
    const following = evidenceFor(procurement, auditor, async (door) => {
      for await (const { message } of door.subscribe({})) if (message.value?.nextPosition !== 0n) followed();
    });
    const reached = new Promise<void>((resolve) => (followed = resolve));
    await reached;
    expect((await http(procurement, '/metrics')).text).toMatch(/countersign_subscriptions_open\{.*\} 1/);
    const [ended] = await Promise.all([refused(following), procurement.stop()]);
    expect(ended).toMatchObject({ code: 'SERVICE_STOPPING', statusName: 'UNAVAILABLE' });
    expect(await refused(noteOrder('order-late'))).toMatchObject({ statusName: 'UNAVAILABLE' });
    await expect(fetch(`http://${httpAddress}/health/live`)).rejects.toThrow();
    expect(procurement.context.dataSource.isInitialized).toBe(false);
    expect(grpcAddress).toBe(addressOf(procurement));
    expect(lines.filter(({ event }) => event === 'close-failed' || event === 'call-failed')).toEqual([]);
  });
});

async function commitmentOf(service: RunningService, streamId: string): Promise<{ itemCommitment: Uint8Array; bucket: number }> {
  const { identity } = service.context.log!;
  return { itemCommitment: identity.itemKeys.commitment(), bucket: identity.itemKeys.bucketOf(streamId) };
}

async function refused(promise: Promise<unknown>): Promise<CallError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CallError) return error;
  throw new Error(`expected a CallError, got ${String(error)}`, { cause: error });
}

/** As `tools/stack` provisions it. */
async function writeKeystore(directory: string, origin: string): Promise<void> {
  const { mkdir } = await import('node:fs/promises');
  await mkdir(directory, { recursive: true });
  const master = randomBytes(32);
  const publicKey = (): Uint8Array => rawPublicKey(generateKeyPairSync('ed25519').publicKey);
  const registration = registrationBytes({
    origin,
    suite: SUITE,
    logKey: publicKey(),
    headsOrigin: `${origin}/heads`,
    headsKey: publicKey(),
    itemCommitment: new ItemKeys(master).commitment(),
    organisation: 'operator',
    predecessor: null,
  });
  const pem = (key: KeyObject): string | Buffer => key.export({ format: 'pem', type: 'pkcs8' });
  await Promise.all([
    writeFile(join(directory, 'registration.json'), registration),
    writeFile(join(directory, 'item-master.key'), master),
    writeFile(join(directory, 'request-digest.key'), randomBytes(32)),
    writeFile(join(directory, 'leaves-key.pem'), pem(generateKeyPairSync('ed25519').privateKey)),
    writeFile(join(directory, 'principal-key.pem'), pem(generateKeyPairSync('ed25519').privateKey)),
  ]);
}
