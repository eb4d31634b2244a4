import { DomainError } from '@countersign/kernel';
import { pinPublicKey, PUBLIC_KEY_SIZE, type PinnedPublicKey } from './ed25519.js';
import { decodeBase64 } from './encoding.js';
import { sha256 } from './sha256.js';

/** Signature type byte of plain Ed25519 (C2SP signed-note, "Signature types"). */
const TYPE_ED25519 = 0x01;
export const KEY_ID_SIZE = 4;

/** A key that notes are checked against: always the verifier's own, never taken from the note. */
export interface NoteKey extends PinnedPublicKey {
  readonly name: string;
  /** First 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key), as a number. */
  readonly id: number;
}

/** Whether a text can name a key or a log: not empty, visible ASCII, no `+` (C2SP signed-note, narrowed to ASCII). */
export function isKeyName(name: string): boolean {
  return name.length <= 255 && /^[!-*,-~]+$/.test(name);
}

/**
 * Pins a raw public key under a name.
 *
 * @throws DomainError KEY_REFUSED
 */
export function noteKey(name: string, publicKey: Uint8Array): NoteKey {
  requireName(name);
  return { name, id: keyId(name, publicKey), ...pinPublicKey(publicKey) };
}

/** The C2SP text of a verifier key (vkey): `<name>+<key id, 8 hex digits>+<base64 of type and public key>`. */
export function verifierKey(name: string, publicKey: Uint8Array): string {
  const { id, raw } = noteKey(name, publicKey);
  return `${name}+${id.toString(16).padStart(8, '0')}+${typed(raw).toString('base64')}`;
}

/**
 * Pins the key of a vkey text.
 *
 * @throws DomainError KEY_REFUSED if it is malformed, of another type, its id does not fit, or the key is unacceptable
 */
export function parseVerifierKey(text: string): NoteKey {
  const [name, idText, keyText, ...rest] = text.split('+');
  // Base64 may hold a '+' itself, so everything after the second one belongs to the key.
  const encoded = [keyText ?? '', ...rest].join('+');
  if (name === undefined || idText === undefined || !/^[0-9a-f]{8}$/.test(idText)) throw refused('must be <name>+<id>+<key>');
  const key = decodeBase64(encoded, 'key', 'KEY_REFUSED');
  if (key[0] !== TYPE_ED25519 || key.length !== 1 + PUBLIC_KEY_SIZE) throw refused('must be an Ed25519 key');
  const pinned = noteKey(name, key.subarray(1));
  if (pinned.id !== Number.parseInt(idText, 16)) throw refused('the key id does not belong to this name and key');
  return pinned;
}

/** Key id of an Ed25519 key under a name (C2SP signed-note, "Key ID"). */
export function keyId(name: string, publicKey: Uint8Array): number {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), typed(publicKey)])).readUInt32BE(0);
}

/** @throws DomainError KEY_REFUSED */
export function requireName(name: string): void {
  if (!isKeyName(name)) throw refused('a key name is visible ASCII without +, at most 255 characters');
}

function typed(publicKey: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([TYPE_ED25519]), publicKey]);
}

function refused(rule: string): DomainError {
  return new DomainError('KEY_REFUSED', { field: 'verifierKey', rule });
}
