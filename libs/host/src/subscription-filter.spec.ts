import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { evidenceV1 } from '@countersign/proto';
import { describe, expect, it } from '@jest/globals';

import { recordFilter } from './subscription-filter.js';

type Filter = MessageInitShape<typeof evidenceV1.SubscriptionFilterSchema>;

const filterOf = (filter: Filter): ReturnType<typeof recordFilter> =>
  recordFilter(create(evidenceV1.SubscriptionFilterSchema, filter));
const ROWS = [
  ['order/W1', 'countersign.procurement.OrderPlaced.v1'],
  ['order/W1', 'countersign.procurement.OrderPlaced.v2'],
  ['order/W2', 'countersign.procurement.OrderPlacedAgain.v1'],
  ['agreement/order/W1', 'countersign.procurement.AgreementSigned.v1'],
  ['log/countersign.example/procurement', 'countersign.log.LogOpened.v1'],
] as const;
const matched = (filter: Filter): number[] =>
  ROWS.flatMap(([streamId, type], index) => (filterOf(filter).matches({ streamId, type }) ? [index] : []));

describe('a filter', () => {
  it.each<[string, Filter, number[]]>([
    ['that is empty takes everything', {}, [0, 1, 2, 3, 4]],
    ['takes a category as the whole first part of a stream id', { categories: ['order'] }, [0, 1, 2]],
    ['takes a type in one version', { types: ['countersign.procurement.OrderPlaced.v1'] }, [0]],
    ['takes a type in every version', { types: ['countersign.procurement.OrderPlaced'] }, [0, 1]],
    ['takes any member of a list', { categories: ['log', 'agreement'] }, [3, 4]],
    ['takes whole stream ids', { streamIds: ['order/W1', 'order/W'] }, [0, 1]],
    ['wants every list to match', { categories: ['agreement'], streamIds: ['order/W1'] }, []],
    ['takes nothing that does not exist', { types: ['countersign.procurement.Nothing'] }, []],
  ])('%s', (_name, filter, indexes) => {
    expect(matched(filter)).toEqual(indexes);
  });

  it('is the same in any order, and another one for another meaning', () => {
    const text = (filter: Filter): string => filterOf(filter).text;
    const key = (value: string): { kind: string; value: string } => ({ kind: 'piid', value });
    expect(text({ categories: ['b', 'a', 'b'], naturalKeys: [key('1'), key('2')] })).toBe(
      text({ categories: ['a', 'b'], naturalKeys: [key('2'), key('1'), key('1')] }),
    );
    expect(recordFilter(undefined).text).toBe(text({}));
    const others: Filter[] = [{ types: ['a'] }, { streamIds: ['a'] }, { naturalKeys: [key('a')] }, { categories: ['a,b'] }, {}];
    expect(new Set([{ categories: ['a'] }, { categories: ['a', 'b'] }, ...others].map(text)).size).toBe(7);
  });

  it('takes keys that name a thing, and no others', () => {
    expect(filterOf({ naturalKeys: [{ kind: 'uii', value: 'U' }] }).naturalKeys).toEqual([{ kind: 'uii', value: 'U' }]);
    expect(() =>
      filterOf({
        naturalKeys: [
          { kind: 'uii', value: 'U' },
          { kind: 'nsn', value: 'N' },
        ],
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'CODE_UNKNOWN',
        detail: expect.objectContaining({ field: 'filter.natural_keys[1].kind' }),
      }),
    );
  });
});
