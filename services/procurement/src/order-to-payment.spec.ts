import { createMemoryIdentity, createMemoryJournal, type MemoryJournal } from '@countersign/event-log';
import type { Fact, FactSubscription } from '@countersign/host';
import { validateMessageData, parseStrictJson } from '@countersign/kafka';
import type { Actor, CommandEnvelope, DomainEvent, JsonObject, Quantity, Role, StreamDefinition } from '@countersign/kernel';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { readAgreement } from './agreement/agreement.query.js';
import { EvaluateAgreementHandler } from './agreement/evaluate-agreement.handler.js';
import { SignAgreementHandler } from './agreement/sign-agreement.handler.js';
import { CERTIFICATE, TERMS, UIIS } from './agreement/agreement.builders.js';
import { directoryOf } from './directory-fixture.js';
import { integrationEvents } from './integration-events.js';
import { PIID } from './order/order.builders.js';
import { PlaceOrderHandler, type OrderStatement } from './order/place-order.handler.js';
import { readOrder } from './order/order.query.js';
import { evidenceSubscription } from './reactions/evidence.consumer.js';
import { factsOf } from './reactions/facts.builders.js';
import { inventorySubscription } from './reactions/inventory.consumer.js';
import { NoteEvidenceHandler } from './reactions/note-evidence.handler.js';
import { NoteFulfilmentHandler } from './reactions/note-fulfilment.handler.js';
import { NoteReceiptHandler } from './reactions/note-receipt.handler.js';
import { NoteSuspicionHandler } from './reactions/note-suspicion.handler.js';
import { AcceptReceiptHandler } from './receiving-report/accept-receipt.handler.js';
import { InspectReceiptHandler } from './receiving-report/inspect-receipt.handler.js';
import { readReceivingReport } from './receiving-report/receiving-report.query.js';
import { NOTICE } from './shipment-notice/shipment-notice.builders.js';
import { readShipmentNotice } from './shipment-notice/shipment-notice.query.js';
import { SubmitShipmentNoticeHandler } from './shipment-notice/submit-shipment-notice.handler.js';

const REPORT = `${PIID}/SER0001`;
const UII = UIIS[0]!;

function actor(principalId: string, role: Role, organisationId = 'usa-depot', actingFor = 'W99DP1'): Actor {
  return { principalId, pseudonym: `p-${principalId}`, organisationId, actingFor, nation: 'USA', roles: [role] };
}

const ERP = actor('erp-usa-1', 'erp');
const SUPPLIER = actor('person-supplier', 'supplier', 'deu-supplier', 'D9X91');
const OTHER_SUPPLIER = actor('person-other', 'supplier', 'pol-supplier', '9Z9Z9');
const OFFICER = actor('person-officer', 'contracting-officer');
const INSPECTOR = actor('person-inspector', 'inspector');
const ACCEPTOR = actor('person-acceptor', 'acceptor');

const DIRECTORY = directoryOf({
  'usa-depot': ['dodaac W99CT1', 'dodaac W99DP1', 'ric Z9D'],
  'deu-supplier': ['cage D9X91'],
});

const ORDER: OrderStatement = {
  piid: PIID,
  supplier: { cage: 'D9X91' },
  buyer: { dodaac: 'W99CT1' },
  shipTo: { dodaac: 'W99DP1', ric: 'Z9D' },
  lines: [...TERMS.lines],
  conditions: TERMS.conditions,
};

let journal: MemoryJournal;
let inventory: MemoryJournal;
let commands = 0;
let seen: { own: bigint; foreign: bigint };

const envelope = (who: Actor, commandId = `command-${(commands += 1)}`): CommandEnvelope => ({
  commandId,
  actor: who,
  eventTime: '2026-10-28T08:00:00Z',
  correlationId: 'story',
  request: Buffer.from(commandId),
});

beforeEach(() => {
  journal = createMemoryJournal({ identity: createMemoryIdentity({ origin: 'countersign.example/procurement' }) });
  inventory = createMemoryJournal({ identity: createMemoryIdentity({ origin: 'countersign.example/inventory' }) });
  seen = { own: 0n, foreign: 0n };
});

const sign = () => new SignAgreementHandler(journal);
const evaluate = (clin = '0001') => new EvaluateAgreementHandler(journal).handle(envelope(OFFICER), PIID, clin);
const send = (who = SUPPLIER) => new SubmitShipmentNoticeHandler(journal).handle(envelope(who), PIID, NOTICE);

async function placeOrder(): Promise<string> {
  await new PlaceOrderHandler(journal, DIRECTORY).handle(envelope(ERP), ORDER);
  return (await readAgreement(journal, OFFICER, PIID)).termsDigest;
}

async function activate(): Promise<void> {
  const digest = await placeOrder();
  await sign().sign(envelope(SUPPLIER), PIID, digest);
  await sign().activate(envelope(OFFICER), PIID, digest);
}

const FIELDS = [
  'uii',
  'uiis',
  'tcn',
  'piece',
  'giver',
  'taker',
  'reason',
  'documentNumber',
  'year',
  'quantity',
  'piid',
  'shipmentNumber',
  'postedBy',
];
const TYPES = ['MaterielReceiptPosted', 'CloneAlert', 'AuthenticityConfirmed', 'CustodyOffered', 'CustodyAccepted'];
const FOREIGN_SCHEMAS = Object.fromEntries(
  TYPES.map((type) => {
    const fields = Object.fromEntries(FIELDS.map((field) => [field, { group: 'logistics' }]));
    return [type, { type: `countersign.inventory.${type}.v1` as const, fields }];
  }),
);

/** Says in inventory's log what inventory's own service would. */
async function inInventory(streamId: string, type: string, data: JsonObject): Promise<void> {
  const [category = '', ...key] = streamId.split('/');
  const definition: StreamDefinition<null, DomainEvent> = {
    category,
    initial: null,
    evolve: () => null,
    schemas: FOREIGN_SCHEMAS,
    links: () => [],
  };
  await inventory.execute(envelope(actor('person-clerk', 'storage-clerk')), async (unit) => {
    (await unit.open(definition, key.join('/'))).append({ type, data });
    return null;
  });
}

async function react(subscription: FactSubscription, facts: readonly Fact[]): Promise<void> {
  for (const fact of facts) await subscription.on?.[fact.header.type]?.(fact);
}

/** Lets every reaction catch up with both logs. */
async function settle(): Promise<void> {
  const evidence = new NoteEvidenceHandler(journal);
  const handlers = {
    receipts: new NoteReceiptHandler(journal),
    suspicions: new NoteSuspicionHandler(journal),
    fulfilment: new NoteFulfilmentHandler(journal),
    evidence,
  };
  const foreign = await factsOf(inventory, seen.foreign);
  seen.foreign += BigInt(foreign.length);
  await react(inventorySubscription(handlers), foreign);
  const own = await factsOf(journal, seen.own);
  seen.own += BigInt(own.length);
  await react(evidenceSubscription(evidence), own);
}

async function receive(documentNumber = 'W99DP163030001'): Promise<void> {
  await inInventory(`stock/Z9D/129999901/${documentNumber}`, 'MaterielReceiptPosted', {
    documentNumber,
    year: 2026,
    quantity: 4,
    uiis: UIIS,
    piid: PIID,
    shipmentNumber: 'SER0001',
    postedBy: 'person-clerk',
  });
  await settle();
}

async function inspectAndAccept(): Promise<void> {
  const { reference, documentDigest } = CERTIFICATE;
  await new InspectReceiptHandler(journal).handle(envelope(INSPECTOR), REPORT, {
    conforming: true,
    certificateReference: reference,
    certificateDigest: documentDigest,
  });
  await new AcceptReceiptHandler(journal).handle(envelope(ACCEPTOR), REPORT, 4 as Quantity);
  await settle();
}

async function deliver(): Promise<void> {
  await activate();
  await send();
  await receive();
  await inspectAndAccept();
}

const statusOf = async (condition: string): Promise<string | undefined> =>
  (await evaluate()).evaluation?.results.find((result) => result.condition === condition)?.status;
const refusal = (code: string): Error => expect.objectContaining({ code }) as unknown as Error;

describe('from order to payment', () => {
  it('authorises payment exactly once', async () => {
    await deliver();
    const first = await evaluate();
    expect(first.payment).toMatchObject({ quantity: 4, amount: { amount: '193000.00', currency: 'EUR' } });
    expect(first.outcome.recorded.map(({ streamId }) => streamId)).toEqual([`agreement/${PIID}`, `agreement/${PIID}`]);
    const second = await evaluate();
    expect([second.evaluation, second.payment]).toEqual([first.evaluation, first.payment]);
    expect(second.outcome.recorded).toEqual([]);
  });

  it('leaves no price in the result that stands readable beside the events', async () => {
    const { execute } = journal;
    const stored: unknown[] = [];
    journal = {
      ...journal,
      execute: async (...command) => {
        const outcome = await execute(...command);
        stored.push(outcome.result);
        return outcome;
      },
    };
    await deliver();
    expect((await evaluate()).payment?.amount.amount).toBe('193000.00');
    expect(stored.length).toBeGreaterThan(5);
    expect(JSON.stringify(stored)).not.toMatch(/193000|48250/);
  });

  it('maps the one payment to the one trigger, which names its record', async () => {
    await deliver();
    const [, authorised] = (await evaluate()).outcome.recorded;
    const mapper = integrationEvents(journal);
    const rows = await journal.readLog(0n, 1_000);
    const [topic, ...others] = await mapper(rows);
    expect([topic?.topic, topic?.messages.length, others.length]).toEqual(['countersign.out.finance.payment-trigger.v1', 1, 0]);
    const event = parseStrictJson(topic?.messages[0]?.value ?? Buffer.alloc(0)) as JsonObject;
    expect(() => validateMessageData('out.finance.payment-trigger.v1', event['data']!)).not.toThrow();
    expect(event).toMatchObject({ id: authorised?.eventId, source: 'countersign.example/procurement', subject: `${PIID}/0001` });
    expect(event['data']).toMatchObject({
      amount: { amount: '193000.00', currency: 'EUR' },
      record: {
        log: 'countersign.example/procurement',
        index: String(authorised?.position),
        digest: Buffer.from(authorised?.recordDigest ?? []).toString('hex'),
      },
    });
    expect(await mapper(rows)).toEqual([topic]);
  });

  it('pays nothing while an item is suspected, and once when its authenticity is confirmed', async () => {
    await deliver();
    await inInventory(`asset/${UII}`, 'CloneAlert', { uii: UII, reason: 'SUPPLIER_DIFFERS' });
    await settle();
    expect(await statusOf('NoOpenDiscrepancy')).toBe('PENDING');
    expect((await evaluate()).payment).toBeUndefined();
    expect((await readReceivingReport(journal, OFFICER, REPORT)).discrepancies).toMatchObject([{ uii: UII, open: true }]);

    await inInventory(`asset/${UII}`, 'AuthenticityConfirmed', { uii: UII });
    await settle();
    expect((await evaluate()).payment).toMatchObject({ quantity: 4 });
  });

  it('follows custody to the unit', async () => {
    await deliver();
    const step = { tcn: 'W99UN163060042XXX', piece: 1, uiis: [UII], giver: 'usa-depot', taker: 'nld-carrier' };
    await inInventory('custody/W99UN163060042XXX/1', 'CustodyOffered', step);
    await settle();
    expect(await statusOf('CustodyUnbroken')).toBe('PENDING');
    await inInventory('custody/W99UN163060042XXX/1', 'CustodyAccepted', step);
    await settle();
    expect(await statusOf('CustodyUnbroken')).toBe('SATISFIED');
  });

  it('counts a second parcel under the same notice for nothing', async () => {
    await deliver();
    await receive('W99DP163040002');
    expect(await statusOf('NoOpenDiscrepancy')).toBe('PENDING');
    expect(await readReceivingReport(journal, OFFICER, REPORT)).toMatchObject({ status: 'ACCEPTED', accepted: 4 });
  });

  it('takes a fact once, however often it comes', async () => {
    await deliver();
    const { evidence } = await readAgreement(journal, OFFICER, PIID);
    seen = { own: 0n, foreign: 0n };
    const errors: unknown[] = [];
    await settle().catch((error: unknown) => errors.push(error));
    expect(errors).toEqual([]);
    expect((await readAgreement(journal, OFFICER, PIID)).evidence).toEqual(evidence);
  });
});

describe('who may do what', () => {
  it('refuses an order of another organisation, and one whose supplier nobody knows', async () => {
    const orders = new PlaceOrderHandler(journal, DIRECTORY);
    await expect(orders.handle(envelope(actor('erp-nld', 'erp', 'nld-carrier')), ORDER)).rejects.toThrow(
      refusal('TENANT_MISMATCH'),
    );
    await expect(orders.handle(envelope(ERP), { ...ORDER, supplier: { cage: '9Z9Z9' } })).rejects.toThrow(
      refusal('ORGANISATION_UNKNOWN'),
    );
    await expect(orders.handle(envelope(SUPPLIER), ORDER)).rejects.toThrow(refusal('PERMISSION_DENIED'));
    // Nobody takes a number of another office.
    await expect(orders.handle(envelope(ERP), { ...ORDER, piid: 'W99UN126C0017' })).rejects.toThrow(refusal('TENANT_MISMATCH'));
  });

  it('hides an order from a supplier who is not its own', async () => {
    await activate();
    await expect(send(OTHER_SUPPLIER)).rejects.toThrow(refusal('NOT_FOUND'));
    await expect(sign().sign(envelope(OTHER_SUPPLIER), PIID, '00'.repeat(32))).rejects.toThrow(refusal('NOT_FOUND'));
    await expect(readOrder(journal, OTHER_SUPPLIER, PIID)).rejects.toThrow(refusal('NOT_FOUND'));
    await expect(readOrder(journal, OTHER_SUPPLIER, 'W99CT126C9999')).rejects.toThrow(refusal('NOT_FOUND'));
    await expect(readShipmentNotice(journal, OTHER_SUPPLIER, PIID, 'SER0001')).rejects.toThrow(refusal('NOT_FOUND'));
  });

  it('hides an order from a colleague who acts for another CAGE', async () => {
    await activate();
    const colleague = actor('person-colleague', 'supplier', 'deu-supplier', 'D9X92');
    await expect(send(colleague)).rejects.toThrow(refusal('NOT_FOUND'));
    await expect(sign().sign(envelope(colleague), PIID, '00'.repeat(32))).rejects.toThrow(refusal('NOT_FOUND'));
  });

  it('refuses a role that does not fit', async () => {
    const digest = await placeOrder();
    await expect(sign().activate(envelope(INSPECTOR), PIID, digest)).rejects.toThrow(refusal('PERMISSION_DENIED'));
    await expect(new EvaluateAgreementHandler(journal).handle(envelope(SUPPLIER), PIID, '0001')).rejects.toThrow(
      refusal('PERMISSION_DENIED'),
    );
    await expect(new AcceptReceiptHandler(journal).handle(envelope(INSPECTOR), REPORT, 4 as Quantity)).rejects.toThrow(
      refusal('PERMISSION_DENIED'),
    );
  });

  it('shares the streams with the parties, and with nobody else', async () => {
    await deliver();
    const streams = [`order/${PIID}`, `shipment-notice/${REPORT}`, `receiving-report/${REPORT}`, `agreement/${PIID}`];
    for (const streamId of streams) {
      expect([streamId, await journal.mayRead(streamId, 'deu-supplier')]).toEqual([streamId, true]);
      expect([streamId, await journal.mayRead(streamId, 'usa-depot')]).toEqual([streamId, true]);
      expect([streamId, await journal.mayRead(streamId, 'nld-carrier')]).toEqual([streamId, false]);
    }
  });
});

describe('a command that comes again', () => {
  it('gives the first answer and adds nothing', async () => {
    await activate();
    const again = envelope(SUPPLIER, 'notice-1');
    const notices = new SubmitShipmentNoticeHandler(journal);
    const first = await notices.handle(again, PIID, NOTICE);
    const second = await notices.handle(again, PIID, NOTICE);
    expect([first.replayed, second.replayed]).toEqual([false, true]);
    expect(second.recorded).toEqual(first.recorded);
    await expect(notices.handle({ ...again, request: Buffer.from('other') }, PIID, NOTICE)).rejects.toThrow(
      refusal('COMMAND_ID_REUSED'),
    );
  });
});
