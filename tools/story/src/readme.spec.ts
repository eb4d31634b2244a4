import { describe, expect, it } from '@jest/globals';
import { readDocument, shellLines } from './testing/readme-commands.js';

const { scripts } = JSON.parse(readDocument('package.json')) as { scripts: Readonly<Record<string, string>> };
const CLI = readDocument('tools', 'cli', 'src', 'main.ts');
const README = readDocument('README.md');
const CODE = [...shellLines(README), ...[...README.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '')];

function mentioned(pattern: RegExp): readonly string[] {
  return [...new Set(CODE.flatMap((code) => [...code.matchAll(pattern)].map(([, name]) => name ?? '')))].toSorted();
}

describe('the README', () => {
  it('names only npm scripts that exist', () => {
    const run = mentioned(/\bnpm run ([\w:-]+)/g);
    expect(run.length).toBeGreaterThan(3);
    expect(run.filter((name) => !(name in scripts))).toEqual([]);
    for (const name of mentioned(/\bnpm (start|test)\b/g)) expect(scripts).toHaveProperty(name);
  });

  it('names only commands of countersign that exist, each of them', () => {
    const offered = [...CLI.matchAll(/(?:\.command|online)\('(\w+)'/g)].map(([, name]) => name).toSorted();
    expect(mentioned(/\bnpx countersign (\w+)/g)).toEqual(offered);
  });

  it('names only options of npm start that exist', () => {
    const offered = readDocument('tools', 'story', 'src', 'options.ts');
    const options = mentioned(/^(?:npm start -- )?(--[a-z-]+)/g).filter((option) => option !== '--help');
    expect(options.length).toBeGreaterThan(2);
    expect(options.filter((option) => !offered.includes(option))).toEqual([]);
  });

  it('links only to files that exist', async () => {
    const { existsSync } = await import('node:fs');
    const { REPOSITORY_ROOT } = await import('@countersign/stack');
    const links = [...README.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => target ?? '');
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((target) => !existsSync(`${REPOSITORY_ROOT}${target}`))).toEqual([]);
  });
});
