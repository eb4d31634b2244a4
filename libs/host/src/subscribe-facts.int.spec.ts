import {
  createLogDataSource,
  createMemoryJournal,
  createMemoryUnitKeys,
  type LogRow,
  type MemoryJournal,
  type MemoryUnitKeys,
} from '@countersign/event-log';
import {
  createFakeBus,
  deadLetterTopic,
  DISCLOSURES_HEADER,
  ensureTopics,
  kafkaRelaySink,
  TOPICS,
  type Consumption,
  type FakeBus,
  type IncomingMessage,
} from '@countersign/kafka';
import type { Actor, DomainEvent, StreamDefinition } from '@countersign/kernel';
import { silentLogger } from '@countersign/observability';
import { createTestDatabase, eventually, type TestDatabase } from '@countersign/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';

import { IGNORED } from './fact-lanes.js';
import type { Fact } from './fact.js';
import { runMigrations } from './run-migrations.js';
import { createSubscriber, type FactSubscription, type SubscribeEvents, type SubscriberOptions } from './subscribe-facts.js';

const ACTOR: Actor = {
  principalId: 'service-inventory',
  pseudonym: 'p',
  organisationId: 'operator',
  actingFor: 'W25G1V',
  nation: 'USA',
  roles: ['service'],
};
const NOTED = 'countersign.procurement.OrderNoted.v1';
const TOPIC = TOPICS.procurementOrder.name;

type OrderEvent = DomainEvent<'OrderNoted', { note: string }> | DomainEvent<'OrderFiled'>;

type Order = StreamDefinition<number, OrderEvent>;

const ORDER: Order = {
  category: 'order',
  initial: 0,
  evolve: (count) => count + 1,
  schemas: {
    OrderNoted: { type: NOTED, fields: { note: { group: 'terms' } } },
    OrderFiled: { type: 'countersign.procurement.OrderFiled.v1', fields: {} },
  },
  links: () => [],
};

describe('a subscription to facts', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let unitKeys: MemoryUnitKeys;
  let source: MemoryJournal;
  let bus: FakeBus;
  let subscribe: SubscribeEvents;
  let consumption: Consumption | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    await runMigrations({ ownerUrl: database.ownerUrl, appRole: database.appRole });
    dataSource = await createLogDataSource({ url: database.appUrl, applicationName: 'test' }).initialize();
  }, 30_000);

  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  beforeEach(async () => {
    unitKeys = createMemoryUnitKeys();
    source = createMemoryJournal({ unitKeys });
    bus = createFakeBus();
    await ensureTopics(bus);
    subscribe = createSubscriber(options());
  });
  const options = (): SubscriberOptions => ({
    serviceName: 'inventory',
    topicPrefix: '',
    bus,
    dataSource,
    unitKeys,
    actor: () => Promise.resolve(ACTOR),
    logger: silentLogger,
  });

  afterEach(async () => {
    await consumption?.stop();
    await bus.close();
  });

  let commands = 0;
  /** Records in the source's log and gives the rows, as its relay would read them. */
  const record = async (key: string, ...given: (OrderEvent | Order)[]): Promise<readonly LogRow[]> => {
    const [definition = ORDER] = given.filter((order): order is Order => 'schemas' in order);
    const events = given.filter((event): event is OrderEvent => !('schemas' in event));
    commands += 1;
    const envelope = {
      commandId: `c-${commands}`,
      actor: ACTOR,
      eventTime: '2026-11-01T08:00:00Z',
      correlationId: `corr-${commands}-long`,
      request: Buffer.from(String(commands)),
    };
    const { recorded } = await source.execute(envelope, async (unit) => (await unit.open(definition, key)).append(...events));
    return source.readLog(recorded[0]!.position, recorded.length);
  };
  const noted = (note: string): OrderEvent => ({ type: 'OrderNoted', data: { note } });
  const filed: OrderEvent = { type: 'OrderFiled', data: {} };
  const publish = (rows: readonly LogRow[]): Promise<void> =>
    kafkaRelaySink({ bus, logIdentity: source.identity, serviceName: 'procurement' }).publish(rows);
  const start = async (subscription: Omit<FactSubscription, 'topics'>): Promise<void> => {
    consumption = await subscribe({ topics: [TOPIC], ...subscription });
  };
  const deadLetters = (count: number): Promise<readonly IncomingMessage[]> =>
    eventually(() => {
      const buried = bus.records(deadLetterTopic(TOPIC));
      expect(buried).toHaveLength(count);
      return buried;
    });
  const reasonOf = ({ headers }: IncomingMessage): string | undefined => headers.get('x-reason')?.[0]?.toString();

  it('opens a fact and gives its effect an envelope that names it', async () => {
    const facts: Fact[] = [];
    await start({ on: { [NOTED]: async (fact) => (facts.push(fact), IGNORED) } });
    const rows = await record('one', noted('confidential'));
    await publish(rows);
    await eventually(() => expect(facts).toHaveLength(1));
    expect(facts[0]).toMatchObject({
      data: { note: 'confidential' },
      withheld: [],
      inbox: { source: source.identity.origin, subject: 'order/one', sequence: 0n, eventId: rows[0]!.eventId },
      envelope: {
        commandId: rows[0]!.eventId,
        causationId: rows[0]!.eventId,
        correlationId: `corr-${commands}-long`,
        actor: ACTOR,
      },
    });
  });

  it('takes a fact into a read model once, however often it comes', async () => {
    const notes: unknown[] = [];
    await start({ project: { [NOTED]: async ({ data }) => void notes.push(data['note']) } });
    const first = await record('two', filed, noted('a'));
    await publish(first);
    await publish(first);
    await publish(await record('two', noted('b')));
    await eventually(() => expect(notes).toEqual(['a', 'b']));
  });

  it('takes it again if the transaction failed', async () => {
    const notes: unknown[] = [];
    let failures = 1;
    const project = {
      [NOTED]: async ({ data }: Fact): Promise<void> => {
        if (failures-- > 0) throw new Error('the database is gone');
        notes.push(data['note']);
      },
    };
    await start({ project });
    await publish(await record('three', noted('a')));
    await eventually(() => expect(notes).toEqual(['a']));
  });

  it('waits for a fact that was overtaken', async () => {
    const notes: unknown[] = [];
    await start({ project: { [NOTED]: async ({ data }) => void notes.push(data['note']) } });
    const early = await record('four', noted('first'));
    const late = await record('four', noted('second'));
    const neighbour = await record('five', noted('neighbour'));
    const asMessages = async (rows: readonly LogRow[]): Promise<void> => publish(rows);
    await asMessages(late);
    await asMessages(neighbour);
    await eventually(() => expect(notes).toEqual(['neighbour']));
    await asMessages(early);
    await eventually(() => expect(notes).toEqual(['neighbour', 'first', 'second']));
  });

  it('buries what is no fact, with the reason, while neighbours go on', async () => {
    const notes: unknown[] = [];
    await start({ project: { [NOTED]: async ({ data }) => void notes.push(data['note']) } });
    const [row] = await record('six', noted('altered'));
    const header = JSON.parse(Buffer.from(row!.header).toString()) as Record<string, unknown>;
    const message = (
      value: string | Uint8Array,
      disclosures: Uint8Array = row!.disclosures,
    ): Parameters<FakeBus['publish']>[1][number] => ({
      key: `k${Math.random()}`,
      value: Buffer.from(value),
      headers: { [DISCLOSURES_HEADER]: Buffer.from(disclosures) },
    });
    const forged = Buffer.from(row!.disclosures);
    forged.writeUInt8(forged.at(-1)! ^ 1, forged.length - 1);
    await bus.publish(TOPIC, [
      message('no json'),
      message(JSON.stringify({ ...header, extra: 'x' })),
      message(row!.header, forged),
    ]);
    await publish(await record('seven', noted('neighbour')));
    await eventually(() => expect(notes).toEqual(['neighbour']));
    const buried = await deadLetters(3);
    expect(buried.map(reasonOf)).toEqual(expect.arrayContaining(['DOMAIN_REJECTED', 'SCHEMA_INVALID', 'SCHEMA_INVALID']));
  });

  /** Order notes as a later build of procurement writes them. */
  const NOTED_V2 = 'countersign.procurement.OrderNoted.v2';
  const LATER_ORDER = {
    ...ORDER,
    schemas: {
      ...ORDER.schemas,
      OrderNoted: { type: NOTED_V2, fields: { note: { group: 'terms' }, language: { group: 'terms' } } },
    },
    upcasters: [
      { schema: ORDER.schemas.OrderNoted, upcast: (data) => [{ type: NOTED_V2, data: { ...data, language: 'unknown' } }] },
    ],
  } as const satisfies StreamDefinition<number, OrderEvent>;
  const notedLater = { type: 'OrderNoted', data: { note: 'b', language: 'de' } } as const;

  it('takes every version of a fact as the newest, and leaves the record as it is', async () => {
    const facts: Fact[] = [];
    const project = { [NOTED_V2]: async (fact: Fact): Promise<void> => void facts.push(fact) };
    await start({ project, upcasters: LATER_ORDER.upcasters });
    const rows = [...(await record('nine', noted('a'))), ...(await record('nine', LATER_ORDER, notedLater))];
    await publish(rows);
    await eventually(() => expect(facts).toHaveLength(2));
    expect(facts.map(({ data }) => data)).toEqual([{ note: 'a', language: 'unknown' }, notedLater.data]);
    expect(facts.map(({ record: bytes }) => Buffer.from(bytes))).toEqual(rows.map(({ header }) => Buffer.from(header)));
  });

  it('holds a stream back at a version that it does not know, loses nothing, and goes on once it does', async () => {
    const notes: unknown[] = [];
    const reading = async ({ data }: Fact): Promise<void> => void notes.push(data);
    await start({ project: { [NOTED]: reading } });
    await publish(await record('ten', noted('a')));
    await publish(await record('ten', LATER_ORDER, notedLater));
    await publish(await record('eleven', noted('neighbour')));
    // In either order: they are of two partitions.
    await eventually(() => expect(notes).toHaveLength(2));
    expect(notes).toEqual(expect.arrayContaining([{ note: 'a' }, { note: 'neighbour' }]));
    await consumption?.stop();
    subscribe = createSubscriber(options());
    await start({ project: { [NOTED_V2]: reading }, upcasters: LATER_ORDER.upcasters });
    await eventually(() => expect(notes.slice(2)).toEqual([notedLater.data]));
    expect(bus.records(deadLetterTopic(TOPIC))).toEqual([]);
  });

  it('gives what it holds no key for as withheld', async () => {
    const facts: Fact[] = [];
    await start({ on: { [NOTED]: async (fact) => (facts.push(fact), IGNORED) } });
    const rows = await record('eight', noted('erased'));
    const { withheld } = await source.openRow(rows[0]!);
    expect(withheld).toEqual([]);
    destroyAll();
    await publish(rows);
    await eventually(() => expect(facts).toHaveLength(1));
    expect(facts[0]).toMatchObject({ data: {}, withheld: [expect.stringMatching(/^[\w-]{43}$/)] });
  });

  it('is the only one of its service to a topic', async () => {
    await start({ on: {} });
    await expect(subscribe({ name: 'other', topics: [TOPIC] })).rejects.toThrow('in another subscription');
    await expect(
      subscribe({
        topics: [TOPICS.procurementAgreement.name],
        on: { x: async () => IGNORED },
        project: { x: async () => undefined },
      }),
    ).rejects.toThrow('a reaction and a projection');
  });

  /** Forgets every key, as identity does on erasure. */
  function destroyAll(): void {
    unitKeys.get = () => Promise.resolve(new Map());
  }
});
