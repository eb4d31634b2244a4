import { declaredDefinitions, openGoldenRecords } from '@countersign/event-log';
import { describe, expect, it } from '@jest/globals';
import { GOLDEN_RECORDS } from './testing/golden-records.js';

const golden = await openGoldenRecords(GOLDEN_RECORDS);

describe('The golden records of inventory', () => {
  it('are of every stream there is', async () => {
    expect(Object.keys(GOLDEN_RECORDS.definitions).sort()).toEqual(await declaredDefinitions(import.meta.dirname));
  });

  it('are there for every version that was ever published, and no version has changed or gone', () => {
    const { missing, changed, orphaned } = golden;
    expect({ missing, changed, orphaned }).toEqual({ missing: [], changed: [], orphaned: [] });
  });

  it.each(golden.types)('hold %s, which verifies, opens and folds', async (type) => {
    const record = golden.record(type);
    const { opened, digest, leaf, events, state, stateWhenErased } = await golden.read(record);
    expect({ digest, leaf }).toEqual({ digest: record.record.digest, leaf: record.record.leaf });
    expect(opened).toMatchObject({ data: record.data, withheld: [], missing: [] });
    expect({ events, state }).toEqual(golden.expected(record));
    expect(stateWhenErased).toEqual(state);
  });
});
