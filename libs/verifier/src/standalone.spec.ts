import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** What a stranger has to read before he can rely on the verifier. */
const LINES_MAX = 1_500;

const libs = path.join(import.meta.dirname, '../..');
const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'/g;

/** Files of the import closure, and what it imports that is none of ours. Types are erased, so type imports are not followed. */
function closureOf(entry: string): { readonly files: ReadonlySet<string>; readonly foreign: ReadonlySet<string> } {
  const files = new Set<string>();
  const foreign = new Set<string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const [statement, from, bare, dynamic] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (/^\s*(?:import|export)\s+type\b/.test(statement)) continue;
      const name = from ?? bare ?? dynamic ?? '';
      const own = /^@countersign\/(kernel|merkle|record)$/.exec(name)?.[1];
      if (name.startsWith('.')) open.push(path.join(path.dirname(file), name.replace(/\.js$/, '.ts')));
      else if (own !== undefined) open.push(path.join(libs, own, 'src/index.ts'));
      else foreign.add(name);
    }
  }
  return { files, foreign };
}

describe('the verifier', () => {
  const { files, foreign } = closureOf(path.join(import.meta.dirname, 'verify-bundle.ts'));
  const signing = closureOf(path.join(import.meta.dirname, 'signed-report.ts'));

  it('runs on node and our own pure code alone', () => {
    expect(files.size).toBeGreaterThan(40);
    expect([...foreign, ...signing.foreign].filter((name) => name !== 'node:crypto')).toEqual([]);
    const { dependencies } = JSON.parse(readFileSync(path.join(libs, 'verifier/package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(dependencies)).toEqual(['@countersign/kernel', '@countersign/merkle', '@countersign/record']);
  });

  it('is short enough to be read', () => {
    const own = [...files, ...signing.files].filter((file) => path.dirname(file) === import.meta.dirname);
    const lines = [...new Set(own)].flatMap((file) => readFileSync(file, 'utf8').split('\n'));
    const code = lines.filter((line) => !/^\s*(?:$|\/\/|\/\*\*|\*)/.test(line));
    expect(code.length).toBeGreaterThan(LINES_MAX / 2);
    expect(code.length).toBeLessThan(LINES_MAX);
    // Nothing that runs hides in a file that only looks like a test.
    expect(own.every((file) => !/\.(?:spec|builders)\.ts$/.test(file))).toBe(true);
    expect(readdirSync(import.meta.dirname)).toContain('verify-bundle.ts');
  });
});
