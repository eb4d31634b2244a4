import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { refusalOf } from './corruption.builders.js';
import { privateKeyFromSeed, rawPublicKey } from './ed25519.js';
import { openNote, parseNote, signatureLine, signNote } from './note.js';
import { isKeyName, keyId, noteKey, parseVerifierKey, verifierKey } from './verifier-key.js';

interface NoteVectors {
  readonly keys: readonly { name: string; seed: string; publicKey: string; verifierKey: string }[];
  readonly checkpoints: readonly { origin: string; size: number; root: string; body: string; note: string }[];
  readonly cosigned: string;
  readonly foreign: { note: string; origin: string; size: number; root: string; keyId: string };
  readonly refusedCheckpoints: readonly { name: string; body: string }[];
  readonly refusedNotes: readonly { name: string; note: string }[];
}

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../../vectors/notes.json'), 'utf8')) as NoteVectors;
const [logVector, cosignerVector] = vectors.keys;
const logKey = parseVerifierKey(logVector!.verifierKey);
const cosignerKey = parseVerifierKey(cosignerVector!.verifierKey);
const privateKey = privateKeyFromSeed(Buffer.from(logVector!.seed, 'hex'));
const note = vectors.checkpoints.at(-1)!.note;

/** Whether whoever pins the log's key alone can rely on nothing but the original text. */
function isRefused(text: string): boolean {
  const code = refusalOf(() => openCheckpoint(text, logKey));
  return code === 'NOTE_MALFORMED' || code === 'SIGNATURE_INVALID';
}

describe('verifier keys', () => {
  it.each(vectors.keys)('have the text of the vectors: $name', (vector) => {
    const publicKey = rawPublicKey(privateKeyFromSeed(Buffer.from(vector.seed, 'hex')));
    expect(publicKey.toString('hex')).toBe(vector.publicKey);
    expect(verifierKey(vector.name, publicKey)).toBe(vector.verifierKey);
    const pinned = parseVerifierKey(vector.verifierKey);
    expect(pinned).toMatchObject({ name: vector.name, id: keyId(vector.name, publicKey) });
    expect(pinned.raw).toEqual(publicKey);
  });

  it('are refused with any character changed', () => {
    const text = logVector!.verifierKey;
    for (const [at, character] of [...text].entries()) {
      const other = `${text.slice(0, at)}${character === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;
      expect(refusalOf(() => parseVerifierKey(other))).toBe('KEY_REFUSED');
    }
    for (const other of ['', '+', 'a+b+c', text.slice(0, -1), `${text}=`, ` ${text}`, text.toUpperCase()]) {
      expect(refusalOf(() => parseVerifierKey(other))).toBe('KEY_REFUSED');
    }
  });

  it('have names without plus, space or control character', () => {
    expect(isKeyName('countersign.example/identity')).toBe(true);
    for (const name of ['', 'a b', 'a+b', 'a\nb', 'ä', 'x'.repeat(256)]) {
      expect(isKeyName(name)).toBe(false);
      expect(refusalOf(() => noteKey(name, logKey.raw))).toBe('KEY_REFUSED');
    }
  });
});

describe('signature lines of others', () => {
  const named = (character: string): string => `${vectors.checkpoints[1]?.note ?? ''}— a${character}b ${'A'.repeat(8)}\n`;

  it.each(['\0', '\u001f', '\u0085', '\u00a0', '\u1680', '\u2003', '\u2028', '\u3000', '+'])(
    'hold no %j in their name',
    (character) => {
      expect(refusalOf(() => openNote(named(character), [logKey]))).toBe('NOTE_MALFORMED');
    },
  );

  it.each(['\u007f', '\u180e', '\u200b', '\ufeff', 'é', '😀'])('may hold %j in their name', (character) => {
    expect(openNote(named(character), [logKey]).signatures).toHaveLength(2);
  });
});

describe('checkpoints', () => {
  it.each(vectors.checkpoints)('are those of the vectors at size $size', ({ origin, size, root, body, note: signed }) => {
    const checkpoint = { origin, size, root: Buffer.from(root, 'hex') };
    expect(formatCheckpoint(checkpoint)).toBe(body);
    expect(parseCheckpoint(body)).toEqual(checkpoint);
    expect(signCheckpoint(checkpoint, privateKey)).toBe(signed);
    expect(openCheckpoint(signed, logKey)).toMatchObject({ ...checkpoint, signatures: [{ name: origin, verified: true }] });
  });

  it.each(vectors.refusedCheckpoints)('are refused: $name', ({ body }) => {
    expect(refusalOf(() => parseCheckpoint(body))).toBe('NOTE_MALFORMED');
    const signed = refusalOf(() => signNote(body, { name: logKey.name, privateKey })) === undefined;
    if (signed) expect(isRefused(signNote(body, { name: logKey.name, privateKey }))).toBe(true);
  });

  it('are refused with any bit turned', () => {
    const bytes = Buffer.from(note);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const copy = Buffer.from(bytes);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      expect(isRefused(copy.toString())).toBe(true);
    }
  });

  it('are refused with any character left out or doubled', () => {
    for (let at = 0; at < note.length; at += 1) {
      expect(isRefused(note.slice(0, at) + note.slice(at + 1))).toBe(true);
      expect(isRefused(note.slice(0, at) + note.charAt(at) + note.slice(at))).toBe(true);
    }
  });

  it('of another log are refused, whoever signed', () => {
    const foreign = formatCheckpoint({ origin: 'elsewhere.example/log', size: 1, root: Buffer.alloc(32) });
    expect(refusalOf(() => openCheckpoint(signNote(foreign, { name: logKey.name, privateKey }), logKey))).toBe(
      'SIGNATURE_INVALID',
    );
    const underOwnName = signNote(foreign, { name: 'elsewhere.example/log', privateKey });
    expect(refusalOf(() => openCheckpoint(underOwnName, logKey))).toBe('SIGNATURE_INVALID');
  });

  it('need the log itself, not a cosigner only', () => {
    const cosigner = { name: cosignerKey.name, privateKey: privateKeyFromSeed(Buffer.from(cosignerVector!.seed, 'hex')) };
    const alone = signNote(vectors.checkpoints[1]!.body, cosigner);
    expect(refusalOf(() => openCheckpoint(alone, logKey, [cosignerKey]))).toBe('SIGNATURE_INVALID');
    const both = openCheckpoint(vectors.cosigned, logKey, [cosignerKey]);
    expect(both.signatures.map(({ verified }) => verified)).toEqual([true, true]);
  });
});

describe('notes', () => {
  it('list signatures of keys that are not pinned, without relying on them', () => {
    expect(openNote(vectors.cosigned, [logKey]).signatures.map(({ verified }) => verified)).toEqual([true, false]);
    expect(openNote(vectors.cosigned, [cosignerKey]).signatures.map(({ verified }) => verified)).toEqual([false, true]);
    expect(refusalOf(() => openNote(vectors.cosigned, []))).toBe('SIGNATURE_INVALID');
  });

  it('take the sample of the C2SP specification apart', () => {
    const { body, signatures } = parseNote(vectors.foreign.note);
    expect(parseCheckpoint(body)).toEqual({
      origin: vectors.foreign.origin,
      size: vectors.foreign.size,
      root: Buffer.from(vectors.foreign.root, 'hex'),
    });
    expect(signatures).toHaveLength(1);
    expect(signatures[0]!.keyId.toString(16).padStart(8, '0')).toBe(vectors.foreign.keyId);
    expect(signatures[0]!.signature).toHaveLength(64);
  });

  it.each(vectors.refusedNotes)('are refused: $name', ({ note: text }) => {
    expect(isRefused(text)).toBe(true);
    expect(refusalOf(() => parseNote(text))).toBe('NOTE_MALFORMED');
  });

  it('fail as a whole by the bad signature of one pinned key', () => {
    const body = vectors.checkpoints.at(-1)!.body;
    const stolen = signatureLine('another text\n', {
      name: cosignerKey.name,
      privateKey: privateKeyFromSeed(Buffer.from(cosignerVector!.seed, 'hex')),
    });
    const spoilt = note + stolen;
    expect(refusalOf(() => openNote(spoilt, [logKey, cosignerKey]))).toBe('SIGNATURE_INVALID');
    expect(openNote(spoilt, [logKey]).body).toBe(body);
  });

  it('are refused when a pinned key signs twice', () => {
    const line = signatureLine(vectors.checkpoints.at(-1)!.body, { name: logKey.name, privateKey });
    expect(refusalOf(() => openNote(note + line, [logKey]))).toBe('NOTE_MALFORMED');
  });

  it('ignore a known name with another key id, and a known id under another name', () => {
    const [body, line] = note.split('\n\n');
    const bytes = Buffer.from(line!.trimEnd().split(' ')[2]!, 'base64');
    bytes[0]! ^= 1;
    const otherId = `${body}\n\n— ${logKey.name} ${bytes.toString('base64')}\n`;
    expect(refusalOf(() => openNote(otherId, [logKey]))).toBe('SIGNATURE_INVALID');
    expect(openNote(`${note}${otherId.split('\n\n')[1]}`, [logKey]).signatures.map(({ verified }) => verified)).toEqual([
      true,
      false,
    ]);
    expect(refusalOf(() => openNote(note.replace(`— ${logKey.name}`, '— someone'), [logKey]))).toBe('SIGNATURE_INVALID');
  });

  it('may hold empty lines; the last one separates', () => {
    const body = 'a\n\nb\n';
    expect(openNote(signNote(body, { name: logKey.name, privateKey }), [logKey]).body).toBe(body);
  });

  it('carry any text without control characters, and give it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const body = `${text}\n`;
        // oxlint-disable-next-line no-control-regex -- exactly the characters that C2SP signed-note excludes
        const allowed = !/[\u0000-\u0009\u000b-\u001f\u007f]/.test(body) && body.isWellFormed();
        const code = refusalOf(() => signNote(body, { name: logKey.name, privateKey }));
        expect(code).toBe(allowed ? undefined : 'NOTE_MALFORMED');
        if (allowed) expect(openNote(signNote(body, { name: logKey.name, privateKey }), [logKey]).body).toBe(body);
      }),
    );
  });

  it('have limits', () => {
    const line = note.split('\n\n')[1]!;
    expect(refusalOf(() => parseNote(`a\n\n${line.repeat(101)}`))).toBe('NOTE_MALFORMED');
    expect(refusalOf(() => parseNote(`${'a'.repeat(1_000_000)}\n\n${line}`))).toBe('NOTE_MALFORMED');
    expect(refusalOf(() => signNote('no newline', { name: logKey.name, privateKey }))).toBe('NOTE_MALFORMED');
  });
});
