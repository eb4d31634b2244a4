import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventSchema, StreamDefinition } from '@countersign/kernel';
import { PARCEL, type ParcelEvent, type ParcelState } from '../parcel-fixture.js';
import { declaredDefinitions, goldenSamples, openGoldenRecords, type GoldenRecords } from './golden-records.js';

const PACKED = 'countersign.test.ParcelPacked.v1';
const TAKEN = 'countersign.test.PieceTaken.v1';
const TAKEN_V2: EventSchema = {
  type: 'countersign.test.PieceTaken.v2',
  fields: { pieces: 'public', nsn: { group: 'logistics' } },
};
const SAMPLES = goldenSamples(PARCEL, {
  ParcelPacked: { uii: 'D1SUP00000001', pieces: 10, contents: 'tools', signedBy: 'somebody' },
  PieceTaken: { pieces: 2, nsn: '5905007345199' },
});

/** The same streams, a release later. */
const LATER: StreamDefinition<ParcelState, ParcelEvent> = {
  ...PARCEL,
  schemas: { ...PARCEL.schemas, PieceTaken: TAKEN_V2 },
  upcasters: [{ schema: PARCEL.schemas.PieceTaken, upcast: (data) => [{ type: TAKEN_V2.type, data }] }],
};

describe('Golden records', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'golden-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (definition = PARCEL, samples = SAMPLES): Promise<GoldenRecords> =>
    openGoldenRecords({
      ...{ service: 'test', folder, definitions: { PARCEL: definition }, samples },
      upcasted: { [TAKEN]: [{ type: 'PieceTaken', data: { pieces: 2, nsn: '5905007345199' } }] },
    });
  const edit = async (type: string, change: object): Promise<void> => {
    const path = join(folder, `${type}.json`);
    await writeFile(path, JSON.stringify({ ...(JSON.parse(await readFile(path, 'utf8')) as object), ...change }));
  };

  it('are written where they are missing, and never over one that is there', async () => {
    expect((await open()).missing).toEqual([PACKED, TAKEN]);
    expect(await (await open()).writeMissing()).toEqual([PACKED, TAKEN]);
    const before = await readFile(join(folder, `${PACKED}.json`), 'utf8');
    expect(await (await open()).writeMissing()).toEqual([]);
    expect(await readFile(join(folder, `${PACKED}.json`), 'utf8')).toBe(before);
    // Somebody else's run came first.
    const late = await openGoldenRecords({
      service: 'test',
      folder: join(folder, 'absent'),
      definitions: { PARCEL },
      samples: SAMPLES,
    });
    await late.writeMissing();
    await expect(late.writeMissing()).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('are read, folded and compared, also of an earlier version', async () => {
    await (await open()).writeMissing();
    const golden = await open(LATER, { ...SAMPLES, [TAKEN_V2.type]: { pieces: 3 } });
    expect([golden.types, golden.missing]).toEqual([[PACKED, TAKEN, TAKEN_V2.type], [TAKEN_V2.type]]);
    await golden.writeMissing();
    for (const type of golden.types) {
      const again = await open(LATER);
      const { events, state, stateWhenErased, digest } = await again.read(again.record(type));
      expect({ events, state }).toEqual(again.expected(again.record(type)));
      expect([stateWhenErased, digest]).toEqual([state, again.record(type).record.digest]);
    }
  });

  it('tell of a schema that changed, and of a version that is gone', async () => {
    await (await open()).writeMissing();
    const { nsn: _nsn, ...fewer } = PARCEL.schemas.PieceTaken.fields;
    const changed = { ...PARCEL, schemas: { ...PARCEL.schemas, PieceTaken: { ...PARCEL.schemas.PieceTaken, fields: fewer } } };
    expect(await open(changed)).toMatchObject({ changed: [TAKEN], orphaned: [], missing: [] });
    const gone = { ...LATER, upcasters: [] };
    expect(await open(gone)).toMatchObject({ changed: [], orphaned: [TAKEN], missing: [TAKEN_V2.type] });
  });

  it.each<[string, object]>([
    ['bytes', { record: { header: '{}', digest: '', entry: '', leaf: '', disclosures: '' } }],
    ['keys', { unitKeys: [] }],
  ])('cannot be read with other %s', async (_case, change) => {
    await (await open()).writeMissing();
    await edit(PACKED, change);
    const golden = await open();
    await expect(golden.read(golden.record(PACKED))).rejects.toThrow();
  });

  it('need a sample, and for an earlier version what it says today', async () => {
    await expect((await open(PARCEL, {})).writeMissing()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await (await open()).writeMissing();
    const golden = await openGoldenRecords({ service: 'test', folder, definitions: { LATER }, samples: SAMPLES });
    expect(() => golden.expected(golden.record(TAKEN))).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(() => golden.record('countersign.test.Absent.v1')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('find the definitions that a folder declares', async () => {
    await writeFile(join(folder, 'one.ts'), 'export const ONE: StreamDefinition<State, Event> = {};\n');
    await writeFile(join(folder, 'one.spec.ts'), 'export const TWO: StreamDefinition<State, Event> = {};\n');
    expect([await declaredDefinitions(folder), (await readdir(folder)).length]).toEqual([['ONE'], 2]);
  });
});
