import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createMemoryJournal, type MemoryJournal } from '@countersign/event-log';
import {
  CLOUD_EVENT_MEDIA_TYPE,
  createFakeBus,
  deadLetterTopic,
  ensureTopics,
  headerText,
  runConsumer,
  signMessage,
  TOPICS,
  type FakeBus,
  type OutgoingMessage,
} from '@countersign/kafka';
import type { JsonObject, Role } from '@countersign/kernel';
import { eventually } from '@countersign/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PIID } from '../order/order.builders.js';
import { OrderConsumer } from '../order/order.consumer.js';
import { directoryOf } from '../directory-fixture.js';
import { ORDER } from '../order/order.js';
import { PlaceOrderHandler } from '../order/place-order.handler.js';
import { createSignerResolver, type ResolveSigner } from './erp-principals.js';

const TOPIC = TOPICS.inOrder.name;
const NEIGHBOUR = 'W99CT126C0018';
const keys = generateKeyPairSync('ed25519');
const PUBLIC_KEY = Buffer.from(keys.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');

const DIRECTORY = directoryOf({
  'usa-depot': ['dodaac W99CT1', 'dodaac W99DP1', 'ric Z9D'],
  'deu-supplier': ['cage D9X91'],
});
const BODY = {
  piid: PIID,
  supplier: { cage: 'D9X91' },
  buyer: { dodaac: 'W99CT1' },
  shipTo: { dodaac: 'W99DP1', ric: 'Z9D' },
  lines: [
    {
      clin: '0001',
      nsn: '6615-12-999-9901',
      partNumber: 'IMU7700-3',
      quantity: 4,
      unitOfIssue: 'EA',
      unitPrice: { amount: '48250.00', currency: 'EUR' },
    },
  ],
  conditions: [{ type: 'UiiSetMatches' }],
};

const resolve: ResolveSigner = (kid) => {
  const role: Role | undefined = kid === 'erp-usa-1' ? 'erp' : kid === 'clerk-usa-1' ? 'storage-clerk' : undefined;
  if (role === undefined) return Promise.resolve(undefined);
  const actor = {
    principalId: kid,
    pseudonym: `p-${kid}`,
    organisationId: 'usa-depot',
    actingFor: 'W99CT1',
    nation: 'USA',
    roles: [role],
  };
  return Promise.resolve({ publicKey: PUBLIC_KEY, actor });
};

interface Draft {
  readonly id?: string;
  readonly body?: unknown;
  readonly kid?: string;
  readonly privateKey?: KeyObject;
  readonly type?: string;
  readonly time?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function attributesOf({ id = 'order-1', type = TOPIC, time = '2026-09-14T08:00:00Z' }: Draft) {
  return { id, source: 'erp.example/usa', type, time };
}

function binary(draft: Draft = {}): OutgoingMessage {
  const { body = BODY, kid = 'erp-usa-1', privateKey = keys.privateKey, headers = {} } = draft;
  const value = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const attributes = attributesOf(draft);
  const ce = Object.fromEntries(Object.entries(attributes).map(([name, text]) => [`ce_${name}`, text]));
  const signature = signMessage(value, kid, privateKey, attributes);
  return {
    key: PIID,
    value,
    headers: { 'content-type': 'application/json', ce_specversion: '1.0', ...ce, signature, ...headers },
  };
}

function structured(draft: Draft = {}): OutgoingMessage {
  const { body = BODY, kid = 'erp-usa-1', privateKey = keys.privateKey } = draft;
  const value = Buffer.from(JSON.stringify({ specversion: '1.0', ...attributesOf(draft), data: body }));
  return {
    key: PIID,
    value,
    headers: { 'content-type': CLOUD_EVENT_MEDIA_TYPE, signature: signMessage(value, kid, privateKey) },
  };
}

let bus: FakeBus;
let journal: MemoryJournal;

beforeEach(async () => {
  bus = createFakeBus();
  await ensureTopics(bus);
  journal = createMemoryJournal();
  const orders = new OrderConsumer(new PlaceOrderHandler(journal, DIRECTORY), resolve);
  await runConsumer({ bus, groupId: 'procurement', topics: [TOPIC], handle: (message) => orders.handle(message) });
});
afterEach(() => bus.close());

async function publish(...messages: OutgoingMessage[]): Promise<void> {
  await bus.publish(TOPIC, messages);
  await eventually(async () => expect((await bus.lag('procurement', [TOPIC])).get(TOPIC)).toBe(0n));
}

/** Reason, code and field of each dead letter, in order. */
function deadLetters(): string[] {
  return bus
    .records(deadLetterTopic(TOPIC))
    .map(({ headers }) =>
      ['x-reason', 'x-reason-code', 'x-reason-field'].map((name) => headerText(headers, name) ?? '-').join(' '),
    );
}

describe('an order at the ERP door', () => {
  it.each([
    ['binary', binary],
    ['structured', structured],
  ])('is placed in %s mode, with the event id as command id', async (_mode, message) => {
    await publish(message());
    expect(deadLetters()).toEqual([]);
    expect(await journal.read(ORDER, PIID)).toMatchObject({
      status: 'PLACED',
      parties: { buyer: 'usa-depot', supplier: 'deu-supplier' },
    });
    const [row] = await journal.openRows(await journal.readStreamRows(`order/${PIID}`));
    expect(row?.header).toMatchObject({ actor: 'p-erp-usa-1', actingFor: 'W99CT1', time: '2026-09-14T08:00:00Z' });
  });

  it('has one effect however often it comes', async () => {
    await publish(binary(), binary(), binary());
    expect(deadLetters()).toEqual([]);
    expect(await journal.readStreamRows(`order/${PIID}`)).toHaveLength(1);
  });

  it('refuses the same id with other content, and the same order under another id', async () => {
    await publish(binary(), binary({ body: { ...BODY, conditions: [] } }), binary({ id: 'order-2' }));
    expect(deadLetters()).toEqual(['DUPLICATE_CONFLICT COMMAND_ID_REUSED command_id', 'DOMAIN_REJECTED ORDER_EXISTS piid']);
  });

  const { privateKey: otherKey } = generateKeyPairSync('ed25519');
  const line = (change: JsonObject): JsonObject => ({ ...BODY, lines: [{ ...BODY.lines[0], ...change } as JsonObject] });
  it.each([
    ['no JSON', binary({ body: Buffer.from('{"piid":') }), 'SCHEMA_INVALID SCHEMA_INVALID -'],
    ['a repeated member', binary({ body: Buffer.from('{"piid":"a","piid":"b"}') }), 'SCHEMA_INVALID SCHEMA_INVALID piid'],
    ['a float', binary({ body: line({ quantity: 1.5 }) }), 'SCHEMA_INVALID SCHEMA_INVALID -'],
    ['a missing member', binary({ body: { ...BODY, supplier: undefined } }), 'SCHEMA_INVALID SCHEMA_INVALID supplier'],
    [
      'an unknown condition',
      binary({ body: { ...BODY, conditions: [{ type: 'Trust' }] } }),
      'SCHEMA_INVALID SCHEMA_INVALID conditions.0.type',
    ],
    ['another type', binary({ type: 'countersign.in.procurement.order.v2' }), 'SCHEMA_UNKNOWN SCHEMA_UNKNOWN type'],
    ['too large', binary({ body: { ...BODY, note: 'x'.repeat(300_000) } }), 'OVERSIZE MESSAGE_TOO_LARGE value'],
    ['a forged signature', binary({ privateKey: otherKey }), 'SIGNATURE_INVALID SIGNATURE_INVALID signature'],
    ['an unknown signer', binary({ kid: 'nobody' }), 'SIGNATURE_INVALID SIGNATURE_INVALID signature'],
    ['another id than was signed', binary({ headers: { ce_id: 'order-9' } }), 'SIGNATURE_INVALID SIGNATURE_INVALID signature'],
    ['a signer without the role', binary({ kid: 'clerk-usa-1' }), 'DOMAIN_REJECTED PERMISSION_DENIED -'],
    ['a negative quantity', binary({ body: line({ quantity: -4 }) }), 'DOMAIN_REJECTED QUANTITY_INVALID lines[0].quantity'],
    ['a malformed NSN', binary({ body: line({ nsn: '6615-12-999-99O1' }) }), 'DOMAIN_REJECTED FIELD_INVALID lines[0].nsn'],
    [
      'a foreign buyer',
      binary({ body: { ...BODY, buyer: { dodaac: 'W99XX1' } } }),
      'DOMAIN_REJECTED ORGANISATION_UNKNOWN buyer.dodaac',
    ],
    ["another office's number", binary({ body: { ...BODY, piid: 'W99UN126C0017' } }), 'TENANT_MISMATCH TENANT_MISMATCH piid'],
    ['a time in the future', binary({ time: '2999-01-01T00:00:00Z' }), 'DOMAIN_REJECTED TIME_INVALID time'],
  ])('with %s goes to the dead letter topic while its neighbours go on', async (_case, message, expected) => {
    // Messages of different keys overtake each other: the neighbour is about another order.
    await publish({ ...message, key: 'poison' }, binary({ id: 'neighbour', body: { ...BODY, piid: NEIGHBOUR } }));
    expect(deadLetters()).toEqual([expected]);
    expect((await journal.read(ORDER, NEIGHBOUR))?.status).toBe('PLACED');
  });
});

describe('the resolver of signers', () => {
  const found = {
    publicKey: PUBLIC_KEY,
    pseudonym: 'p',
    organisationId: 'usa-depot',
    actingFor: 'W99CT1',
    nation: 'USA',
    roles: ['erp', 'king'],
  };

  it('asks once a period, drops roles it does not know, and asks again after a failure', async () => {
    let now = 0;
    const asked: unknown[] = [];
    const answers: (() => Promise<unknown>)[] = [
      () => Promise.reject(new Error('identity is down')),
      () => Promise.resolve(found),
      () => Promise.resolve(found),
    ];
    const resolver = createSignerResolver(
      { resolvePrincipal: ((request: unknown) => (asked.push(request), answers.shift()?.())) as never },
      'countersign.example/procurement',
      () => now,
    );
    await expect(resolver('erp-usa-1')).rejects.toThrow(expect.objectContaining({ code: 'DEPENDENCY_UNAVAILABLE' }));
    const [signer] = await Promise.all([resolver('erp-usa-1'), resolver('erp-usa-1')]);
    expect(signer?.actor).toMatchObject({ principalId: 'erp-usa-1', roles: ['erp'] });
    expect(asked).toHaveLength(2);
    now += 60_000;
    await resolver('erp-usa-1');
    expect(asked).toHaveLength(3);
  });
});
