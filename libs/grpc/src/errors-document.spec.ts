import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ERROR_CODES, type ErrorCode } from '@countersign/kernel';
import { status as Code } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';

import { KIND_STATUS } from './status.js';

interface Row {
  readonly kind: string;
  readonly status: string;
  readonly meaning: string;
  readonly whatToDo: string;
}

const text = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
const lines = text.split('\n').flatMap((line) => {
  const [, code, kind, status, meaning, whatToDo] = /^\| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \| (.*?) \|$/.exec(line) ?? [];
  return code === undefined ? [] : [[code, { kind, status, meaning, whatToDo } as Row] as const];
});
const documented = new Map(lines);
const codes = Object.keys(ERROR_CODES) as ErrorCode[];

/** Adding a code means adding its line: | `CODE` | kind | STATUS | meaning | what to do | */
describe('docs/errors.md', () => {
  it('lists exactly the error codes, each once', () => {
    expect(lines.map(([code]) => code).toSorted()).toEqual(codes.toSorted());
  });

  it.each(codes)('tells kind, status and meaning of %s as they are, and what to do', (code) => {
    const { kind, message } = ERROR_CODES[code];
    expect(documented.get(code)).toMatchObject({ kind, status: Code[KIND_STATUS[kind]], meaning: message });
    expect(documented.get(code)?.whatToDo).toMatch(/^[A-Z].{10,}\.$/);
  });

  it('has the table from kinds to statuses', () => {
    for (const [kind, status] of Object.entries(KIND_STATUS)) expect(text).toContain(`\n| ${kind} | ${Code[status]} |`);
  });
});
