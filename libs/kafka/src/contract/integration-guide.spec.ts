import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@countersign/kernel';
import { deadLetterOf } from '../dead-letter.js';
import type { IncomingMessage, OutgoingMessage } from '../event-bus.js';
import { readInbound } from '../inbound.js';
import { outcomeOf } from '../outcome.js';
import { TOPICS, type TopicSpec } from '../topics.js';
import { asyncApiDocument } from './asyncapi-document.js';
import { SAMPLE_SIGNER, samplesOf } from './message-samples.js';

interface SentRecord {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}
type Send = (sent: { readonly topic: string; readonly messages: readonly SentRecord[] }) => Promise<void>;
interface Payments {
  insertIfAbsent(table: string, id: string): Promise<boolean>;
  pay(payment: object): Promise<void>;
}
/** What the page's code exports. */
interface GuideCode {
  readonly signedRecord: (message: object) => SentRecord;
  readonly publishOrder: (producer: { send: Send }, order: JsonObject, how: object) => Promise<void>;
  readonly refusalOf: (message: Pick<OutgoingMessage, 'headers'>) => object;
  readonly onTrigger: (
    message: { readonly value: Buffer },
    database: { transaction(body: (payments: Payments) => Promise<void>): Promise<void> },
  ) => Promise<void>;
}

/** What the guide repeats of the AsyncAPI document. */
interface Documented {
  readonly inOrderBinary: { readonly examples: readonly SentRecord[] };
  readonly deadLetter: { readonly headers: { readonly properties: Readonly<Record<string, { readonly description?: string }>> } };
}

const { messages: documented } = asyncApiDocument('0')['components'] as unknown as { readonly messages: Documented };
const docs = join(import.meta.dirname, '../../../../docs');
const page = readFileSync(join(docs, 'erp-integration.md'), 'utf8');
const [order] = samplesOf('in.procurement.order.v1');
const { kid, publicKey, privateKey } = SAMPLE_SIGNER;
const privateKeyPem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const resolve = (id: string): Promise<{ publicKey: Buffer } | undefined> =>
  Promise.resolve(id === kid ? { publicKey } : undefined);

let folder: string;
let code: GuideCode;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-guide-'));
  const blocks = [...page.matchAll(/```js\n\/\/ (\S+\.mjs)\n(.*?)```/gs)].map(
    ([, name = '', text = '']) => [name, text] as const,
  );
  for (const [name, text] of blocks) writeFileSync(join(folder, name), text);
  const modules = await Promise.all(
    blocks.map(([name]) => import(pathToFileURL(join(folder, name)).href) as Promise<Partial<GuideCode>>),
  );
  code = Object.assign({}, ...modules) as GuideCode;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function received({ key, value, headers }: SentRecord): IncomingMessage {
  return {
    topic: TOPICS.inOrder.name,
    partition: 0,
    offset: 0n,
    key: Buffer.from(key),
    value,
    headers: new Map(Object.entries(headers).map(([name, text]) => [name, [Buffer.from(text)]])),
    timestampMs: 0,
  };
}

async function publishedOrder(): Promise<SentRecord> {
  const sent: SentRecord[] = [];
  const producer = {
    send: ({ topic, messages }: Parameters<Send>[0]): Promise<void> => {
      expect(topic).toBe(TOPICS.inOrder.name);
      sent.push(...messages);
      return Promise.resolve();
    },
  };
  const { id, time } = order!.attributes;
  await code.publishOrder(producer, order!.data, { id, placedAt: time, kid, privateKeyPem });
  expect(sent).toHaveLength(1);
  return sent[0]!;
}

describe('The code of docs/erp-integration.md', () => {
  it('publishes an order that our own door takes, and that no other byte or attribute may be put into', async () => {
    const record = await publishedOrder();
    const { event, signer } = await readInbound(received(record), TOPICS.inOrder, resolve);
    expect([event.data, signer.principalId, record.key]).toEqual([order!.data, kid, order!.key]);
    const renamed = received({ ...record, headers: { ...record.headers, ce_id: 'another' } });
    await expect(readInbound(renamed, TOPICS.inOrder, resolve)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    const spoiled = received({ ...record, value: Buffer.from(record.value.toString().replace('48250', '98250')) });
    await expect(readInbound(spoiled, TOPICS.inOrder, resolve)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  it('makes the very headers of the sample', async () => {
    const shown = documented.inOrderBinary.examples[0]?.headers;
    expect((await publishedOrder()).headers).toEqual(shown);
  });

  it('signs requisitions, which carry no time, and a subject if there is one', async () => {
    const topic = TOPICS.inRequisition.name;
    for (const { key, attributes, data } of samplesOf('in.procurement.requisition.v1')) {
      const event = { ...attributes, subject: key };
      const record = code.signedRecord({ topic, key, event, data, kid, privateKeyPem });
      const read = readInbound(received(record), TOPICS.inRequisition, resolve);
      await expect(read).resolves.toMatchObject({ event: { subject: key, time: undefined, data } });
    }
  });

  it('tells which message was refused and why', async () => {
    const record = await publishedOrder();
    const message = received({ ...record, headers: { ...record.headers, signature: 'spoiled' } });
    const error: unknown = await readInbound(message, TOPICS.inOrder, resolve).catch((reason: unknown) => reason);
    const outcome = outcomeOf(error);
    if (outcome.kind !== 'reject') throw new Error('It was not refused.');
    const letter = deadLetterOf(message, outcome, { attempts: 1, firstFailedAt: new Date() }, 'procurement');
    const told = { id: order!.attributes.id, reason: 'SIGNATURE_INVALID', code: 'SIGNATURE_INVALID', field: 'signature' };
    expect(code.refusalOf(letter)).toMatchObject(told);
  });

  it('pays a trigger once, however often it comes', async () => {
    const paid: object[] = [];
    const known = new Set<string>();
    const payments: Payments = {
      insertIfAbsent: (_table, id) => Promise.resolve(!known.has(id) && known.add(id).size > 0),
      pay: (payment) => Promise.resolve(void paid.push(payment)),
    };
    const database = { transaction: (body: (of: Payments) => Promise<void>) => body(payments) };
    const [sample] = samplesOf('out.finance.payment-trigger.v1');
    const event = { specversion: '1.0', ...sample!.attributes, type: TOPICS.outPaymentTrigger.name, data: sample!.data };
    const value = Buffer.from(JSON.stringify(event));
    await code.onTrigger({ value }, database);
    await code.onTrigger({ value }, database);
    expect(paid).toEqual([{ cage: 'D9X91', amount: '193000.00', currency: 'EUR', reference: 'W99CT126C0017/0001' }]);
    const foreign = Buffer.from(JSON.stringify({ ...event, id: 'other', type: 'other' }));
    await expect(code.onTrigger({ value: foreign }, database)).rejects.toThrow();
    expect(paid).toHaveLength(1);
  });
});

describe('docs/erp-integration.md', () => {
  const headers = documented.deadLetter.headers.properties;

  it('shows the sample order', () => {
    const [, text = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
    expect(JSON.parse(text)).toEqual(order!.data);
  });

  it('names every topic of ERPs with its key', () => {
    for (const { name, direction, key } of Object.values<TopicSpec>(TOPICS)) {
      if (direction === 'in' || direction === 'out')
        expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\| \\w+ \\| ${key} \\|`, 'm'));
    }
  });

  it('explains every dead letter header, and every reason as the AsyncAPI document does', () => {
    const explained = [...page.matchAll(/^\| (`x-.+?) \|/gm)].flatMap(([, names = '']) => names.replaceAll('`', '').split(', '));
    expect([...new Set(explained)].toSorted()).toEqual(Object.keys(headers).toSorted());
    const reasons = [...page.matchAll(/^\| `([A-Z_]+)` \| (.+) \|$/gm)].map(
      ([, reason, meaning]) => `- \`${reason}\`: ${meaning}`,
    );
    expect(reasons.join('\n')).toBe(headers['x-reason']?.description);
  });

  it('links to files that exist', () => {
    const links = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(4);
    expect(links.filter((path) => !existsSync(join(docs, path)))).toEqual([]);
  });
});
