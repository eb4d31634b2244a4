import type { SeededRandom } from './seeded-random.js';

type Encoding = 'base64' | 'base64url' | 'hex';

/** Bytes in one of their texts; short words could be anything. */
const FORMS: readonly (readonly [Encoding, RegExp])[] = [
  ['hex', /^(?:[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128})$/],
  ['base64', /^(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$|^[A-Za-z0-9+/]{43}=$/],
  ['base64url', /^[A-Za-z0-9_-]{43,}$/],
];

/** The encoding of a text that stands for bytes; undefined for other texts. */
export function encodingOf(text: string): Encoding | undefined {
  return FORMS.find(([encoding, form]) => form.test(text) && Buffer.from(text, encoding).toString(encoding) === text)?.[0];
}

/** Other bytes in the same, well-formed text: what only a check of their meaning can refuse. */
export function mutateEncoded(text: string, encoding: Encoding, random: SeededRandom): string {
  const bytes = Buffer.from(text, encoding);
  const at = random.below(bytes.length);
  const changed = random.pick([
    () => bytes.fill((bytes[at] ?? 0) ^ (1 << random.below(8)), at, at + 1),
    () => bytes.fill((bytes[0] ?? 0) ^ (1 << random.below(3)), 0, 1),
    () => bytes.fill(0, at),
    () => bytes.reverse(),
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes, bytes.subarray(at)]),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1), Buffer.alloc(1)]),
  ])();
  return changed.toString(encoding);
}

/** Whole lines of a note or a policy: left out, repeated, swapped. */
export function mutateLines(text: string, random: SeededRandom): string {
  const lines = text.split('\n');
  const [one, other] = [random.below(lines.length), random.below(lines.length)];
  const swapped = [...lines];
  [swapped[one], swapped[other]] = [lines[other] ?? '', lines[one] ?? ''];
  return random
    .pick([
      lines.toSpliced(one, 1),
      lines.toSpliced(one, 1 + random.below(3)),
      lines.toSpliced(one, 0, lines[other] ?? ''),
      swapped,
    ])
    .join('\n');
}
