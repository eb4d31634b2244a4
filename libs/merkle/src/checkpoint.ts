import type { KeyObject } from 'node:crypto';
import { DomainError } from '@countersign/kernel';
import { decodeBase64 } from './encoding.js';
import { openNote, signNote, type CheckedSignature } from './note.js';
import { HASH_SIZE } from './sha256.js';
import { emptyRoot, requireHash, sameBytes } from './tree-hash.js';
import { requireCount } from './tree-size.js';
import { isKeyName, requireName, type CosignerKey, type NoteKey } from './verifier-key.js';

const THREE_LINES = /^([^\n]*)\n([^\n]*)\n([^\n]*)\n$/;

/** The state of a log that its key signed for. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

export interface OpenedCheckpoint extends Checkpoint {
  /** All lines; those of keys that were not pinned have `verified: false`. */
  readonly signatures: readonly CheckedSignature[];
}

/** The text of a C2SP tlog-checkpoint: origin, size and root, each on its line; no extension lines. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  requireName(origin);
  requireCount(size, 'size');
  requireHash(root, 'root');
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/**
 * Reads the text of a checkpoint, which is a note's body.
 *
 * @throws DomainError NOTE_MALFORMED; extension lines are refused too
 */
export function parseCheckpoint(body: string): Checkpoint {
  const [, origin, sizeText, rootText] = THREE_LINES.exec(body) ?? [];
  if (origin === undefined || sizeText === undefined || rootText === undefined)
    throw malformed('is three lines: origin, size, root');
  if (!isKeyName(origin)) throw malformed('the origin must be a key name');
  const size = parseSize(sizeText);
  const root = decodeBase64(rootText, 'root', 'NOTE_MALFORMED');
  if (root.length !== HASH_SIZE) throw malformed(`the root has ${HASH_SIZE} bytes`);
  if (size === 0 && !sameBytes(root, emptyRoot)) throw malformed('an empty log has the empty root');
  return { origin, size, root };
}

/** Signs a checkpoint with the log's own key, whose name is the origin. */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): string {
  return signNote(formatCheckpoint(checkpoint), { name: checkpoint.origin, privateKey });
}

/**
 * Opens a log's signed checkpoint: the log's pinned key, named by its origin, must have signed. Further pinned keys (cosigners)
 * are checked along: a bad signature of one of them refuses the checkpoint, a missing one does not.
 *
 * @throws DomainError NOTE_MALFORMED, SIGNATURE_INVALID
 */
export function openCheckpoint(
  text: string,
  logKey: NoteKey,
  otherKeys: readonly (NoteKey | CosignerKey)[] = [],
): OpenedCheckpoint {
  const { body, signatures } = openNote(text, [logKey, ...otherKeys]);
  const checkpoint = parseCheckpoint(body);
  if (checkpoint.origin !== logKey.name)
    throw new DomainError('SIGNATURE_INVALID', { field: 'origin', rule: 'is of another log' });
  if (!signatures.some(({ verified, name, keyId }) => verified && name === logKey.name && keyId === logKey.id)) {
    throw new DomainError('SIGNATURE_INVALID', { field: 'note', rule: 'the log itself did not sign' });
  }
  return { ...checkpoint, signatures };
}

function parseSize(text: string): number {
  const size = Number(text);
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(size)) throw malformed('the size must be decimal');
  return size;
}

function malformed(rule: string): DomainError {
  return new DomainError('NOTE_MALFORMED', { field: 'checkpoint', rule });
}
