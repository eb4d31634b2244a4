import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createClient } from '@countersign/grpc';
import { deadLetterTopic } from '@countersign/kafka';
import { inventoryV1, procurementV1 } from '@countersign/proto';
import { beforeAll, expect, it } from '@jest/globals';
import { ERP } from '../cast.js';
import { readTopic } from '../read-topic.js';
import { FACTS } from '../story-facts.js';
import { until } from '../until.js';
import { requisitionData } from './bad-messages.js';
import { commandContext, PLAIN_NSN, receipt } from './bad-requests.js';
import { registerPlainItem } from './bulk-order.js';
import { binaryMessage, REQUISITION_TOPIC } from './erp-messages.js';
import { databaseRows, findIn, logFiles, metricsPages, topics, type Haystack } from './haystacks.js';
import { untilQuiet } from '../quiet.js';
import { rawCall } from './raw-call.js';
import { sampleRows } from './sample-rows.js';
import type { StoryRun } from './story-run.js';
import { principalOf, tokenOf } from './tokens.js';
import { sourceOf } from './whole-log.js';

const LIMIT_MS = 60_000;
/** No other text of a run looks like this. */
const CANARY = `canary-${randomBytes(12).toString('hex')}`;
const ROW = sampleRows().find(({ shipment }) => shipment !== undefined);
const DATABASES = ['identity', 'identity-keys', 'inventory', 'procurement', 'anchoring'] as const;
const REQUISITION = 'W99UN163110077';

/** What is confidential is where it belongs, encrypted, and nowhere else; so are tokens and keys. */
export function canarySuite(run: () => StoryRun): void {
  const tokens: string[] = [];
  let refusal = '';
  const haystacks: Haystack[] = [];

  beforeAll(async () => {
    tokens.push(...(await sayConfidentially(run())));
    refusal = await sayWrongly(run());
    await untilQuiet(run().platform);
    haystacks.push(...logFiles(run()), ...(await metricsPages(run())), ...(await topics(run())));
    for (const database of DATABASES) haystacks.push(...(await databaseRows(run(), database)));
  }, LIMIT_MS);

  it('is recorded, and opened to an auditor', async () => {
    const streams: readonly (readonly ['inventory' | 'procurement', string])[] = [
      ['procurement', `requisition/${REQUISITION}/2026`],
      ['inventory', 'stock/Z9D/007345199'],
    ];
    for (const [service, streamId] of streams) {
      const { records } = await sourceOf(run(), service).getStream({ streamId });
      const opened = records.flatMap(({ disclosures }) => disclosures).map((text) => Buffer.from(text, 'base64url').toString());
      expect(opened.filter((text) => text.includes(CANARY))).toHaveLength(1);
    }
  });

  it('stands in no log, metric, topic or database as it was said', () => {
    expect(haystacks.length).toBeGreaterThan(60);
    expect(findIn(haystacks, CANARY)).toEqual([]);
  });

  it('is not repeated by a refusal', () => expect(refusal).not.toContain(CANARY));

  it('searches well enough to find what does stand there', async () => {
    // The name of an item travels as a disclosure too; ids of organisations and NSNs in links do not.
    expect(findIn(haystacks, 'asset/DD9X91IMU7700-3000417B').length).toBeGreaterThan(0);
    expect(findIn([{ name: 'hex', bytes: Buffer.from(Buffer.from(CANARY).toString('hex')) }], CANARY)).toEqual(['hex']);
    for (const before of ['', 'a', 'ab']) {
      const bytes = Buffer.from(Buffer.from(`${before}${CANARY} and more`).toString('base64'));
      expect(findIn([{ name: 'base64', bytes }], CANARY)).toEqual(['base64']);
    }
    // And the dead letter's value, which is what its sender wrote, holds the canary.
    const values: string[] = [];
    const topic = deadLetterTopic(`${run().platform.namespace.topic}${REQUISITION_TOPIC}`);
    await readTopic(run().bus, topic, ({ value }) => values.push(String(value)));
    expect(values.filter((value) => value.includes(CANARY))).toHaveLength(1);
  });

  it('counts for tokens', () => {
    expect(tokens).toHaveLength(2);
    for (const part of tokens.flatMap((token) => token.split('.').slice(1))) expect(findIn(haystacks, part)).toEqual([]);
  });

  it('counts for every key of every keystore', () => {
    const secrets = keyFiles(run());
    expect(secrets.length).toBeGreaterThan(10);
    for (const { name, texts } of secrets) {
      expect([
        name,
        texts.flatMap((text) => haystacks.filter(({ bytes }) => bytes.includes(text)).map((found) => found.name)),
      ]).toEqual([name, []]);
    }
  });
}

/** Says the canary in confidential fields of accepted commands and messages; gives the tokens it was said with. */
async function sayConfidentially(run: StoryRun): Promise<readonly string[]> {
  const { platform, keys, world, bus } = run;
  const requisitioner = await tokenOf(platform, principalOf(keys, 'requisitioner'));
  const itemManager = await tokenOf(platform, principalOf(keys, 'itemManager'));
  const withToken = (token: string) => ({ tokenSource: { token: () => Promise.resolve(token), forget: () => undefined } });
  const requisitions = createClient(
    procurementV1.RequisitionService,
    platform.addresses.procurement.grpc,
    withToken(requisitioner),
  );
  const stock = createClient(inventoryV1.StockService, platform.addresses.inventory.grpc, withToken(itemManager));
  try {
    const said = {
      documentNumber: REQUISITION,
      nsn: FACTS.nsn,
      quantity: 1n,
      unitOfIssue: 'EA',
      priority: '05',
      requiredDelivery: '320',
    };
    await requisitions.submitRequisition({ context: commandContext(), ...said, supplySource: FACTS.ric, justification: CANARY });
    await registerPlainItem(run);
    const entry = { ric: FACTS.ric, nsn: PLAIN_NSN, quantity: 1n };
    const wrong = await world.as('clerk').stock.postReceipt({
      context: commandContext(),
      ...entry,
      ...{ documentIdentifier: 'D6', documentNumber: 'W99DP163110066', condition: 'A', unitOfIssue: 'EA' },
    });
    const [recorded] = wrong.outcome?.recorded ?? [];
    const original = { position: recorded?.position, recordDigest: recorded?.recordDigest };
    await stock.reverseTransaction({ context: commandContext(), ...entry, original, reason: CANARY });
  } finally {
    requisitions.close();
    stock.close();
  }
  if (ROW === undefined) throw new Error('the sample holds no shipment');
  const key = `${ROW.shipment?.documentNumber.slice(0, 6) ?? ''}93648888`;
  const data = { ...requisitionData(key, ROW), justification: CANARY };
  const signer = { kid: ERP.id, privateKey: keys.privateKey(ERP.id) };
  const draft = { topic: REQUISITION_TOPIC, key, data };
  await bus.publish(`${platform.namespace.topic}${REQUISITION_TOPIC}`, [
    binaryMessage({ ...draft, id: randomUUID() }, signer),
    binaryMessage({ ...draft, id: randomUUID(), data: { ...data, quantity: 0 } }, signer),
  ]);
  const numbered = { case: 'numbered', value: { documentNumber: key, year: 2019 } } as const;
  await until('the requisition', () => world.as('contractingOfficer').requisitions.getRequisition({ key: numbered }));
  return [requisitioner, itemManager];
}

/** Says the canary where it is refused: in fields, as command id and as token. Gives all that the refusals said. */
async function sayWrongly({ platform, keys }: StoryRun): Promise<string> {
  const authorization = `Bearer ${await tokenOf(platform, principalOf(keys, 'clerk'))}`;
  const path = '/countersign.inventory.v1.StockService/PostReceipt';
  const answers = await Promise.all([
    rawCall(platform.addresses.inventory.grpc, path, receipt({ nsn: CANARY.slice(0, 16), piid: CANARY }), { authorization }),
    rawCall(platform.addresses.inventory.grpc, path, receipt({ context: { commandId: CANARY } }), { authorization }),
    rawCall(platform.addresses.inventory.grpc, path, receipt(), { authorization: `Bearer ${CANARY}.${CANARY}.${CANARY}` }),
    rawCall(platform.addresses.inventory.grpc, `/${CANARY}/${CANARY}`, receipt(), { authorization }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([
    'INVALID_ARGUMENT',
    'INVALID_ARGUMENT',
    'UNAUTHENTICATED',
    'UNIMPLEMENTED',
  ]);
  return JSON.stringify(answers);
}

/** The private parts of all key files, in the shapes in which they could be printed. */
function keyFiles({ platform }: StoryRun): readonly { readonly name: string; readonly texts: readonly string[] }[] {
  const folder = platform.parts.layout.keys;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(pem|key)$/.test(name) && !name.includes('public') && statSync(path.join(folder, name)).isFile())
    .map((name) => {
      const bytes = readFileSync(path.join(folder, name));
      const pem = /-----\n(.+?)\n-----/s.exec(bytes.toString('latin1'))?.[1]?.replaceAll('\n', '');
      const secret = pem === undefined ? bytes : Buffer.from(pem, 'base64').subarray(-32);
      return {
        name,
        texts: [secret.toString('hex'), secret.toString('base64').slice(0, 42), secret.toString('base64url').slice(0, 42)],
      };
    });
}
