import type { operationsV1 } from '@countersign/proto';
import { describe, expect, it } from '@jest/globals';
import { comparisonTable, progressLine, projectionTable } from './projection-tables.js';

const projection = (fields: object): operationsV1.Projection & { service: string } => fields as never;
const progress = (fields: object): operationsV1.Progress => ({ done: 0n, total: 0n, phase: '', ...fields }) as never;
const comparison = (fields: object): operationsV1.Comparison => ({ differing: 0n, differences: [], ...fields }) as never;

describe('read models on a terminal', () => {
  it('are listed with what stops them', () => {
    const stopped = projection({
      ...{ name: 'stock-on-hand', version: 2, liveVersion: 1, position: 5n, head: 9n, lag: 4n },
      ...{ service: 'inventory', state: 'stopped', failure: 'EVENT_TYPE_UNKNOWN' },
    });
    const text = projectionTable([stopped]);
    expect(text).toMatch(/inventory +stock-on-hand +1 \(of 2\) +5 +9 +4 +stopped: EVENT_TYPE_UNKNOWN/);
  });

  it('tell how far work on them is', () => {
    const half = progress({ phase: 'building', done: 50n, total: 200n, eventsPerSecond: 7n, failure: '' });
    expect(progressLine('stock-on-hand', half)).toBe('stock-on-hand: building 50 / 200 records (25 %), 7/s');
    expect(progressLine('x', progress({ failure: 'INTERNAL' }))).toContain('stopped: INTERNAL');
  });

  it('are compared row by row, and nothing of it acts on the terminal', () => {
    expect(comparisonTable('inventory stock', comparison({ position: 9n, rows: 3n }))).toBe(
      'inventory stock: 3 rows hold against 9 records of the log',
    );
    const columns = [{ column: 'on_hand', live: '51', rebuilt: '61' }];
    const differences = [
      { table: 'stock.balance', key: 'Z9D\u001b[2K/A', kind: 'changed', columns },
      { table: 'stock.balance', key: 'Z9E/A', kind: 'missing', columns: [{ column: 'on_hand', rebuilt: '4' }] },
    ];
    const text = comparisonTable('inventory stock', comparison({ position: 9n, rows: 3n, differing: 5n, differences }));
    expect(text).toMatch(/Z9D\\u\{1b\}\[2K\/A +changed +on_hand +51 +61/);
    expect(text).toMatch(/Z9E\/A +missing +on_hand +- +4/);
    expect(text).toContain('… and 3 more');
    expect(text).toMatch(/DOES NOT HOLD: 5 of 3 rows differ from 9 records of the log$/);
    expect(text).not.toContain('\u001b');
  });
});
