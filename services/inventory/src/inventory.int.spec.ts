import 'reflect-metadata';

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import type { GenService } from '@bufbuild/protobuf/codegenv2';
import {
  createLogDataSource,
  createMemoryIdentity,
  createMemoryUnitKeys,
  eventLogMigrations,
  openEventLog,
  startProjections,
  type EventLog,
  type Projections,
} from '@countersign/event-log';
import {
  CallError,
  createClient,
  createGrpcDoor,
  GrpcController,
  GrpcErrorFilter,
  type Client,
  type GrpcHandlers,
} from '@countersign/grpc';
import { JOURNAL, LOG_IDENTITY, LOG_READER, SERVICE_CONFIG, TOKEN_SOURCE, type Fact } from '@countersign/host';
import { DomainError, type Actor, type JsonObject, type Role } from '@countersign/kernel';
import { rawPublicKey, signEd25519 } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { identityV1, inventoryV1 } from '@countersign/proto';
import { canonicalJson } from '@countersign/record';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Global, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { AppModule } from './app.module.js';
import { onCodeAssigned } from './reactions/code-assigned.consumer.js';
import { onRequisitionReleased } from './reactions/requisition-released.consumer.js';
import { onShipmentNoticeSent } from './reactions/shipment-notice-sent.consumer.js';
import { INVENTORY } from './service.js';
import { stockOnHandMigrations } from './stock-on-hand/stock-on-hand-migrations.js';
import { BalanceRow, StorageRow } from './stock-on-hand/stock-rows.js';

const LABORATORY = generateKeyPairSync('ed25519');
const NSN = '6615-12-999-9901';
const NIIN = '129999901';

const PEOPLE = {
  clerk: actorOf('usa-depot', 'storage-clerk'),
  manager: actorOf('usa-depot', 'item-manager'),
  inspector: actorOf('usa-depot', 'inspector'),
  dispatcher: actorOf('usa-depot', 'custodian'),
  driver: actorOf('nld-carrier', 'custodian'),
  receiver: actorOf('usa-unit', 'custodian'),
  stranger: actorOf('deu-supplier', 'storage-clerk', 'item-manager', 'inspector', 'custodian'),
  auditor: actorOf('nld-auditor', 'auditor'),
} as const;
type Person = keyof typeof PEOPLE;

function actorOf(organisationId: string, ...roles: Role[]): Omit<Actor, 'principalId' | 'pseudonym'> {
  return { organisationId, actingFor: 'W99DP1', nation: 'USA', roles };
}

type PrincipalMethods = typeof identityV1.PrincipalService extends GenService<infer Methods> ? Methods : never;
const ResolveOnly = {
  ...identityV1.PrincipalService,
  methods: [identityV1.PrincipalService.method.resolvePrincipal],
} as unknown as GenService<Pick<PrincipalMethods, 'resolvePrincipal'>>;

@GrpcController(ResolveOnly)
class LaboratoryKeys implements GrpcHandlers<typeof ResolveOnly> {
  async resolvePrincipal({ principalId }: identityV1.ResolvePrincipalRequest): Promise<object> {
    await Promise.resolve();
    if (principalId !== 'person-laboratory') throw new DomainError('NOT_FOUND');
    return { publicKey: rawPublicKey(LABORATORY.publicKey), roles: ['inspector'] };
  }
}

@Module({ controllers: [LaboratoryKeys] })
class IdentityModule {}

let database: TestDatabase;
let log: EventLog;
let projections: Projections;
const closers: (() => Promise<unknown>)[] = [];
let address: string;

beforeAll(async () => {
  database = await createTestDatabase();
  log = await openLog();
  projections = startProjections({ log, definitions: INVENTORY.projections ?? [] });
  closers.push(() => projections.stop());
  const identityAddress = await serve(IdentityModule, [ResolveOnly]);
  const tokenSource = { token: () => Promise.resolve('inspector'), forget: () => undefined };

  @Global()
  @Module({
    providers: [
      { provide: DataSource, useValue: log.dataSource },
      { provide: JOURNAL, useValue: log.journal },
      { provide: LOG_READER, useValue: log },
      { provide: LOG_IDENTITY, useValue: log.identity },
      { provide: SERVICE_CONFIG, useValue: { identityAddress } },
      { provide: TOKEN_SOURCE, useValue: tokenSource },
    ],
    exports: [DataSource, JOURNAL, LOG_READER, LOG_IDENTITY, SERVICE_CONFIG, TOKEN_SOURCE],
  })
  class HostParts {}

  @Module({ imports: [HostParts, AppModule] })
  class Root {}

  address = await serve(Root, INVENTORY.grpcServices);
  await onCodeAssigned(log.journal)(fact({ kind: 'ric', code: 'Z9D', organisationId: 'usa-depot' }));
}, 60_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
  await database?.drop();
}, 60_000);

async function openLog(): Promise<EventLog> {
  const owner = createLogDataSource({
    url: database.ownerUrl,
    applicationName: 'migrate',
    migrations: [...eventLogMigrations(database), ...stockOnHandMigrations(database.appRole)],
  });
  await owner.initialize();
  await owner.runMigrations();
  await owner.destroy();
  const entities = [StorageRow, BalanceRow];
  const dataSource = await createLogDataSource({ url: database.appUrl, applicationName: 'inventory', entities }).initialize();
  closers.push(() => dataSource.destroy());
  const opened = await openEventLog({
    dataSource,
    identity: createMemoryIdentity({ origin: 'countersign.example/inventory' }),
    unitKeys: createMemoryUnitKeys(),
    label: 'UNCLASSIFIED',
    policy: 'test',
    opener: { pseudonym: 'service-inventory', actingFor: 'operator' },
  });
  closers.push(() => opened.close());
  return opened;
}

/** A token is the name of a person here; what identity and its tokens do is tested where they are. */
async function serve(module: object, services: Parameters<typeof createGrpcDoor>[0]['services']): Promise<string> {
  const listening = `127.0.0.1:${await freePort()}`;
  const door = createGrpcDoor({
    address: listening,
    services,
    authenticate: async (metadata) => {
      await Promise.resolve();
      const person = String(metadata.get('authorization')[0] ?? '').replace('Bearer ', '');
      if (!Object.hasOwn(PEOPLE, person)) throw new DomainError('UNAUTHENTICATED');
      return { ...PEOPLE[person as Person], principalId: `person-${person}`, pseudonym: `pseudonym-${person}` };
    },
    logger: silentLogger,
  });
  const app: INestMicroservice = await NestFactory.createMicroservice(module as never, { ...door.options, logger: false });
  app.useGlobalFilters(new GrpcErrorFilter(silentLogger));
  await app.listen();
  closers.push(async () => {
    await door.drain(500);
    await app.close();
  });
  return listening;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function as<Service extends (typeof INVENTORY.grpcServices)[number]>(
  person: Person | 'nobody',
  service: Service,
): Client<Service> {
  const client = createClient(service, address, {
    tokenSource: { token: () => Promise.resolve(person), forget: () => undefined },
  });
  closers.push(() => Promise.resolve(client.close()));
  return client;
}

function fact(data: JsonObject): Fact {
  const id = randomUUID();
  const actor: Actor = { ...actorOf('operator', 'service'), principalId: 'service-inventory', pseudonym: 'service-inventory' };
  const inbox = { source: 'countersign.example/other', eventId: id, subject: `other/${id}`, sequence: 0n };
  const envelope = {
    commandId: id,
    actor,
    eventTime: '2026-10-28T10:00:00Z',
    correlationId: id,
    causationId: id,
    request: Buffer.from(id),
  };
  return { data, inbox, envelope, header: { id, time: '2026-10-28T10:00:00Z' } } as unknown as Fact;
}

const context = (eventTime = '2026-10-30T09:00:00Z'): { commandId: string; eventTime: string } => ({
  commandId: randomUUID(),
  eventTime,
});

async function refused(call: Promise<unknown>): Promise<{ code: string; fields: string[] }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof CallError) return { code: error.code, fields: error.violations.map(({ field }) => field) };
    throw error;
  }
  throw new Error('nothing was refused');
}

const register = (nsn: string, serialManaged: boolean): Promise<unknown> =>
  as('manager', inventoryV1.CatalogueService).registerItem({
    context: context(),
    nsn,
    itemName: 'INERTIAL MEASUREMENT UNIT',
    unitOfIssue: 'EA',
    controlledItemCode: '7',
    demilitarisationCode: 'D',
    serialManaged,
    references: [{ cage: 'D9X91', partNumber: 'IMU7700-3' }],
  });

const receipt = (
  uiis: readonly string[],
  change: object = {},
): Parameters<Client<typeof inventoryV1.StockService>['postReceipt']>[0] => ({
  context: context(),
  ric: 'Z9D',
  nsn: NSN,
  documentIdentifier: 'D4',
  documentNumber: 'W99DP163030001',
  condition: 'A',
  quantity: BigInt(uiis.length),
  unitOfIssue: 'EA',
  items: uiis.map((uii) => ({ uii })),
  supplierCage: 'D9X91',
  ...change,
});

describe('the story of one item, over gRPC and on PostgreSQL', () => {
  const uii = 'DD9X91IMU7700-3000417B';
  const tcn = 'W99UN163060042XXX';
  const requisition = { documentNumber: 'W99UN163060042', year: 2026 };

  it('is recorded step by step, each by the organisation whose step it is', async () => {
    await register(NSN, true);
    const item = { uii, construct: 2, agency: 'D', enterprise: 'D9X91', originalPart: 'IMU7700-3', serial: '000417B' };
    await onShipmentNoticeSent(log.journal)(
      fact({
        ...{ piid: 'W99CT126C0017', shipmentNumber: 'SER0001', clin: '0001', supplierCage: 'D9X91', nsn: '6615129999901' },
        ...{ quantity: 1, unitOfIssue: 'EA', items: [item], shipTo: { ric: 'Z9D' } },
        parties: { supplier: 'deu-supplier', consignee: 'usa-depot' },
      }),
    );
    const parcel = { piid: 'W99CT126C0017', shipmentNumber: 'SER0001' };
    expect(await as('stranger', inventoryV1.DueInService).getDueIn(parcel)).toMatchObject({
      ric: 'Z9D',
      quantity: 1n,
      received: 0n,
    });

    const stock = as('clerk', inventoryV1.StockService);
    const posted = await stock.postReceipt(receipt([uii], parcel));
    expect(posted).toMatchObject({ year: 2026, suspectUiis: [] });
    expect(await stock.getStock({ ric: 'Z9D', niin: NIIN })).toMatchObject({ issuable: 1n });

    const clone = await stock.postReceipt(receipt([uii], { documentNumber: 'W99DP163040001', supplierCage: '9Z9Z9' }));
    expect(clone.suspectUiis).toEqual([uii]);
    expect(await stock.getStock({ ric: 'Z9D', niin: NIIN })).toMatchObject({
      issuable: 0n,
      balances: [
        { condition: 'A', onHand: 1n, held: 1n, uiis: [uii] },
        { condition: 'L', onHand: 1n, held: 1n, uiis: [uii] },
      ],
    });
    expect(await as('clerk', inventoryV1.AssetService).getAsset({ uii })).toMatchObject({
      status: 'IN_STOCK',
      hold: 'SUSPECT_COUNTERFEIT',
      alerts: [{ reason: 'ALREADY_KNOWN', ric: 'Z9D', supplierCage: '9Z9Z9', documentNumber: 'W99DP163040001' }],
    });

    await onRequisitionReleased(log.journal)(
      fact({
        ...{ name: requisition, requisitioner: { organisation: 'usa-unit' }, item: { nsn: '6615129999901' } },
        ...{ supplySource: { ric: 'Z9D', organisation: 'usa-depot' }, quantity: 1, unitOfIssue: 'EA' },
      }),
    );
    expect(await as('receiver', inventoryV1.ReleaseOrderService).getReleaseOrder(requisition)).toMatchObject({
      quantity: 1n,
      issued: 0n,
    });
    const issue = {
      ric: 'Z9D',
      nsn: NSN,
      ...requisition,
      condition: 'A',
      quantity: 1n,
      unitOfIssue: 'EA',
      uiis: [uii],
      tcn,
      piece: 1,
    };
    expect(await refused(stock.issueMateriel({ ...issue, context: context('2026-11-03T06:00:00Z') }))).toMatchObject({
      code: 'ASSET_HELD',
    });
    await as('inspector', inventoryV1.AssetService).releaseHold({
      context: context('2026-11-02T06:00:00Z'),
      uii,
      result: { jws: signed(uii) },
    });
    await stock.issueMateriel({ ...issue, context: context('2026-11-03T06:00:00Z') });

    for (const [giver, taker, organisation] of [
      ['dispatcher', 'driver', 'nld-carrier'],
      ['driver', 'receiver', 'usa-unit'],
    ] as const) {
      await handOver(giver, taker, organisation);
    }
    const confirmed = { unit: { tcn, piece: 1 }, quantity: 1n, uiis: [uii], context: context('2026-11-05T04:40:00Z') };
    await as('receiver', inventoryV1.CustodyService).confirmDelivery(confirmed);
    expect(await as('receiver', inventoryV1.CustodyService).getCustody({ unit: { tcn, piece: 1 } })).toMatchObject({
      status: 'DELIVERED',
      holders: ['usa-depot', 'nld-carrier', 'usa-unit'],
    });
  }, 30_000);

  async function handOver(giver: Person, taker: Person, organisation: string): Promise<void> {
    const unit = { tcn, piece: 1 };
    const offered = await as(giver, inventoryV1.CustodyService).offerCustody({
      ...{ context: context('2026-11-03T07:00:00Z'), unit, taker: organisation, expiresAt: '2026-11-06T00:00:00Z' },
      tally: { seals: ['88123'], packaging: 'INTACT', place: 'Gate 2', forms: ['DD1907-3'] },
    });
    const custody = as(taker, inventoryV1.CustodyService);
    const { offer } = await custody.getCustody({ unit });
    expect(offer?.record?.recordDigest).toEqual(offered.outcome?.recorded[0]?.recordDigest);
    const answer = { context: context('2026-11-03T07:30:00Z'), unit, offer: offer?.record, tallyDigest: offer?.tallyDigest };
    expect(await refused(custody.acceptCustody({ ...answer, tallyDigest: new Uint8Array(32) }))).toMatchObject({
      code: 'TALLY_DIFFERS',
    });
    await custody.acceptCustody({ ...answer, context: context('2026-11-03T07:30:00Z') });
  }

  function signed(about: string): string {
    const part = (value: JsonObject): string => canonicalJson(value).toString('base64url');
    const result = { uii: about, result: 'AUTHENTIC', report: 'LAB-77', examined_at: '2026-11-01T08:00:00Z' };
    const text = `${part({ alg: 'EdDSA', kid: 'person-laboratory' })}.${part(result)}`;
    return `${text}.${signEd25519(LABORATORY.privateKey, Buffer.from(text)).toString('base64url')}`;
  }

  it('leaves every record intact and content-free', async () => {
    const rows = await log.readLog(0n, 1_000);
    const opened = await log.openRows(rows);
    expect(opened.every(({ consistent, altered, header }) => consistent && altered.length === 0 && header !== undefined)).toBe(
      true,
    );
    for (const { header } of rows.slice(1)) {
      const data = JSON.parse(Buffer.from(header).toString()).data as JsonObject;
      expect(Object.keys(data).sort()).toEqual(['_sd', '_sd_alg']);
    }
  });

  it('is found by every key that names it', async () => {
    const found = await log.findStreams([{ kind: 'uii', value: uii }], 'all');
    expect(found.map(({ streamId }) => streamId)).toEqual([
      'due-in/W99CT126C0017/SER0001',
      `asset/${uii}`,
      `stock/Z9D/${NIIN}`,
      `custody/${tcn}/1`,
    ]);
    expect(found.find(({ identified }) => identified)?.streamId).toBe(`asset/${uii}`);
    const forCarrier = await log.findStreams([{ kind: 'uii', value: uii }], { organisationId: 'nld-carrier' });
    expect(forCarrier.map(({ streamId }) => streamId)).toEqual([`custody/${tcn}/1`]);
  });
});

describe('bad input', () => {
  const stock = (): Client<typeof inventoryV1.StockService> => as('clerk', inventoryV1.StockService);

  it.each<[string, object, string, string]>([
    ['NSN too short', { nsn: '5905-00-734-519' }, 'FIELD_INVALID', 'nsn'],
    ['NSN with a letter O', { nsn: '59O5-00-734-5199' }, 'FIELD_INVALID', 'nsn'],
    ['NSN of no bureau', { nsn: '5905-10-734-5199' }, 'CODE_UNKNOWN', 'nsn'],
    ['document number of day 367', { documentNumber: 'N0010423670001' }, 'FIELD_INVALID', 'document_number'],
    ['document number of day 000', { documentNumber: 'W81X9C20000417' }, 'FIELD_INVALID', 'document_number'],
    ['document number too short', { documentNumber: 'N001042279001' }, 'FIELD_INVALID', 'document_number'],
    ['document number with a letter O in its DoDAAC', { documentNumber: 'WO123463030001' }, 'FIELD_INVALID', 'document_number'],
    ['lower-case UII', { items: [{ uii: 'd35962pq' }] }, 'FIELD_INVALID', 'items[0].uii'],
    ['UII with a space', { items: [{ uii: 'D35962 PQ' }] }, 'FIELD_INVALID', 'items[0].uii'],
    ['UII of 51 characters', { items: [{ uii: 'D'.repeat(51) }] }, 'FIELD_INVALID', 'items[0].uii'],
    ['no quantity', { quantity: 0n }, 'FIELD_INVALID', 'quantity'],
    ['negative quantity', { quantity: -1n }, 'FIELD_INVALID', 'quantity'],
    ['overflowing quantity', { quantity: 2n ** 63n - 1n }, 'FIELD_INVALID', 'quantity'],
    ['unknown unit', { unitOfIssue: 'QQ' }, 'CODE_UNKNOWN', 'unit_of_issue'],
    ['condition I', { condition: 'I' }, 'CODE_UNKNOWN', 'condition'],
    ['suffix O', { suffix: 'O' }, 'FIELD_INVALID', 'suffix'],
    ['RIC in lower case', { ric: 'z9d' }, 'FIELD_INVALID', 'ric'],
    ['CAGE with a letter I', { supplierCage: '3I962' }, 'FIELD_INVALID', 'supplier_cage'],
    ['PIID of no type', { piid: 'W91QUZ0640020', shipmentNumber: 'SER0001' }, 'FIELD_INVALID', 'piid'],
    [
      'parts that make another UII',
      { items: [{ uii: 'D35962X', parts: { construct: 1, agency: 'D', enterprise: '35962', serial: 'Y' } }] },
      'FIELD_INVALID',
      'items[0].parts',
    ],
    ['command id that is no UUID', { context: { commandId: '1' } }, 'FIELD_INVALID', 'context.command_id'],
    [
      'time without offset',
      { context: { commandId: randomUUID(), eventTime: '2026-10-30T09:00:00' } },
      'TIME_INVALID',
      'context.event_time',
    ],
    ['no context', { context: undefined }, 'FIELD_MISSING', 'context'],
  ])('%s is refused with its field', async (_case, change, code, field) => {
    expect(await refused(stock().postReceipt(receipt(['D35962X'], change)))).toEqual({ code, fields: [field] });
  });

  it('without a token nothing is done', async () => {
    expect(await refused(as('nobody', inventoryV1.StockService).postReceipt(receipt(['D1'])))).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('a foreign organisation may not write, and may not know', async () => {
    const foreign = as('stranger', inventoryV1.StockService);
    expect(await refused(foreign.postReceipt(receipt(['D1'])))).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await refused(foreign.getStock({ ric: 'Z9D', niin: NIIN }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refused(foreign.getStock({ ric: 'Z9X', niin: NIIN }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('a command id names one request', async () => {
    const request = receipt(['D2'], { documentNumber: 'W99DP163030002' });
    const first = await stock().postReceipt(request);
    const second = await stock().postReceipt(request);
    expect(second.outcome).toEqual({ ...first.outcome, replayed: true });
    expect(await refused(stock().postReceipt({ ...request, condition: 'B' }))).toMatchObject({ code: 'COMMAND_ID_REUSED' });
  });

  it('a record reference beyond what any database can hold is only wrong', async () => {
    const original = { position: 2n ** 64n - 1n, recordDigest: new Uint8Array(32) };
    const request = { context: context(), ric: 'Z9D', nsn: NSN, original, quantity: 1n, reason: 'x' };
    expect(await refused(as('manager', inventoryV1.StockService).reverseTransaction(request))).toMatchObject({
      code: 'RECORD_REFERENCE_WRONG',
    });
  });
});

describe('commands that meet', () => {
  const bulk = '5305-00-111-2222';

  it('never issue more than is on hand, nor post a receipt twice', async () => {
    await register(bulk, false);
    const stock = as('clerk', inventoryV1.StockService);
    const twice = [1, 2].map(() =>
      stock.postReceipt(receipt([], { nsn: bulk, quantity: 10n, documentNumber: 'W99DP163030009', documentIdentifier: 'D6' })),
    );
    const posted = await Promise.allSettled(twice);
    expect(posted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);

    const requisitions = Array.from({ length: 20 }, (_, index) => ({
      documentNumber: `W99UN16306${String(1000 + index)}`,
      year: 2026,
    }));
    for (const name of requisitions) {
      const source = { supplySource: { ric: 'Z9D', organisation: 'usa-depot' }, quantity: 1, unitOfIssue: 'EA' };
      await onRequisitionReleased(log.journal)(
        fact({ name, requisitioner: { organisation: 'usa-unit' }, item: { nsn: '5305001112222' }, ...source }),
      );
    }
    const issues = await Promise.allSettled(
      requisitions.map((name) =>
        stock.issueMateriel({
          ...{ context: context('2026-11-03T06:00:00Z'), ric: 'Z9D', nsn: bulk, ...name, condition: 'A', quantity: 1n },
          ...{ unitOfIssue: 'EA', uiis: [], tcn: `${name.documentNumber}XXX`, piece: 1 },
        }),
      ),
    );
    const failures = issues.filter((result) => result.status === 'rejected').map(({ reason }) => (reason as CallError).code);
    expect(issues.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(new Set(failures)).toEqual(new Set(['STOCK_INSUFFICIENT']));
    expect(await stock.getStock({ ric: 'Z9D', niin: '001112222' })).toMatchObject({ issuable: 0n, balances: [] });
  }, 30_000);
});

describe('what is on hand', () => {
  const other = '5905-00-734-5199';
  const line = { ric: 'Z9D', nsn: '5905007345199', unitOfIssue: 'EA' };

  async function post(documentNumber: string, quantity: bigint, condition = 'A'): Promise<bigint> {
    const parcel = { nsn: other, documentNumber, condition, quantity, items: [], documentIdentifier: 'D6', supplierCage: '' };
    const { outcome } = await as('clerk', inventoryV1.StockService).postReceipt(receipt([], parcel));
    return outcome?.recorded.at(-1)?.position ?? 0n;
  }

  it('is listed page by page, with what was posted a moment ago, to the organisation that stores it', async () => {
    await register(other, false);
    await post('W99DP163070001', 5n);
    await post('W99DP163070002', 2n, 'F');
    const atLeastPosition = await post('W99DP163070003', 3n);
    const stock = as('clerk', inventoryV1.StockService);
    const niin = '007345199';
    const first = await stock.listStock({ niin, pageSize: 1, atLeastPosition });
    expect(first.lines).toMatchObject([{ ...line, condition: 'A', onHand: 8n }]);
    expect(first.asOf).toBeGreaterThan(atLeastPosition);
    const second = await stock.listStock({ niin, pageSize: 1, pageToken: first.nextPageToken });
    expect(second).toMatchObject({ lines: [{ ...line, condition: 'F', onHand: 2n }], nextPageToken: '' });
    expect((await stock.listStock({ niin, condition: 'F' })).lines).toHaveLength(1);
    for (const person of ['stranger', 'auditor', 'receiver'] as const) {
      expect((await as(person, inventoryV1.StockService).listStock({ ric: 'Z9D' })).lines).toEqual([]);
    }
    expect(await refused(stock.listStock({ pageToken: '_w' }))).toMatchObject({ code: 'FIELD_INVALID', fields: ['page_token'] });
  }, 30_000);

  it('agrees with the ledgers, and a quantity that somebody changed is named', async () => {
    const stock = as('clerk', inventoryV1.StockService);
    const ledger = await stock.getStock({ ric: 'Z9D', niin: NIIN });
    const listed = await stock.listStock({ niin: NIIN, atLeastPosition: (await log.size()) - 1n });
    expect(listed.lines.map(({ condition, onHand }) => ({ condition, onHand }))).toEqual(
      ledger.balances.map(({ condition, onHand }) => ({ condition, onHand })),
    );
    expect(await comparedRows()).toEqual([]);
    const superuser = await createLogDataSource({ url: database.superuserUrl, applicationName: 'drill' }).initialize();
    await superuser.query(`UPDATE stock_on_hand.balance SET on_hand = 51 WHERE key = 'Z9D/007345199/A'`);
    await superuser.destroy();
    expect(await comparedRows()).toEqual([
      {
        table: 'stock_on_hand.balance',
        key: 'Z9D/007345199/A',
        kind: 'changed',
        columns: [{ column: 'on_hand', live: '51', rebuilt: '8' }],
      },
    ]);
  }, 30_000);

  async function comparedRows(): Promise<readonly object[]> {
    for await (const step of projections.compare('stock-on-hand'))
      if (step.phase === 'compared') return step.comparison.differences;
    throw new Error('no comparison');
  }
});
