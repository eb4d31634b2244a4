import { deadLetterTopic, headerText, type IncomingMessage, type OutgoingMessage } from '@countersign/kafka';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ERP, PERSONS } from '../cast.js';
import { readTopic } from '../read-topic.js';
import { until } from '../until.js';
import { BAD_ORDERS, badRequisitions, requisitionData, type BadMessage, type Signers } from './bad-messages.js';
import { PLAIN_NSN } from './bad-requests.js';
import { binaryMessage, ORDER_TOPIC, orderData, REQUISITION_TOPIC, type Signer } from './erp-messages.js';
import { sampleRows } from './sample-rows.js';
import type { StoryRun } from './story-run.js';

/** Marks a message of this suite; dead letters keep every header they came with. */
const CASE_HEADER = 'x-e2e-case';
const LIMIT_MS = 60_000;
const ROW = sampleRows().find(({ shipment }) => shipment !== undefined);
if (ROW === undefined) throw new Error('the sample holds no shipment');
const DODAAC = ROW.shipment?.documentNumber.slice(0, 6) ?? '';

interface Case {
  readonly name: string;
  readonly expected: string;
  readonly bad: BadMessage;
  /** Record key of both messages, and what names the sound one. */
  readonly key: string;
}

const CASES: readonly Case[] = [
  ...BAD_ORDERS.map((bad, at) => ({ bad, key: `W99CT126C1${String(at + 100)}` })),
  ...badRequisitions(ROW).map((bad, at) => ({ bad, key: `${DODAAC}9364${String(at + 9000)}` })),
].map(({ bad, key }) => ({ name: bad.name, expected: bad.expected, bad, key }));

/** Bad input at the ERP's door: each message lands beside the topic with its reason, and the one behind it is worked on. */
export function erpInputSuite(run: () => StoryRun): void {
  let signers: Signers;
  const deadLetters = new Map<string, IncomingMessage>();
  const arrived = new Map<string, IncomingMessage>();

  const full = (topic: string): string => `${run().platform.namespace.topic}${topic}`;

  function soundMessage({ bad, key }: Case): OutgoingMessage {
    const data = bad.topic === ORDER_TOPIC ? orderData(key, PLAIN_NSN, 4) : requisitionData(key, ROW as NonNullable<typeof ROW>);
    return marked(binaryMessage({ topic: bad.topic, key, id: `sound-${key}`, data }, signers.erp), `sound ${key}`);
  }

  /** The organisation whose ERP signed sees what became of it. */
  function outcomeOf({ bad, key }: Case): Promise<object> {
    const { orders, requisitions } = run().world.as('contractingOfficer');
    return bad.topic === ORDER_TOPIC
      ? orders.getOrder({ piid: key })
      : requisitions.getRequisition({ key: { case: 'numbered', value: { documentNumber: key, year: 2019 } } });
  }

  beforeAll(async () => {
    signers = await enrolSigners(run());
    for (const topic of [ORDER_TOPIC, REQUISITION_TOPIC]) {
      const pairs = CASES.filter(({ bad }) => bad.topic === topic).flatMap((each) => [
        marked(each.bad.make(each.key, signers), each.key),
        soundMessage(each),
      ]);
      await run().bus.publish(full(topic), pairs);
    }
    await Promise.all(CASES.map((each) => until(`the sound message behind ${each.name}`, () => outcomeOf(each), LIMIT_MS)));
    for (const topic of [ORDER_TOPIC, REQUISITION_TOPIC]) {
      await collect(run(), full(topic), arrived);
      await collect(run(), deadLetterTopic(full(topic)), deadLetters);
    }
  }, LIMIT_MS);

  it.each(CASES)('puts $name aside: $expected', (each) => {
    const letter = deadLetters.get(each.key);
    const original = arrived.get(each.key);
    const text = (name: string): string => (letter === undefined ? '' : (headerText(letter.headers, name) ?? '-'));
    expect(['x-reason', 'x-reason-code', 'x-reason-field'].map(text).join(' ')).toBe(each.expected);
    expect([letter?.key, letter?.value]).toEqual([original?.key, original?.value]);
    expect([text('x-original-topic'), text('x-original-partition'), text('x-original-offset')]).toEqual([
      full(each.bad.topic),
      String(original?.partition),
      String(original?.offset),
    ]);
    expect(text('x-attempt')).toBe('1');
    // The sound message stood behind it in the same partition; that it was worked on was seen before.
    const behind = arrived.get(`sound ${each.key}`);
    expect(behind?.partition).toBe(original?.partition);
    expect(behind?.offset).toBeGreaterThan(original?.offset ?? 0n);
  });

  it('puts aside nothing that is sound', () => {
    expect([...deadLetters.keys()].filter((name) => name.startsWith('sound'))).toEqual([]);
    expect(deadLetters.size).toBe(CASES.length);
  });

  describe('of which something came before', () => {
    const key = 'W99CT126C1099';
    const send = (id: string, quantity: number): Promise<void> => {
      const data = orderData(key, PLAIN_NSN, quantity);
      const message = binaryMessage({ topic: ORDER_TOPIC, key, id, data }, signers.erp);
      return run().bus.publish(full(ORDER_TOPIC), [marked(message, `${id} ${quantity}`)]);
    };

    it('drops a repeat, refuses the same id with other content and the same order under another id', async () => {
      await send('e2e-order', 4);
      await send('e2e-order', 4);
      await send('e2e-order', 5);
      await send('e2e-order-2', 4);
      const found = await until('the dead letters', async () => {
        const letters = new Map<string, IncomingMessage>();
        await collect(run(), deadLetterTopic(full(ORDER_TOPIC)), letters);
        const ours = [...letters].filter(([name]) => name.startsWith('e2e-order'));
        return ours.length >= 2 ? ours : undefined;
      });
      expect(
        found.map(([name, { headers }]) => [name, headerText(headers, 'x-reason'), headerText(headers, 'x-reason-code')]),
      ).toEqual([
        ['e2e-order 5', 'DUPLICATE_CONFLICT', 'COMMAND_ID_REUSED'],
        ['e2e-order-2 4', 'DOMAIN_REJECTED', 'ORDER_EXISTS'],
      ]);
      const { lines } = await run().world.as('contractingOfficer').orders.getOrder({ piid: key });
      expect(lines.map(({ quantity }) => quantity)).toEqual([4n]);
    });
  });
}

function marked(message: OutgoingMessage, name: string): OutgoingMessage {
  return { ...message, headers: { ...message.headers, [CASE_HEADER]: name } };
}

/** Reads the messages of this suite, by their mark. */
async function collect({ bus }: StoryRun, topic: string, into: Map<string, IncomingMessage>): Promise<void> {
  await readTopic(bus, topic, (message) => {
    const name = headerText(message.headers, CASE_HEADER);
    if (name !== undefined) into.set(name, message);
  });
}

async function enrolSigners({ administrator, keys, world }: StoryRun): Promise<Signers> {
  const foreign = 'erp-deu';
  await administrator.principals.registerServicePrincipal({
    context: world.context('e2e-foreign-erp', '2026-08-01T00:00:00Z'),
    principalId: foreign,
    organisationId: 'supplier-deu',
    publicKey: keys.publicKey(foreign),
    roles: ['erp'],
    actingFor: 'D9X91',
  });
  const signer = (kid: string): Signer => ({ kid, privateKey: keys.privateKey(kid) });
  return { erp: signer(ERP.id), clerk: signer(PERSONS.clerk.id), foreignErp: signer(foreign) };
}
