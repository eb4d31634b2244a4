import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '../topics.js';

const root = join(import.meta.dirname, '../../../..');
const TOPICS_FILE = 'libs/kafka/src/topics.ts';
const ORDER_SCHEMA = 'libs/kafka/schemas/in.procurement.order.v1.json';

/** Without what a Git hook sets, so that nothing here reaches the repository that the tests run in. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-clone-'));
  for (const path of [TOPICS_FILE, 'libs/kafka/schemas']) cpSync(join(root, path), join(folder, path), { recursive: true });
  git('init', '--quiet');
  commit();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@countersign.example', '-c', 'commit.gpgsign=false'];
  const { status, stderr } = spawnSync('git', [...identity, ...args], { cwd: folder, env, encoding: 'utf8' });
  expect([args[0], status, stderr]).toEqual([args[0], 0, '']);
}

function commit(): void {
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', 'change');
}

function edit(path: string, from: string, to: string): void {
  const text = readFileSync(join(folder, path), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(folder, path), text.replace(from, to));
}

function check(): { readonly code: number | null; readonly lines: readonly string[] } {
  const script = join(root, 'scripts/schema-compatibility.mjs');
  const { status, stdout } = spawnSync(process.execPath, [script, folder], { env, encoding: 'utf8' });
  return { code: status, lines: stdout.trim().split('\n') };
}

describe('npm run schemas:check', () => {
  it('is skipped, and says so, where there is nothing to compare with', () => {
    expect(check()).toEqual({ code: 0, lines: ['message contracts: skipped, there is no earlier version to compare with'] });
  });

  it('passes what breaks nobody', () => {
    commit();
    edit(ORDER_SCHEMA, '"maxItems": 500', '"maxItems": 1000');
    expect(check()).toMatchObject({ code: 0, lines: [expect.stringMatching(/: ok$/)] });
  });

  it('names a topic whose partitions changed and a field that became narrower since the previous commit', () => {
    commit();
    edit(TOPICS_FILE, 'partitions: 1 }', 'partitions: 2 }');
    edit(ORDER_SCHEMA, '"maxItems": 500', '"maxItems": 10');
    const { code, lines } = check();
    expect(code).toBe(1);
    expect(lines).toContain(`${TOPICS.inventoryLeaves.name}: partitions was 1 and is 2`);
    expect(lines).toContain('in.procurement.order.v1: lines has the narrower maxItems 10');
  });

  it('compares with the latest release, however many commits ago', () => {
    git('tag', 'v0.1.0');
    edit(ORDER_SCHEMA, '"piid", "supplier"', '"piid", "note", "supplier"');
    commit();
    commit();
    const { code, lines } = check();
    expect([code, lines[0]]).toEqual([1, 'in.procurement.order.v1: note must be given']);
    expect(lines.at(-1)).toContain('against v0.1.0: FAILED');
  });
});
