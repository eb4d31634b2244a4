import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryJournal } from '@countersign/event-log';
import { TOPICS, type IncomingMessage } from '@countersign/kafka';
import { describe, expect, it } from '@jest/globals';
import { OrderConsumer } from '../order/order.consumer.js';
import { PlaceOrderHandler } from '../order/place-order.handler.js';
import type { OrganisationDirectory } from '../organisation-directory/organisation-directory.js';
import { ReportRequisitionHandler } from '../requisition/report-requisition.handler.js';
import { RequisitionConsumer } from '../requisition/requisition.consumer.js';
import type { ResolveSigner } from './erp-principals.js';

interface Sample {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: object;
}
interface AsyncApi {
  readonly info: { readonly 'x-sample-signer': { readonly kid: string; readonly publicKey: string } };
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly name: string; readonly examples?: readonly Sample[] }>>;
  };
}

const text = readFileSync(join(import.meta.dirname, '../../../../docs/asyncapi.json'), 'utf8');
const { info, components } = JSON.parse(text) as AsyncApi;
const { kid, publicKey } = info['x-sample-signer'];

const BUYER = {
  organisationId: 'usa-depot',
  codes: [
    { kind: 'dodaac', code: 'W99CT1' },
    { kind: 'ric', code: 'Z9D' },
  ],
} as const;
const AGENCY = { organisationId: 'usa-agency', codes: [{ kind: 'dodaac', code: 'W99UN1' }] } as const;
const DIRECTORY: OrganisationDirectory = {
  byCode: (_kind, code) => Promise.resolve(code === 'D9X91' ? { organisationId: 'deu-supplier', codes: [] } : BUYER),
  byAgency: () => Promise.resolve(AGENCY),
};
const resolve: ResolveSigner = (id) => {
  const { organisationId } = BUYER;
  const actor = { principalId: id, pseudonym: 'p', organisationId, actingFor: 'W99CT1', nation: 'USA', roles: ['erp' as const] };
  return Promise.resolve(id === kid ? { publicKey: Buffer.from(publicKey, 'base64url'), actor } : undefined);
};

const samples = Object.entries(components.messages).flatMap(([id, { name, examples = [] }]) =>
  name.startsWith('countersign.in.') ? examples.map((sample) => [`${id} ${sample.name}`, name, sample] as const) : [],
);

function received(topic: string, { headers, payload }: Sample): IncomingMessage {
  return {
    topic,
    partition: 0,
    offset: 0n,
    key: null,
    value: Buffer.from(JSON.stringify(payload)),
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [Buffer.from(value)]])),
    timestampMs: 0,
  };
}

/** What integrators copy has to be taken by the domain too, not by the schema only. */
describe('The samples of docs/asyncapi.json', () => {
  it('are there for every topic of this service', () => {
    expect(new Set(samples.map(([, topic]) => topic))).toEqual(new Set([TOPICS.inOrder.name, TOPICS.inRequisition.name]));
  });

  it.each(samples)('%s is recorded', async (_name, topic, sample) => {
    const journal = createMemoryJournal();
    const consumer =
      topic === TOPICS.inOrder.name
        ? new OrderConsumer(new PlaceOrderHandler(journal, DIRECTORY), resolve)
        : new RequisitionConsumer(new ReportRequisitionHandler(journal, DIRECTORY), resolve);
    await consumer.handle(received(topic, sample));
    expect((await journal.readLog(0n, 10)).length).toBeGreaterThan(1);
  });
});
