import { createHash, generateKeyPairSync, randomUUID, verify, type KeyObject } from 'node:crypto';
import { TOPICS } from '@countersign/kafka';
import { expect, it } from '@jest/globals';
import { SDJwtInstance } from '@sd-jwt/core';
import { CompactSign, SignJWT } from 'jose';
import { ERP } from '../cast.js';
import { FACTS, ITEM } from '../story-facts.js';
import { until } from '../until.js';
import { PLAIN_NSN } from './bad-requests.js';
import { bufCurl, listServices } from './buf-curl.js';
import { ORDER_TOPIC, orderData } from './erp-messages.js';
import { publishForeign, readForeign, type ForeignRecord } from './foreign-kafka.js';
import type { StoryRun } from './story-run.js';
import { principalOf } from './tokens.js';

const LIMIT_MS = 60_000;
const CATALOGUE = 'countersign.inventory.v1.CatalogueService';
/** gRPC code 16, three bits to the left: how `buf curl` ends when it was refused as unauthenticated. */
const EXIT_UNAUTHENTICATED = 16 << 3;

/** Doors and formats are what others can use without a line of our code. */
export function foreignClientsSuite(run: () => StoryRun): void {
  it(
    'lets buf curl get a token, register an item and read it back, by reflection alone',
    async () => {
      const { folder, platform, keys } = run();
      const { identity, inventory } = platform.addresses;
      const services = await listServices(folder, inventory.grpc);
      expect(services).toEqual(expect.arrayContaining([CATALOGUE, 'countersign.evidence.v1.EvidenceService']));

      const { principalId, appointmentId, privateKey } = principalOf(keys, 'itemManager');
      const assertion = await assertionOf(principalId, privateKey);
      const issued = await bufCurl(folder, identity.grpc, 'countersign.identity.v1.TokenService/IssueToken', {
        clientAssertion: assertion,
        appointmentId,
      });
      const headers = { authorization: `Bearer ${String(issued.body['accessToken'])}` };
      const item = {
        nsn: '5820-01-546-5288',
        itemName: 'RADIO SET',
        unitOfIssue: 'EA',
        controlledItemCode: 'U',
        demilitarisationCode: 'D',
      };
      const context = { commandId: randomUUID(), eventTime: '2026-11-10T09:00:00+01:00' };
      const registered = await bufCurl(folder, inventory.grpc, `${CATALOGUE}/RegisterItem`, { context, ...item }, headers);
      expect(registered).toMatchObject({
        exitCode: 0,
        body: { outcome: { recorded: [{ type: 'countersign.inventory.ItemRegistered.v1', streamId: 'catalogue/015465288' }] } },
      });
      const read = await bufCurl(folder, inventory.grpc, `${CATALOGUE}/GetItem`, { niin: '015465288' }, headers);
      expect(read).toEqual({ exitCode: 0, body: { ...item, nsn: '5820015465288' } });

      const refused = await bufCurl(folder, inventory.grpc, `${CATALOGUE}/GetItem`, { niin: '015465288' });
      expect(refused).toMatchObject({ exitCode: EXIT_UNAUTHENTICATED, body: { code: 'unauthenticated' } });
    },
    LIMIT_MS,
  );

  it(
    'lets another Kafka client publish signed orders, in binary and in structured mode',
    async () => {
      const { platform, keys, world } = run();
      const privateKey = keys.privateKey(ERP.id);
      const topic = `${platform.namespace.topic}${ORDER_TOPIC}`;
      const binary = await binaryOrder('W99CT126C2001', topic, privateKey);
      const structured = await structuredOrder('W99CT126C2002', topic, privateKey);
      await publishForeign(platform.parts.kafka.brokers, [binary, structured]);
      for (const { key } of [binary, structured]) {
        const { agreements, orders } = world.as('contractingOfficer');
        const order = await until(`order ${key}`, () => orders.getOrder({ piid: key }));
        expect(order.lines).toMatchObject([{ nsn: '5905007345199', quantity: 7n }]);
        expect(await agreements.getAgreement({ piid: key })).toMatchObject({ status: 'DRAFT' });
      }
    },
    LIMIT_MS,
  );

  it(
    'lets another Kafka client read the payment trigger',
    async () => {
      const { platform } = run();
      const topic = `${platform.namespace.topic}${TOPICS.outPaymentTrigger.name}`;
      const [trigger] = await readForeign(platform.parts.kafka.brokers, topic, (records) => records.length > 0);
      expect(trigger?.headers['content-type']).toMatch(/^application\/cloudevents\+json/);
      expect(JSON.parse(String(trigger?.value))).toMatchObject({
        specversion: '1.0',
        type: TOPICS.outPaymentTrigger.name,
        data: { piid: FACTS.piid, clin: FACTS.clin, amount: { amount: '73000.00', currency: 'EUR' } },
      });
    },
    LIMIT_MS,
  );

  it(
    'lets another Kafka client read the events, whose bytes are the stored and hashed ones',
    async () => {
      const { platform, clients } = run();
      const inventory = clients.sources.find(({ name }) => name === 'inventory');
      const stored = (await inventory?.evidence.getStream({ streamId: `asset/${ITEM}` }))?.records ?? [];
      expect(stored).toHaveLength(8);
      const headers = stored.map(({ header }) => Buffer.from(header).toString('utf8'));
      const topic = `${platform.namespace.topic}${TOPICS.inventoryAsset.name}`;
      const published = new Set<string>();
      await readForeign(platform.parts.kafka.brokers, topic, (records) => {
        published.add(String(records.at(-1)?.value));
        return headers.every((header) => published.has(header));
      });
    },
    LIMIT_MS,
  );

  it('lets an SD-JWT library open every disclosure the evidence door gave out', async () => {
    const { clients } = run();
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const library = sdJwtLibrary(publicKey);
    const inventory = clients.sources.find(({ name }) => name === 'inventory');
    const reply = await inventory?.evidence.getStream({ streamId: `asset/${ITEM}` });
    let opened = 0;
    for (const { header, disclosures } of reply?.records ?? []) {
      const { data } = JSON.parse(Buffer.from(header).toString('utf8')) as { data: { _sd: string[] } & Record<string, unknown> };
      for (const encoded of disclosures) {
        expect(data._sd).toContain(createHash('sha256').update(encoded, 'ascii').digest('base64url'));
        opened += 1;
      }
      const issuer = await new CompactSign(Buffer.from(JSON.stringify(data)))
        .setProtectedHeader({ alg: 'EdDSA' })
        .sign(privateKey);
      const { payload } = await library.verify(`${[issuer, ...disclosures].join('~')}~`);
      expect(payload).toMatchObject({ logistics: { uii: ITEM } });
    }
    expect(opened).toBeGreaterThanOrEqual(8);
  });
}

/** RFC 7523, with jose alone. */
function assertionOf(principalId: string, privateKey: KeyObject): Promise<string> {
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(principalId)
    .setSubject(principalId)
    .setAudience('countersign-identity')
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(privateKey);
}

/** RFC 7515 appendix F: the payload is left out. */
async function detached(value: Buffer, privateKey: KeyObject, ce?: object): Promise<string> {
  const jws = await new CompactSign(value)
    .setProtectedHeader({ alg: 'EdDSA', kid: ERP.id, ...(ce === undefined ? {} : { ce }) })
    .sign(privateKey);
  return jws.split('.').with(1, '').join('.');
}

const SOURCE = 'urn:example:erp';

async function binaryOrder(piid: string, topic: string, privateKey: KeyObject): Promise<ForeignRecord> {
  const value = Buffer.from(JSON.stringify(orderData(piid, PLAIN_NSN, 7), undefined, 2));
  const ce = { id: randomUUID(), source: SOURCE, type: ORDER_TOPIC, time: '2026-11-10T09:00:00Z' };
  const headers = {
    ...Object.fromEntries(Object.entries(ce).map(([name, text]) => [`ce_${name}`, text])),
    ce_specversion: '1.0',
  };
  const signature = await detached(value, privateKey, ce);
  return { topic, key: piid, value, headers: { ...headers, 'content-type': 'application/json; charset=utf-8', signature } };
}

async function structuredOrder(piid: string, topic: string, privateKey: KeyObject): Promise<ForeignRecord> {
  const event = { specversion: '1.0', id: randomUUID(), source: SOURCE, type: ORDER_TOPIC, time: '2026-11-10T09:00:00Z' };
  const value = Buffer.from(
    JSON.stringify({ ...event, datacontenttype: 'application/json', data: orderData(piid, PLAIN_NSN, 7) }),
  );
  const signature = await detached(value, privateKey);
  return { topic, key: piid, value, headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8', signature } };
}

function sdJwtLibrary(publicKey: KeyObject): SDJwtInstance<Record<string, unknown>> {
  return new SDJwtInstance({
    hasher: (input: string | ArrayBuffer) =>
      createHash('sha256')
        .update(typeof input === 'string' ? input : Buffer.from(input))
        .digest(),
    hashAlg: 'sha-256',
    verifier: (signed: string, signature: string) =>
      verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, 'base64url')),
  });
}
