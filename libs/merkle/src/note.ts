import type { KeyObject } from 'node:crypto';
import { DomainError } from '@countersign/kernel';
import { verifyCosignature } from './cosignature.js';
import { rawPublicKey, signEd25519, verifyEd25519 } from './ed25519.js';
import { decodeBase64 } from './encoding.js';
import { formatSignatureLine } from './signature-line.js';
import { KEY_ID_SIZE, keyId, requireName, type CosignerKey, type NoteKey } from './verifier-key.js';

/** Both as in Go's reference implementation: beyond them a note is refused unread. */
const NOTE_BYTES_MAX = 1_000_000;
const SIGNATURES_MAX = 100;
/** Others may use names beyond our ASCII: no Unicode space, no plus (C2SP signed-note). */
// C2SP signed-note: a name holds no Unicode space and no plus. `\s` is another set: it has U+FEFF and lacks U+0085.
// eslint-disable-next-line no-control-regex -- C2SP signed-note: no ASCII control character but newline
const SIGNATURE_LINE = /^— ([^\p{White_Space}+\u0000-\u001f]+) ([A-Za-z0-9+/]+={0,2})$/u;

export interface NoteSigner {
  readonly name: string;
  /** Ed25519. */
  readonly privateKey: KeyObject;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  /** Whatever follows the key id; 64 bytes for Ed25519, 72 for a cosignature. */
  readonly signature: Buffer;
}

export interface CheckedSignature extends NoteSignature {
  /** True: checked with the pinned key of this name and id. False: no such key is pinned; NOT_CHECKED, it counts for nothing. */
  readonly verified: boolean;
  /** When a verified cosignature says it was made, seconds since the epoch; absent for every other line. */
  readonly time?: number;
}

export interface OpenedNote {
  readonly body: string;
  /** In the order of the note. */
  readonly signatures: readonly CheckedSignature[];
}

/**
 * Signs a text as a C2SP signed note. Signing again with further signers adds lines: pass the note's body and join `signatureLine`s.
 *
 * @param body ends with a newline, holds no other control character
 * @throws DomainError NOTE_MALFORMED, KEY_REFUSED
 */
export function signNote(body: string, ...signers: readonly NoteSigner[]): string {
  requireBody(body);
  return `${body}\n${signers.map((signer) => signatureLine(body, signer)).join('')}`;
}

/** One signature line over the body, with its newline. */
export function signatureLine(body: string, { name, privateKey }: NoteSigner): string {
  requireName(name);
  return formatSignatureLine(name, keyId(name, rawPublicKey(privateKey)), signEd25519(privateKey, Buffer.from(body)));
}

/**
 * Splits a note without checking any signature; for code that only carries notes. To rely on one, use `openNote`.
 *
 * @throws DomainError NOTE_MALFORMED
 */
export function parseNote(text: string): { readonly body: string; readonly signatures: readonly NoteSignature[] } {
  if (Buffer.byteLength(text) > NOTE_BYTES_MAX) throw malformed('is too large');
  const split = text.lastIndexOf('\n\n');
  if (split < 0) throw malformed('an empty line separates text and signatures');
  const body = text.slice(0, split + 1);
  requireBody(body);
  const lines = text.slice(split + 2).split('\n');
  if (lines.pop() !== '') throw malformed('must end with a newline');
  if (lines.length === 0 || lines.length > SIGNATURES_MAX) throw malformed(`must have 1 to ${SIGNATURES_MAX} signatures`);
  return { body, signatures: lines.map(parseSignatureLine) };
}

/**
 * Opens a note with the verifier's own keys. Lines of other keys come back unverified; a pinned key's bad signature refuses the
 * whole note, and so does a second line of the same pinned key.
 *
 * @throws DomainError NOTE_MALFORMED; SIGNATURE_INVALID if a pinned key's signature is bad or no pinned key signed
 */
export function openNote(text: string, pinnedKeys: readonly (NoteKey | CosignerKey)[]): OpenedNote {
  const { body, signatures } = parseNote(text);
  const seen = new Set<NoteKey | CosignerKey>();
  const checked = signatures.map((line): CheckedSignature => {
    const key = pinnedKeys.find(({ name, id }) => name === line.name && id === line.keyId);
    if (key === undefined) return { ...line, verified: false };
    if (seen.has(key)) throw malformed('a key signs once');
    seen.add(key);
    return check(line, key, body);
  });
  if (seen.size === 0) throw signatureInvalid('no pinned key signed');
  return { body, signatures: checked };
}

function check(line: NoteSignature, key: NoteKey | CosignerKey, body: string): CheckedSignature {
  if (key.type === 'cosignature') {
    const time = verifyCosignature(key, body, line.signature);
    if (time !== undefined) return { ...line, verified: true, time };
  } else if (verifyEd25519(key, Buffer.from(body), line.signature)) {
    return { ...line, verified: true };
  }
  throw signatureInvalid('a pinned key did not sign this text');
}

/**
 * Takes one signature line apart, without its newline; for code that collects lines of others.
 *
 * @throws DomainError NOTE_MALFORMED
 */
export function parseSignatureLine(line: string): NoteSignature {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === undefined || encoded === undefined) throw malformed('a signature line is “— <name> <base64>”');
  const bytes = decodeBase64(encoded, 'signature', 'NOTE_MALFORMED');
  if (bytes.length <= KEY_ID_SIZE) throw malformed('a signature line holds a key id and a signature');
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(KEY_ID_SIZE) };
}

function requireBody(body: string): void {
  if (!body.endsWith('\n')) throw malformed('the text ends with a newline');
  // eslint-disable-next-line no-control-regex -- C2SP signed-note: no ASCII control character but newline
  if (/[\u0000-\u0009\u000b-\u001f\u007f]/.test(body) || !body.isWellFormed())
    throw malformed('the text holds a forbidden character');
}

function malformed(rule: string): DomainError {
  return new DomainError('NOTE_MALFORMED', { field: 'note', rule });
}

function signatureInvalid(rule: string): DomainError {
  return new DomainError('SIGNATURE_INVALID', { field: 'note', rule });
}
