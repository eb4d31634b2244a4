import 'reflect-metadata';

import { generateKeyPairSync, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DescService } from '@bufbuild/protobuf';
import { createMemoryIdentity, createMemoryJournal, type MemoryJournal } from '@countersign/event-log';
import { CallError, createClient, type Client } from '@countersign/grpc';
import { runMigrations, startService, type RunningService } from '@countersign/host';
import {
  createKafkaBus,
  deadLetterTopic,
  ensureTopics,
  headerText,
  kafkaRelaySink,
  parseCloudEvent,
  signMessage,
  TOPICS,
  type EventBus,
  type IncomingMessage,
  type OutgoingMessage,
} from '@countersign/kafka';
import type { DomainEvent, JsonObject, Role, StreamDefinition } from '@countersign/kernel';
import { rawPublicKey } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { procurementV1 } from '@countersign/proto';
import { ItemKeys, registrationBytes, SUITE } from '@countersign/record';
import { createTestDatabase, eventually, testAddresses, uniqueTopicPrefix, type TestDatabase } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CERTIFICATE, TERMS, UIIS } from './agreement/agreement.builders.js';
import { freePort, startTestIdentity, type TestIdentity, type TestPrincipal } from './identity-fixture.js';
import { PIID } from './order/order.builders.js';
import { procurementMigrations } from './procurement-migrations.js';
import { cancelledRows, shippedRows } from './requisition/leso-quarter.builders.js';
import type { ReportedRow } from './requisition/report-requisition.handler.js';
import { PROCUREMENT } from './service.js';
import { NOTICE } from './shipment-notice/shipment-notice.builders.js';

const ORIGIN = 'countersign.example/procurement';
/** Rows of each file; 0 = all of them. The whole quarter runs in the story. */
const ROWS_EACH = Number(process.env['COUNTERSIGN_TEST_QUARTER_ROWS'] ?? 400) || Number.POSITIVE_INFINITY;

const prefix = uniqueTopicPrefix();
const REPORT = { piid: PIID, shipmentNumber: 'SER0001' };
let identity: TestIdentity;
let database: TestDatabase;
let bus: EventBus;
let folder: string;
let service: RunningService;
const closers: (() => unknown)[] = [];

function person(principalId: string, role: Role, organisationId = 'usa-depot', actingFor = 'W99DP1'): TestPrincipal {
  return { principalId, organisationId, actingFor, roles: [role] };
}

const ERP = person('erp-usa-1', 'erp');
const SUPPLIER = person('supplier-1', 'supplier', 'deu-supplier', 'D9X91');
const OFFICER = person('officer-1', 'contracting-officer');
const INSPECTOR = person('inspector-1', 'inspector');
const ACCEPTOR = person('acceptor-1', 'acceptor');
const REQUISITIONER = person('requisitioner-1', 'requisitioner', 'usa-unit', 'W99UN1');
const COMMANDER = person('commander-1', 'commander', 'usa-unit', 'W99UN1');
const STRANGER = person('stranger-1', 'supplier', 'pol-supplier', '9Z9Z9');

/** Another service's log, published as its relay would. */
class ForeignLog {
  private readonly journal: MemoryJournal;
  private published = 0n;

  constructor(private readonly name: 'identity' | 'inventory') {
    const own = createMemoryIdentity({ origin: `countersign.example/${name}` });
    this.journal = createMemoryJournal({ identity: own, unitKeys: identity.unitKeys });
  }

  async say(streamId: string, type: string, data: JsonObject): Promise<void> {
    const [category = '', ...key] = streamId.split('/');
    const fields = Object.fromEntries(FIELDS.map((field) => [field, { group: 'logistics' }]));
    const definition: StreamDefinition<null, DomainEvent> = {
      category,
      initial: null,
      evolve: () => null,
      schemas: Object.fromEntries(TYPES.map((each) => [each, { type: `countersign.${this.name}.${each}.v1` as const, fields }])),
      links: () => [],
    };
    const commandId = randomUUID();
    const actor = { principalId: 'clerk-1', pseudonym: 'p', organisationId: 'o', actingFor: 'W99DP1', nation: 'USA', roles: [] };
    const envelope = {
      commandId,
      actor,
      eventTime: '2026-10-30T08:00:00Z',
      correlationId: 'test',
      request: Buffer.from(commandId),
    };
    await this.journal.execute(envelope, async (unit) => {
      (await unit.open(definition, key.join('/'))).append({ type, data });
      return null;
    });
  }

  async publish(): Promise<void> {
    const sink = kafkaRelaySink({ bus, logIdentity: this.journal.identity, serviceName: this.name, topicPrefix: prefix });
    const rows = await this.journal.readLog(this.published, 10_000);
    this.published += BigInt(rows.length);
    await sink.publish(rows);
  }
}

const TYPES = [
  'OrganisationRegistered',
  'OrganisationCodesChanged',
  'MaterielReceiptPosted',
  'MaterielIssued',
  'DeliveryConfirmed',
];
const FIELDS = [
  ...['organisationId', 'cageCodes', 'dodaacs', 'rics', 'uics', 'agency', 'name', 'nation', 'kinds'],
  ...['documentNumber', 'year', 'quantity', 'uiis', 'piid', 'shipmentNumber', 'postedBy', 'tcn', 'piece'],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-procurement-'));
  identity = await startTestIdentity(ORIGIN, ERP);
  database = await createTestDatabase();
  bus = createKafkaBus({ brokers: testAddresses.kafkaBrokers, clientId: 'test' });
  await ensureTopics(bus, prefix);
  const { ownerUrl, appRole } = database;
  await runMigrations({ ownerUrl, appRole, migrations: procurementMigrations(appRole) });
  await writeKeystore(folder);
  service = await startService(
    PROCUREMENT,
    {
      COUNTERSIGN_DATABASE_URL: database.appUrl,
      COUNTERSIGN_KAFKA_BROKERS: testAddresses.kafkaBrokers.join(','),
      COUNTERSIGN_GRPC_ADDRESS: `127.0.0.1:${await freePort()}`,
      COUNTERSIGN_HTTP_ADDRESS: `127.0.0.1:${await freePort()}`,
      COUNTERSIGN_KEYSTORE: folder,
      COUNTERSIGN_IDENTITY_URL: identity.address,
      COUNTERSIGN_JWKS_URL: identity.jwksUrl,
      COUNTERSIGN_TOPIC_PREFIX: prefix,
    },
    silentLogger,
  );
  await registerOrganisations();
}, 90_000);

afterAll(async () => {
  for (const close of closers.toReversed()) await close();
  await service?.stop();
  await bus?.close();
  await identity?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function registerOrganisations(): Promise<void> {
  const log = new ForeignLog('identity');
  const codes = { cageCodes: [], dodaacs: [], rics: [], uics: [] };
  const register = (organisationId: string, data: JsonObject): Promise<void> =>
    log.say(`organisation/${organisationId}`, 'OrganisationRegistered', { organisationId, ...codes, ...data });
  await register('usa-depot', { dodaacs: ['W99DP1', 'W99CT1'], rics: ['Z9D'] });
  await register('usa-unit', { dodaacs: ['W99UN1'] });
  await register('deu-supplier', { cageCodes: ['D9X99'] });
  await log.say('organisation/deu-supplier', 'OrganisationCodesChanged', {
    organisationId: 'deu-supplier',
    ...codes,
    cageCodes: ['D9X91'],
  });
  for (const [index, { agency, dodaacs }] of agencies().entries()) await register(`agency-${index}`, { agency, dodaacs });
  await log.publish();
  const directory = clientOf(procurementV1.DirectoryService, ERP);
  const known = agencies().length + 3;
  await eventually(
    async () => expect((await directory.findOrganisation({ key: { case: 'cageCode', value: 'D9X91' } })).known).toBe(known),
    { limitMs: 30_000 },
  );
}

function rows(): ReportedRow[] {
  return [...shippedRows().slice(0, ROWS_EACH), ...cancelledRows().slice(0, ROWS_EACH)];
}

function agencies(): { agency: JsonObject; dodaacs: string[] }[] {
  const found = new Map<string, { agency: JsonObject; dodaacs: string[] }>();
  for (const row of rows()) {
    const key = JSON.stringify(row.agency);
    const entry = found.get(key) ?? { agency: { ...row.agency }, dodaacs: [] };
    const code = 'documentNumber' in row ? row.documentNumber.slice(0, 6) : undefined;
    if (code !== undefined && !entry.dodaacs.includes(code)) entry.dodaacs.push(code);
    found.set(key, entry);
  }
  return [...found.values()];
}

function clientOf<Service extends DescService>(contract: Service, principal: TestPrincipal): Client<Service> {
  const tokenSource = { token: () => identity.tokenFor(principal), forget: () => undefined };
  const client = createClient(contract, service.context.config.grpcAddress, { tokenSource });
  closers.push(() => client.close());
  return client;
}

const context = () => ({ commandId: randomUUID() });

function signed(topic: string, key: string, data: unknown, id: string): OutgoingMessage {
  const value = Buffer.from(JSON.stringify(data));
  const attributes = { id, source: 'erp.example/usa', type: topic, time: '2026-09-14T08:00:00Z' };
  const ce = Object.fromEntries(Object.entries(attributes).map(([name, text]) => [`ce_${name}`, text]));
  const signature = signMessage(value, ERP.principalId, identity.erpKey, attributes);
  return { key, value, headers: { 'content-type': 'application/json', ce_specversion: '1.0', ...ce, signature } };
}

/** Everything in a topic so far, and what comes. */
async function follow(topic: string): Promise<readonly IncomingMessage[]> {
  const seen: IncomingMessage[] = [];
  const consumption = await bus.consume({ groupId: `${prefix}${randomUUID()}`, topics: [prefix + topic] }, ({ messages }) => {
    seen.push(...messages);
    return Promise.resolve({ next: (messages.at(-1)?.offset ?? -1n) + 1n });
  });
  closers.push(() => consumption.stop());
  return seen;
}

async function refused(call: Promise<unknown>): Promise<CallError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CallError) return error;
  throw new Error('expected a refusal', { cause: error });
}

describe('an order', () => {
  it('becomes a payment trigger through the public doors, once', async () => {
    const triggers = await follow(TOPICS.outPaymentTrigger.name);
    const body = {
      piid: PIID,
      supplier: { cage: 'D9X91' },
      buyer: { dodaac: 'W99CT1' },
      shipTo: { dodaac: 'W99DP1', ric: 'Z9D' },
      lines: TERMS.lines,
      conditions: TERMS.conditions,
    };
    await bus.publish(prefix + TOPICS.inOrder.name, [signed(TOPICS.inOrder.name, PIID, body, 'order-1')]);
    const agreements = clientOf(procurementV1.AgreementService, OFFICER);
    const { termsDigest } = await eventually(() => agreements.getAgreement({ piid: PIID }));
    await clientOf(procurementV1.AgreementService, SUPPLIER).signAgreement({ context: context(), piid: PIID, termsDigest });
    await agreements.activateAgreement({ context: context(), piid: PIID, termsDigest });
    await sendNotice();

    const inventory = new ForeignLog('inventory');
    await inventory.say('stock/Z9D/129999901', 'MaterielReceiptPosted', {
      documentNumber: 'W99DP163030001',
      year: 2026,
      quantity: 4,
      uiis: UIIS,
      ...REPORT,
      postedBy: 'clerk-1',
    });
    await inventory.publish();
    await inspectAndAccept();

    const evaluation = await eventually(async () => {
      const answer = await agreements.evaluateAgreement({ context: context(), piid: PIID, clin: '0001' });
      expect(answer.payment?.amount).toMatchObject({ amount: '193000.00', currency: 'EUR' });
      return answer;
    });
    const again = await agreements.evaluateAgreement({ context: context(), piid: PIID, clin: '0001' });
    expect([again.outcome?.recorded, again.payment]).toEqual([[], evaluation.payment]);
    await eventually(() => expect(triggers).toHaveLength(1));
    const event = parseCloudEvent(triggers[0]!);
    const authorised = evaluation.outcome?.recorded.find(({ type }) => type.includes('PaymentAuthorised'));
    expect(event).toMatchObject({
      id: authorised?.eventId,
      data: { piid: PIID, clin: '0001', record: { log: ORIGIN, index: String(authorised?.position) } },
    });
  }, 60_000);

  async function sendNotice(): Promise<void> {
    const { items, certificate, quantity, ...notice } = NOTICE;
    await clientOf(procurementV1.ShipmentNoticeService, SUPPLIER).submitShipmentNotice({
      ...notice,
      context: context(),
      piid: PIID,
      quantity: BigInt(quantity),
      items: items.map((item) => ({ ...item })),
      certificate: { ...certificate!, documentDigest: Buffer.from(CERTIFICATE.documentDigest, 'hex') },
    });
  }

  async function inspectAndAccept(): Promise<void> {
    const inspect = {
      ...REPORT,
      context: context(),
      result: procurementV1.InspectionResult.CONFORMING,
      certificateReference: CERTIFICATE.reference,
      certificateDigest: Buffer.from(CERTIFICATE.documentDigest, 'hex'),
    };
    await eventually(() => clientOf(procurementV1.ReceivingReportService, INSPECTOR).inspectReceipt(inspect));
    const accept = { ...REPORT, context: context(), quantity: 4n };
    await clientOf(procurementV1.ReceivingReportService, ACCEPTOR).acceptReceipt(accept);
  }

  it('is hidden from a stranger like one that does not exist', async () => {
    const orders = clientOf(procurementV1.OrderService, STRANGER);
    const [foreign, absent] = await Promise.all([PIID, 'W99CT126C9999'].map((piid) => refused(orders.getOrder({ piid }))));
    expect([foreign?.statusName, foreign?.message]).toEqual(['NOT_FOUND', absent?.message]);
  });
});

describe('a requisition', () => {
  const name = { documentNumber: 'W99UN163060042', year: 2026 };
  const submit = {
    documentNumber: name.documentNumber,
    nsn: '6615-12-999-9901',
    quantity: 1n,
    unitOfIssue: 'EA',
    priority: '02',
    requiredDelivery: '999',
    supplySource: 'Z9D',
    justification: 'replaces a failed unit',
  };
  const eventTime = '2026-11-02T09:00:00Z';

  it('goes from submission to receipt', async () => {
    const own = clientOf(procurementV1.RequisitionService, REQUISITIONER);
    const { year } = await own.submitRequisition({ ...submit, context: { ...context(), eventTime } });
    expect(year).toBe(2026);
    const commander = clientOf(procurementV1.RequisitionService, COMMANDER);
    expect(await refused(commander.releaseRequisition({ context: context(), requisition: name }))).toMatchObject({
      code: 'REVIEW_REQUIRED',
      statusName: 'FAILED_PRECONDITION',
    });
    await commander.reviewRequisition({ context: context(), requisition: name });
    await commander.releaseRequisition({ context: context(), requisition: name });
    const inventory = new ForeignLog('inventory');
    const issue = { ...name, quantity: 1, tcn: 'W99UN163060042XXX', piece: 1, uiis: UIIS.slice(0, 1) };
    await inventory.say('stock/Z9D/129999902', 'MaterielIssued', issue);
    await inventory.say('custody/W99UN163060042XXX/1', 'DeliveryConfirmed', issue);
    await inventory.publish();
    await eventually(async () =>
      expect(await own.getRequisition({ key: { case: 'numbered', value: name } })).toMatchObject({
        status: 'RECEIVED',
        tcns: [issue.tcn],
      }),
    );
    const atLeastPosition = (await service.context.log!.size()) - 1n;
    const listed = await own.listRequisitions({ statuses: ['RECEIVED'], atLeastPosition });
    expect(listed.requisitions).toMatchObject([
      { ...name, status: 'RECEIVED', quantity: 1n, shippedQuantity: 1n, reviewed: true, supplySource: 'Z9D' },
    ]);
    expect((await own.listRequisitions({ statuses: ['CANCELLED'] })).requisitions).toEqual([]);
    const supplier = clientOf(procurementV1.RequisitionService, STRANGER);
    expect((await supplier.listRequisitions({ atLeastPosition })).requisitions).toEqual([]);
  }, 30_000);

  it.each([
    ['a document number with day 367', { documentNumber: 'W99UN163670042' }, 'FIELD_INVALID', 'document_number'],
    ['a malformed document number', { documentNumber: 'W99UN16306004' }, 'FIELD_INVALID', 'document_number'],
    ['a malformed NSN', { nsn: '59O5-00-734-5199' }, 'FIELD_INVALID', 'nsn'],
    ['an NCB outside the table', { nsn: '5905-10-734-5199' }, 'CODE_UNKNOWN', 'nsn'],
    ['no quantity', { quantity: 0n }, 'FIELD_INVALID', 'quantity'],
    ['a negative quantity', { quantity: -1n }, 'FIELD_INVALID', 'quantity'],
    ['an overflowing quantity', { quantity: 2n ** 62n }, 'FIELD_INVALID', 'quantity'],
    ['an unknown unit', { unitOfIssue: 'QQ' }, 'CODE_UNKNOWN', 'unit_of_issue'],
    [
      '999 without the priority for it',
      { documentNumber: 'W99UN163060043', priority: '04' },
      'EXPEDITE_NOT_ALLOWED',
      'required_delivery',
    ],
  ])('with %s is refused', async (_case, change, code, field) => {
    const own = clientOf(procurementV1.RequisitionService, REQUISITIONER);
    const error = await refused(own.submitRequisition({ ...submit, ...change, context: { ...context(), eventTime } }));
    expect([error.statusName, error.violations[0]?.code ?? error.code, error.field]).toEqual(['INVALID_ARGUMENT', code, field]);
  });

  it("under another unit's DoDAAC is refused", async () => {
    const own = clientOf(procurementV1.RequisitionService, REQUISITIONER);
    const call = own.submitRequisition({ ...submit, documentNumber: 'W99DP163060042', context: { ...context(), eventTime } });
    expect(await refused(call)).toMatchObject({ statusName: 'PERMISSION_DENIED' });
  });
});

describe('rows of the real quarter', () => {
  it('are accepted or dead-lettered, none lost', async () => {
    const published = rows();
    const dead = await follow(deadLetterTopic(TOPICS.inRequisition.name));
    const before = await service.context.log!.size();
    const topic = TOPICS.inRequisition.name;
    const messages = published.map((row, index) => {
      const key = 'documentNumber' in row ? `${row.documentNumber}/2019` : row.rtdReference;
      return signed(topic, key, row, `row-${index}`);
    });
    for (let from = 0; from < messages.length; from += 500) await bus.publish(prefix + topic, messages.slice(from, from + 500));
    const isRefused = (row: ReportedRow): boolean =>
      row.quantity === 0 || row.justification === '' || ('cancellationReason' in row && row.cancellationReason === '');
    const refusedCount = published.filter(isRefused).length;
    const events = published.filter((row) => !isRefused(row)).reduce((sum, row) => sum + ('documentNumber' in row ? 3 : 2), 0);
    await eventually(
      async () => expect([await service.context.log!.size(), dead.length]).toEqual([before + BigInt(events), refusedCount]),
      {
        limitMs: 200_000,
      },
    );
    expect(new Set(dead.map(({ headers }) => headerText(headers, 'x-reason')))).toEqual(
      refusedCount > 0 ? new Set(['DOMAIN_REJECTED']) : new Set(),
    );
  }, 240_000);
});

/** As `tools/stack` provisions it. */
async function writeKeystore(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const master = randomBytes(32);
  const publicKey = (): Uint8Array => rawPublicKey(generateKeyPairSync('ed25519').publicKey);
  const registration = registrationBytes({
    origin: ORIGIN,
    suite: SUITE,
    logKey: publicKey(),
    headsOrigin: `${ORIGIN}/heads`,
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
