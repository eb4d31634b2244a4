import { describe, expect, it } from '@jest/globals';
import { counts } from '../measurement.js';
import { measurementOfQuarter, type QuarterFigures } from './quarter.js';

const PLAYED: QuarterFigures = {
  rows: 12_409,
  accepted: 12_096,
  quarantined: 313,
  events: 29_609,
  rowsPerSecond: 800,
  anchoredSeconds: 15.5,
  quietSeconds: 16,
  processorTime: { procurement: 9, inventory: 8 },
  sumsAgree: true,
  holds: true,
  resumed: false,
};

describe('the quarter as a measurement', () => {
  it('counts rows and keeps processor time by process', () => {
    const measurement = measurementOfQuarter('quarter', PLAYED);
    expect(measurement).toMatchObject({ eventsPerSecond: 800, cpuSeconds: { procurement: 9, inventory: 8 }, lost: 0 });
    expect(counts(measurement)).toBe(true);
  });

  it.each([{ holds: false }, { sumsAgree: false }, { resumed: true }, { accepted: 12_095 }])('has no number if %j', (change) => {
    expect(counts(measurementOfQuarter('quarter', { ...PLAYED, ...change }))).toBe(false);
  });
});
