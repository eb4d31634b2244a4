import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openCheckpoint } from './checkpoint.js';
import { bitFlips, refusalOf } from './corruption.builders.js';
import { cosign, verifyCosignature } from './cosignature.js';
import { privateKeyFromSeed } from './ed25519.js';
import { parseNote } from './note.js';
import { cosignerKey, formatVerifierKey, keyId, parseCosignerKey, parseVerifierKey } from './verifier-key.js';

interface Note {
  readonly name: string;
  readonly logKey: string;
  readonly cosignerKeys: readonly string[];
  readonly note: string;
}
interface Vectors {
  readonly cosigners: readonly { name: string; seed: string; publicKey: string; verifierKey: string }[];
  readonly accepted: readonly (Note & { times: readonly (number | null)[] })[];
  readonly refused: readonly Note[];
  readonly refusedKeys: readonly { name: string; verifierKey: string }[];
}

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../../vectors/cosignatures.json'), 'utf8')) as Vectors;
const first = vectors.cosigners[0]!;
const cosigner = { name: first.name, privateKey: privateKeyFromSeed(Buffer.from(first.seed, 'hex')) };
const [note] = vectors.accepted;
const { body } = parseNote(note!.note);

function open({ note: text, logKey, cosignerKeys }: Note): ReturnType<typeof openCheckpoint> {
  return openCheckpoint(text, parseVerifierKey(logKey), cosignerKeys.map(parseCosignerKey));
}

describe('cosigner keys', () => {
  it.each(vectors.cosigners)('have the text of the vectors: $name', ({ name, publicKey, verifierKey }) => {
    const raw = Buffer.from(publicKey, 'hex');
    expect(formatVerifierKey(cosignerKey(name, raw))).toBe(verifierKey);
    expect(parseCosignerKey(verifierKey)).toMatchObject({ type: 'cosignature', name, id: keyId(name, raw, 'cosignature') });
    expect(refusalOf(() => parseVerifierKey(verifierKey))).toBe('KEY_REFUSED');
  });

  it.each(vectors.refusedKeys)('are refused: $name', ({ verifierKey }) => {
    expect(refusalOf(() => parseCosignerKey(verifierKey))).toBe('KEY_REFUSED');
  });

  it('are refused with any character changed', () => {
    for (const [at, character] of [...first.verifierKey].entries()) {
      const other = first.verifierKey.slice(0, at) + (character === 'a' ? 'b' : 'a') + first.verifierKey.slice(at + 1);
      expect(refusalOf(() => parseCosignerKey(other))).toBe('KEY_REFUSED');
    }
  });
});

describe('cosigned checkpoints', () => {
  it.each(vectors.accepted)('open with the times that were signed: $name', (vector) => {
    const { signatures } = open(vector);
    const times = vector.cosignerKeys.map(parseCosignerKey).map(({ name, id }) => {
      const line = signatures.find((each) => each.name === name && each.keyId === id);
      return line === undefined ? null : line.verified && line.time;
    });
    expect(times).toEqual(vector.times);
    // What no key was pinned for is listed and counts for nothing.
    const pinned = 1 + vector.times.filter((time) => time !== null).length;
    expect(signatures.filter(({ verified }) => verified)).toHaveLength(pinned);
  });

  it.each(vectors.refused)('are refused as a whole: $name', (vector) => {
    expect(['SIGNATURE_INVALID', 'NOTE_MALFORMED']).toContain(refusalOf(() => open(vector)));
  });

  it('open for whoever does not pin the cosigner whose line is bad', () => {
    const spoilt = vectors.refused.find(({ name }) => name === 'another time than was signed')!;
    expect(refusalOf(() => open(spoilt))).toBe('SIGNATURE_INVALID');
    expect(open({ ...spoilt, cosignerKeys: [] }).signatures.map(({ verified }) => verified)).toEqual([true, false]);
  });
});

describe('a cosignature', () => {
  const line = cosign(body, cosigner, 1_767_225_600);
  const signature = parseNote(`${body}\n${line}`).signatures[0]!.signature;
  const key = parseCosignerKey(first.verifierKey);

  it('is the line of the vectors', () => {
    expect(note!.note).toContain(line);
    expect(verifyCosignature(key, body, signature)).toBe(1_767_225_600);
  });

  it('holds with no bit turned and over no other text', () => {
    for (const other of bitFlips(signature)) expect(verifyCosignature(key, body, other)).toBeUndefined();
    for (const other of bitFlips(Buffer.from(body))) {
      expect(verifyCosignature(key, other.toString('latin1'), signature)).toBeUndefined();
    }
  });

  it('is not made for a time that is none', () => {
    for (const time of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(refusalOf(() => cosign(body, cosigner, time))).toBe('FIELD_INVALID');
    }
    expect(refusalOf(() => cosign(body, { ...cosigner, name: 'a b' }, 1))).toBe('KEY_REFUSED');
  });
});
