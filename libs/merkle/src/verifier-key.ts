import { DomainError } from '@countersign/kernel';
import { pinPublicKey, PUBLIC_KEY_SIZE, type PinnedPublicKey } from './ed25519.js';
import { decodeBase64 } from './encoding.js';
import { sha256 } from './sha256.js';

/** Signature type bytes (C2SP signed-note, "Signature types"). */
const TYPE_BYTES = { ed25519: 0x01, cosignature: 0x04 } as const;
const TYPE_RULES = {
  ed25519: 'must be an Ed25519 key (type 0x01)',
  cosignature: 'must be an Ed25519 cosigner key (type 0x04)',
} as const satisfies Record<SignatureType, string>;
export const KEY_ID_SIZE = 4;

export type SignatureType = keyof typeof TYPE_BYTES;

/** A key under a name, pinned for one type of signature. */
export interface NamedKey<Type extends SignatureType> extends PinnedPublicKey {
  readonly type: Type;
  readonly name: string;
  /** First 4 bytes of SHA-256(name ‖ 0x0A ‖ type byte ‖ public key), as a number. */
  readonly id: number;
}

/** A key that notes are checked against: always the verifier's own, never taken from the note. */
export type NoteKey = NamedKey<'ed25519'>;

/** A key that checks timestamped cosignatures (C2SP tlog-cosignature). It is no `NoteKey`: the log's own signature has another type. */
export type CosignerKey = NamedKey<'cosignature'>;

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
  return namedKey('ed25519', name, publicKey);
}

/**
 * Pins a raw public key under the name of a cosigner (C2SP tlog-cosignature). The signed text does not hold the name: a public key
 * MUST be one cosigner's only, and serve nothing else.
 *
 * @throws DomainError KEY_REFUSED
 */
export function cosignerKey(name: string, publicKey: Uint8Array): CosignerKey {
  return namedKey('cosignature', name, publicKey);
}

/** The C2SP text of a verifier key (vkey): `<name>+<key id, 8 hex digits>+<base64 of type and public key>`. */
export function verifierKey(name: string, publicKey: Uint8Array): string {
  return formatVerifierKey(noteKey(name, publicKey));
}

/** The C2SP text of any pinned key; a cosigner's has the type byte 0x04. */
export function formatVerifierKey({ type, name, id, raw }: NoteKey | CosignerKey): string {
  return `${name}+${id.toString(16).padStart(8, '0')}+${typed(type, raw).toString('base64')}`;
}

/**
 * Pins the key of a vkey text.
 *
 * @throws DomainError KEY_REFUSED if it is malformed, of another type, its id does not fit, or the key is unacceptable
 */
export function parseVerifierKey(text: string): NoteKey {
  return parseTyped('ed25519', text);
}

/**
 * Pins the key of a cosigner's vkey text, whose type byte is 0x04. A plain Ed25519 vkey (0x01) is refused: it was made for another use.
 *
 * @throws DomainError KEY_REFUSED if it is malformed, of another type, its id does not fit, or the key is unacceptable
 */
export function parseCosignerKey(text: string): CosignerKey {
  return parseTyped('cosignature', text);
}

/** Key id of a key under a name (C2SP signed-note, "Key ID"); by default that of a plain Ed25519 key. */
export function keyId(name: string, publicKey: Uint8Array, type: SignatureType = 'ed25519'): number {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), typed(type, publicKey)])).readUInt32BE(0);
}

/** @throws DomainError KEY_REFUSED */
export function requireName(name: string): void {
  if (!isKeyName(name)) throw refused('a key name is visible ASCII without +, at most 255 characters');
}

function namedKey<Type extends SignatureType>(type: Type, name: string, publicKey: Uint8Array): NamedKey<Type> {
  requireName(name);
  return { type, name, id: keyId(name, publicKey, type), ...pinPublicKey(publicKey) };
}

function parseTyped<Type extends SignatureType>(type: Type, text: string): NamedKey<Type> {
  const [name, idText, keyText, ...rest] = text.split('+');
  // Base64 may hold a '+' itself, so everything after the second one belongs to the key.
  const encoded = [keyText ?? '', ...rest].join('+');
  if (name === undefined || idText === undefined || !/^[0-9a-f]{8}$/.test(idText)) throw refused('must be <name>+<id>+<key>');
  const key = decodeBase64(encoded, 'key', 'KEY_REFUSED');
  if (key[0] !== TYPE_BYTES[type] || key.length !== 1 + PUBLIC_KEY_SIZE) throw refused(TYPE_RULES[type]);
  const pinned = namedKey(type, name, key.subarray(1));
  if (pinned.id !== Number.parseInt(idText, 16)) throw refused('the key id does not belong to this name and key');
  return pinned;
}

function typed(type: SignatureType, publicKey: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([TYPE_BYTES[type]]), publicKey]);
}

function refused(rule: string): DomainError {
  return new DomainError('KEY_REFUSED', { field: 'verifierKey', rule });
}
