import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { codeOf } from './corruption.builders.js';
import { CLASSIFICATIONS, formatLabel, isLabel, parseLabel, type Classification } from './label.js';
import type { LabelVectors } from './vectors/label-vectors.js';

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../../vectors/labels.json'), 'utf8')) as LabelVectors;
const trigraph = fc.stringMatching(/^[A-Z]{3}$/);

describe('labels', () => {
  it.each(vectors.accepted)('reads and writes $text', ({ text, ...label }) => {
    expect(parseLabel(text)).toEqual(label);
    expect(formatLabel(label)).toBe(text);
  });

  it.each(vectors.refused)('refuses %j', (text) => {
    expect(codeOf(() => parseLabel(text))).toBe('FIELD_INVALID');
    expect(isLabel(text)).toBe(false);
  });

  it('sorts nations and names each once', () => {
    const label = formatLabel({ classification: 'NATO RESTRICTED', releasableTo: ['USA', 'DEU', 'LTU', 'USA', 'NLD', 'POL'] });
    expect(label).toBe('NATO RESTRICTED REL TO DEU LTU NLD POL USA');
  });

  it('has one text whatever the order', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CLASSIFICATIONS),
        fc.uniqueArray(trigraph, { minLength: 1, maxLength: 8 }),
        (classification, nations) => {
          const text = formatLabel({ classification, releasableTo: nations });
          expect(formatLabel({ classification, releasableTo: nations.toReversed() })).toBe(text);
          expect(parseLabel(text)).toEqual({ classification, releasableTo: [...nations].sort() });
        },
      ),
    );
  });

  it.each([
    ['no nation', []],
    [
      'too many nations',
      Array.from({ length: 65 }, (_, index) => `A${String.fromCharCode(65 + (index % 26), 65 + Math.floor(index / 26))}`),
    ],
    ['a tetragraph', ['NATO']],
    ['lower case', ['usa']],
  ])('refuses %s', (_, releasableTo) => {
    expect(codeOf(() => formatLabel({ classification: 'UNCLASSIFIED', releasableTo }))).toBe('FIELD_INVALID');
  });

  it('refuses a classification that is not in the list', () => {
    expect(codeOf(() => formatLabel({ classification: 'SECRET' as Classification }))).toBe('FIELD_INVALID');
  });
});
