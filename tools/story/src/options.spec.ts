import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.js';

const before = process.env['INIT_CWD'];

afterEach(() => {
  if (before === undefined) delete process.env['INIT_CWD'];
  else process.env['INIT_CWD'] = before;
});

describe('the options of npm start', () => {
  it('tell the story and stay up when there are none', () => {
    expect(parseOptions([])).toEqual({ once: false, json: false, story: true, quarter: false });
  });

  it('are what was asked for', () => {
    expect(parseOptions(['--once', '--json', '--no-story'])).toEqual({ once: true, json: true, story: false, quarter: false });
    expect(parseOptions(['--once', '--help'])).toBe('help');
  });

  it('play the quarter alone, with profiles', () => {
    process.env['INIT_CWD'] = path.resolve('/somewhere');
    const profile = path.resolve('/somewhere/profiles');
    expect(parseOptions(['--quarter', '--profile', 'profiles'])).toMatchObject({ quarter: true, profile });
  });

  it('take a folder from where the person stands, not from where npm runs', () => {
    process.env['INIT_CWD'] = path.resolve('/somewhere');
    expect(parseOptions(['--out', 'out'])).toMatchObject({ out: path.resolve('/somewhere/out') });
    expect(parseOptions(['--out', path.resolve('/else/out')])).toMatchObject({ out: path.resolve('/else/out') });
  });

  it.each([['--fast'], ['once'], ['--out'], ['--once', 'extra'], ['--once=yes']])('refuse %p', (...args) => {
    expect(() => parseOptions(args)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_PARSE_ARGS_/) }));
  });
});
