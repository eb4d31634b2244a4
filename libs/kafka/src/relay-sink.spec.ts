import { describe, expect, it } from '@jest/globals';
import type { DomainError } from '@countersign/kernel';
import { pinPublicKey, privateKeyFromSeed, rawPublicKey } from '@countersign/merkle';
import { encodeEntry, parseLeavesMessage, verifyLeavesMessage } from '@countersign/record';
import { createFakeBus, type FakeBus } from './fake-bus.js';
import { DISCLOSURES_HEADER, kafkaRelaySink, type RelayRow } from './relay-sink.js';
import { ensureTopics, TOPICS } from './topics.js';

const leavesKey = privateKeyFromSeed(Buffer.alloc(32, 3));
const publicKey = pinPublicKey(rawPublicKey(leavesKey));
const logId = Buffer.alloc(32, 9);
const logIdentity = { logId, leavesKey };

function row(position: number, streamId = `stock/Z9D/${position}`): RelayRow {
  const itemKey = Buffer.alloc(32, position % 250);
  const entry = encodeEntry({ itemKey, sequence: 0n, recordDigest: Buffer.alloc(32, 1) });
  return {
    position: BigInt(position),
    streamId,
    type: 'countersign.inventory.StockReceived.v1',
    header: Buffer.from(`{"n":${position}}`),
    entry,
    disclosures: Buffer.from([1, position % 250]),
  };
}

async function prepared(): Promise<FakeBus> {
  const bus = createFakeBus();
  await ensureTopics(bus, 'run1.');
  return bus;
}

describe('The relay sink', () => {
  it('publishes the header bytes as they are, under the item key, with the disclosures beside them', async () => {
    const bus = await prepared();
    await kafkaRelaySink({ bus, logIdentity, serviceName: 'inventory', topicPrefix: 'run1.' }).publish([
      row(7),
      { ...row(8, 'due-in/W99/SER0001'), disclosures: Buffer.alloc(0) },
    ]);
    const [stock] = bus.records(`run1.${TOPICS.inventoryStock.name}`);
    expect(stock?.key?.toString()).toBe('07'.repeat(32));
    expect(stock?.value?.toString()).toBe('{"n":7}');
    expect(stock?.headers.get('content-type')?.[0]?.toString()).toBe('application/cloudevents+json; charset=UTF-8');
    expect(stock?.headers.get(DISCLOSURES_HEADER)).toEqual([Buffer.from([1, 7])]);
    const [dueIn] = bus.records(`run1.${TOPICS.inventoryDueIn.name}`);
    expect(dueIn?.headers.has(DISCLOSURES_HEADER)).toBe(false);
  });

  it('signs the entries as messages of at most 1,000 consecutive leaves', async () => {
    const bus = await prepared();
    const rows = Array.from({ length: 2_050 }, (_, index) => row(100 + index));
    await kafkaRelaySink({ bus, logIdentity, serviceName: 'inventory', topicPrefix: 'run1.' }).publish(rows);
    const messages = bus
      .records(`run1.${TOPICS.inventoryLeaves.name}`)
      .map(({ value }) => parseLeavesMessage(value ?? Buffer.alloc(0)));
    expect(messages.map(({ firstPosition, entries }) => [firstPosition, entries.length])).toEqual([
      [100n, 1_000],
      [1_100n, 1_000],
      [2_100n, 50],
    ]);
    for (const message of messages) verifyLeavesMessage(message, { logId, publicKey });
    expect(messages.flatMap(({ entries }) => entries.map((entry) => entry.toString('hex')))).toEqual(
      rows.map(({ entry }) => Buffer.from(entry).toString('hex')),
    );
  });

  it('refuses to sign positions that are not consecutive', async () => {
    const bus = await prepared();
    const sink = kafkaRelaySink({ bus, logIdentity, serviceName: 'inventory', topicPrefix: 'run1.' });
    await expect(sink.publish([row(1), row(3)])).rejects.toMatchObject({ code: 'INTERNAL' } satisfies Partial<DomainError>);
    expect(bus.records(`run1.${TOPICS.inventoryLeaves.name}`)).toEqual([]);
  });

  it('publishes what the service maps to out topics, and fails as a whole', async () => {
    const bus = await prepared();
    const sink = kafkaRelaySink({
      bus,
      logIdentity,
      serviceName: 'procurement',
      topicPrefix: 'run1.',
      outMapper: (rows) =>
        Promise.resolve([
          {
            topic: TOPICS.outPaymentTrigger.name,
            messages: rows.map(({ position }) => ({ key: 'k', value: Buffer.from(String(position)) })),
          },
        ]),
    });
    const orders = [row(0, 'order/W99CT126C0017'), row(1, 'order/W99CT126C0017')];
    bus.failPublications(1, 'before');
    await expect(sink.publish(orders)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    await sink.publish(orders);
    expect(bus.records(`run1.${TOPICS.outPaymentTrigger.name}`).map(({ value }) => value?.toString())).toEqual(['0', '1']);
  });

  it('publishes nothing for nothing', async () => {
    const bus = await prepared();
    bus.failPublications(1, 'before');
    await kafkaRelaySink({ bus, logIdentity, serviceName: 'inventory' }).publish([]);
  });
});
