import { describe, expect, it } from '@jest/globals';
import type { DomainEvent, EventSchema, StreamDefinition, Upcaster } from '@countersign/kernel';
import { eventsOf } from './events-of.js';
import { createMemoryJournal, type MemoryJournal } from './memory/memory-journal.js';
import { envelopeOf } from './parcel-fixture.js';
import { requireIntact } from './row-opening.js';
import { createMemoryUnitKeys } from './unit-keys.js';

type Definition = StreamDefinition<readonly DomainEvent[], DomainEvent>;
type Schemas = Readonly<Record<string, EventSchema>>;

const LOAD = { group: 'load' } as const;
const DRIVER = { group: 'driver', erasable: true } as const;

/** A build of the service: its events are known by what they fold to. */
function build(schemas: Schemas, ...upcasters: Upcaster[]): Definition {
  return { category: 'truck', initial: [], evolve: (seen, event) => [...seen, event], schemas, upcasters, links: () => [] };
}

const V1: EventSchema = { type: 'countersign.test.TruckWeighed.v1', fields: { plate: 'public', weight: LOAD, driver: DRIVER } };
const V2: EventSchema = {
  type: 'countersign.test.TruckWeighed.v2',
  fields: { plate: 'public', weight: LOAD, unit: LOAD, driver: DRIVER },
};
const GROSS: EventSchema = {
  type: 'countersign.test.GrossWeighed.v1',
  fields: { plate: 'public', kilograms: LOAD, driver: DRIVER },
};
const TARE: EventSchema = { type: 'countersign.test.TareWeighed.v1', fields: { plate: 'public', kilograms: LOAD } };

const TO_V2: Upcaster = { schema: V1, upcast: (data) => [{ type: V2.type, data: { ...data, unit: 'lb' } }] };
const SPLIT: Upcaster = {
  schema: V2,
  upcast: ({ plate = '', weight }) => [
    { type: GROSS.type, data: { plate, kilograms: Math.round(Number(weight) * 0.45359237) } },
    { type: TARE.type, data: { plate, kilograms: 7_000 } },
  ],
};

const FIRST = build({ TruckWeighed: V1 });
const SECOND = build({ TruckWeighed: V2 }, TO_V2);
const THIRD = build({ GrossWeighed: GROSS, TareWeighed: TARE }, TO_V2, SPLIT);

describe('A stream of several versions', () => {
  const unitKeys = createMemoryUnitKeys();
  let journal: MemoryJournal = createMemoryJournal({ unitKeys });

  const write = async (definition: Definition, type: string, data: object): Promise<void> => {
    await journal.execute(envelopeOf(), async (unit) => (await unit.open(definition, 'T-1')).append({ type, data }));
  };
  const read = (definition: Definition): Promise<readonly DomainEvent[] | undefined> => journal.another().read(definition, 'T-1');
  const refusal = (code: string, context: object): object => expect.objectContaining({ code, detail: { context } });
  const written = async (): Promise<void> => {
    journal = createMemoryJournal({ unitKeys });
    await write(FIRST, 'TruckWeighed', { plate: 'P', weight: 88_000, driver: 'somebody' });
    await write(SECOND, 'TruckWeighed', { plate: 'P', weight: 20_000, unit: 'kg', driver: 'somebody' });
  };

  it('folds in the words of the newest, through chains, renames and splits', async () => {
    await written();
    expect(await read(SECOND)).toEqual([
      { type: 'TruckWeighed', data: { plate: 'P', weight: 88_000, unit: 'lb' } },
      { type: 'TruckWeighed', data: { plate: 'P', weight: 20_000, unit: 'kg' } },
    ]);
    expect((await read(THIRD))?.map(({ type, data }) => [type, data])).toEqual([
      ['GrossWeighed', { plate: 'P', kilograms: 39_916 }],
      ['TareWeighed', { plate: 'P', kilograms: 7_000 }],
      ['GrossWeighed', { plate: 'P', kilograms: 9_072 }],
      ['TareWeighed', { plate: 'P', kilograms: 7_000 }],
    ]);
  });

  it('is written in the newest version, and its old bytes stay as they are', async () => {
    await written();
    const before = await journal.readStreamRows('truck/T-1');
    await write(THIRD, 'TareWeighed', { plate: 'P', kilograms: 7_100 });
    const after = await journal.readStreamRows('truck/T-1');
    expect(after.slice(0, 2)).toEqual(before);
    expect(after.map(({ type }) => type)).toEqual([V1.type, V2.type, TARE.type]);
    for (const row of await journal.openRows(after)) requireIntact(row);
  });

  it('never shows an erasable field to a decision, in whatever version it was', async () => {
    await written();
    const [row] = await journal.openRows(await journal.readStreamRows('truck/T-1'));
    expect(row?.data).toHaveProperty('driver');
    for (const definition of [FIRST, SECOND, THIRD])
      expect(eventsOf(definition, row!).map(({ data }) => Object.keys(data))).not.toContain('driver');
  });

  it('stops an older build, which names the record, and appends nothing', async () => {
    await written();
    const context = { category: 'truck', streamId: 'truck/T-1', sequence: '1', type: V2.type };
    const size = await journal.size();
    await expect(read(FIRST)).rejects.toEqual(refusal('EVENT_TYPE_UNKNOWN', context));
    await expect(write(FIRST, 'TruckWeighed', { plate: 'P' })).rejects.toEqual(refusal('EVENT_TYPE_UNKNOWN', context));
    expect(await journal.size()).toBe(size);
  });

  it.each<[string, EventSchema['fields'], string]>([
    ['a public field that the version does not have', { ...V1.fields, axles: 'public' }, 'axles'],
    ['a confidential one', { ...V1.fields, axles: LOAD }, 'axles'],
    ['one that stands in another group', { ...V1.fields, weight: { group: 'other' } }, 'weight'],
    ['one that was to be confidential', { ...V1.fields, weight: 'public' }, 'weight'],
  ])('stops at %s', async (_case, fields, field) => {
    journal = createMemoryJournal({ unitKeys });
    const wrong = build({ TruckWeighed: { type: V1.type, fields } });
    await write(wrong, 'TruckWeighed', { plate: 'P', weight: 1, axles: 3, ...(fields['axles'] ? {} : { axles: undefined }) });
    const context = { streamId: 'truck/T-1', sequence: '0', type: V1.type, field };
    for (const definition of [FIRST, SECOND, THIRD])
      await expect(read(definition)).rejects.toEqual(refusal('EVENT_FIELD_UNKNOWN', context));
  });

  it.each<[string, Upcaster]>([
    ['to a version that nobody knows', { schema: V1, upcast: (data) => [{ type: GROSS.type, data }] }],
    ['to a field that nobody knows', { schema: V1, upcast: (data) => [{ type: V2.type, data: { ...data, pounds: 1 } }] }],
  ])('is not read through an upcaster %s', async (_case, upcaster) => {
    await written();
    await expect(read(build({ TruckWeighed: V2 }, upcaster))).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('cannot have two schemas of one type', async () => {
    await expect(read(build({ TruckWeighed: V1 }, TO_V2))).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
