import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.js';

describe('options', () => {
  it('are quick, a table, all goals by default', () => {
    expect(parseOptions([])).toEqual({ mode: 'quick', json: false, only: [] });
  });

  it('take goals by any case, separated or repeated', () => {
    expect(parseOptions(['--only', 'p1, P2', '--only=conflicts'])).toMatchObject({ only: ['P1', 'P2', 'conflicts'] });
  });

  it('take a mode, rounds, a form and a place', () => {
    expect(parseOptions(['--full', '--json', '--rounds', '7', '--out', 'somewhere'])).toEqual({
      mode: 'full',
      json: true,
      only: [],
      rounds: 7,
      out: path.resolve(process.env['INIT_CWD'] ?? '.', 'somewhere'),
    });
  });

  it('ask for help', () => {
    expect(parseOptions(['--help', '--full'])).toBe('help');
  });

  it.each([
    [['--only', 'P99']],
    [['--only', '']],
    [['--rounds', '0']],
    [['--rounds', 'many']],
    [['--rounds', '1.5']],
    [['--fast']],
    [['P1']],
  ])('refuse %o', (args) => {
    expect(refusalOf(args)).toBe('TypeError');
  });
});

/** By name: Node's own errors come from another realm than the test's. */
function refusalOf(args: readonly string[]): string {
  try {
    parseOptions(args);
    return 'taken';
  } catch (error) {
    return (error as Error).name;
  }
}
