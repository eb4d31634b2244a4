import { describe, expect, it } from '@jest/globals';

import { pageOf, pageTerms } from './projection-page.js';

const rows = (...keys: string[]): { key: string }[] => keys.map((key) => ({ key }));

describe('pages of a read model', () => {
  it('lead from one to the next, and end', () => {
    const first = pageOf(rows('Z9D/1', 'Z9D/2', 'Z9D/ü'), { rowsMax: 2 });
    expect(first.rows).toEqual(rows('Z9D/1', 'Z9D/2'));
    expect(pageTerms({ pageSize: 2, pageToken: first.nextPageToken })).toEqual({ rowsMax: 2, after: 'Z9D/2' });
    expect(pageOf(rows('Z9D/ü'), { rowsMax: 2 })).toEqual({ rows: rows('Z9D/ü'), nextPageToken: '' });
    expect(pageOf(rows('1', '2'), { rowsMax: 2 }).nextPageToken).toBe('');
  });

  it('have a size within bounds', () => {
    const sizes = [0, 1, 5_000].map((pageSize) => pageTerms({ pageSize, pageToken: '' }).rowsMax);
    expect(sizes).toEqual([100, 1, 1_000]);
  });

  it.each(['%%%', 'AA', 'Zg=', '_w'])('do not begin at what is no token: %s', (pageToken) => {
    expect(() => pageTerms({ pageSize: 0, pageToken })).toThrow(expect.objectContaining({ code: 'FIELD_INVALID' }));
  });
});
