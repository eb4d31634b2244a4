import { describe, expect, it } from '@jest/globals';
import { sealBundle } from './bundle-file.js';
import type { Bundle } from './bundle.js';
import { AT, buildEvidence } from './evidence.builders.js';
import type { VerificationReport } from './report.js';
import { Unreadable } from './unreadable.js';
import { verifyBundle } from './verify-bundle.js';

/** Any text of a bundle changed, any element of a list taken out, any optional member left out, and sealed again. */

type Place = readonly (string | number)[];
type Holder = Record<string | number, unknown>;

const { bundle, trust } = buildEvidence();
const trustBytes = Buffer.from(JSON.stringify(trust));
const honest = verifyBundle(sealBundle(bundle), trustBytes, { at: AT });

function verify(change: (copy: unknown) => void): VerificationReport | undefined {
  const copy: unknown = JSON.parse(JSON.stringify(bundle));
  change(copy);
  try {
    return verifyBundle(sealBundle(copy as Bundle), trustBytes, { at: AT });
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function placesOf(value: unknown, place: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [place];
  const steps: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [...(place.length === 0 ? [] : [place]), ...steps.flatMap(([step, member]) => placesOf(member, [...place, step]))];
}

function holderOf(root: unknown, place: Place): Holder {
  return place.slice(0, -1).reduce((value, step) => value[step] as Holder, root as Holder);
}

const nameOf = (place: Place): string => place.filter((step) => typeof step === 'string').join('.');

describe('evidence', () => {
  it('holds no text that can be changed, but what is said to be a label or an assertion', () => {
    const texts = placesOf(bundle).filter((place) => typeof holderOf(bundle, place)[place.at(-1)!] === 'string');
    const free = texts.filter((place) => {
      const report = verify((copy) => {
        const holder = holderOf(copy, place);
        holder[place.at(-1)!] = turned(holder[place.at(-1)!] as string);
      });
      return report?.holds === true;
    });
    expect(texts.length).toBeGreaterThan(130);
    expect(new Set(free.map(nameOf))).toEqual(new Set(['item.kind', 'item.value', 'streams.records.anchoredTime']));
  });

  it('says less, never the same, once any part of it is left out', () => {
    const proven = (report: VerificationReport): number =>
      report.checks.filter(({ id, result }) => result === 'PASS' && id !== 'bundle-seal').length;
    const unnoticed = placesOf(bundle).filter((place) => {
      const last = place.at(-1)!;
      const report = verify((copy) => {
        const holder = holderOf(copy, place);
        if (Array.isArray(holder)) holder.splice(last as number, 1);
        else delete holder[last];
      });
      return report?.holds === true && proven(report) >= proven(honest);
    });
    // What was redacted has a check of its own that says so; a proof that nobody asked for proves nothing.
    const disclosures = unnoticed.filter((place) => place.includes('disclosures'));
    const names = new Set(unnoticed.filter((place) => !disclosures.includes(place)).map(nameOf));
    expect(names).toEqual(new Set(['streams.records.anchoredTime']));
    for (const place of disclosures) {
      const report = verify((copy) => (holderOf(copy, place) as unknown as unknown[]).splice(place.at(-1) as number, 1));
      expect(report!.notChecked).toBeGreaterThanOrEqual(honest.notChecked);
      expect(withheldIn(report!)).toBe(withheldIn(honest) + 1);
    }
  });

  it('is refused after any single bit of the file is changed', () => {
    const bytes = sealBundle(bundle);
    for (let at = 0; at < bytes.length; at += 37) {
      const mutated = Buffer.from(bytes);
      mutated[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      let holds = false;
      try {
        holds = verifyBundle(mutated, trustBytes, { at: AT }).holds;
      } catch (error) {
        expect(error).toBeInstanceOf(Unreadable);
      }
      if (holds) throw new Error(`byte ${at} changed and the bundle still holds`);
    }
  });
});

function withheldIn({ records }: VerificationReport): number {
  return records.reduce((sum, { withheld }) => sum + withheld, 0);
}

/** Another text of the same kind: a base64 stays one, a time and a number too. */
function turned(text: string): string {
  return text.replace(/[0-9A-Za-z]/, (first) =>
    first === '1' ? '2' : /\d/.test(first) ? '1' : first === 'b' ? 'c' : first < 'a' ? 'B' : 'b',
  );
}
