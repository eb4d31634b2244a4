import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { vectorFiles, vectorText } from './vector-files.js';

const folder = join(import.meta.dirname, '../../../../vectors');
const files = Object.entries(vectorFiles());

describe('golden vectors', () => {
  it.each(files)('%s.json is what this code makes', (name, content) => {
    expect(vectorText(content)).toBe(readFileSync(join(folder, `${name}.json`), 'utf8'));
  });

  it('are the same every time', () => {
    expect(vectorText(vectorFiles())).toBe(vectorText(Object.fromEntries(files)));
  });
});
