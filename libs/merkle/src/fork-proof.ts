import { DomainError } from '@countersign/kernel';
import { openCheckpoint, parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { decodeBase64 } from './encoding.js';
import { parseNote } from './note.js';
import { HASH_SIZE } from './sha256.js';
import { sameBytes } from './tree-hash.js';
import type { NoteKey } from './verifier-key.js';
import { earlierRoot } from './verify-proof.js';

/** Largest fork proof that is read. */
export const FORK_PROOF_BYTES_MAX = 256 * 1024;
/** A tree of 2^53 − 1 leaves needs no more. */
const NODES_MAX = 64;
const MEMBERS = ['first', 'proof', 'second', 'version'];

/** Two checkpoints that one log signed and that cannot both be true. */
export interface ForkProof {
  /** Signed note of the smaller size, or of the same. */
  readonly first: string;
  readonly second: string;
  /** Nothing for equal sizes; else the nodes by which the later tree shows its own root at the earlier size (`earlierRoot`). */
  readonly proof: readonly Uint8Array[];
}

/** What a fork proof proved. */
export interface Fork {
  readonly origin: string;
  readonly kind: 'same-size' | 'inconsistent';
  readonly first: Checkpoint;
  readonly second: Checkpoint;
}

/**
 * Proves that the log signed two trees. A log that only appends cannot be accused: somebody with another proof than the log's own
 * tree gives, or with one signature that is not the log's, proves nothing.
 *
 * @param logKeys keys pinned for this origin; each checkpoint has to be signed by one of them
 * @throws DomainError NOTE_MALFORMED, SIGNATURE_INVALID, PROOF_BROKEN: nothing is proven
 */
export function proveFork({ first: firstNote, second: secondNote, proof }: ForkProof, logKeys: readonly NoteKey[]): Fork {
  const [first, second] = [openSigned(firstNote, logKeys), openSigned(secondNote, logKeys)];
  const { origin } = first;
  if (second.origin !== origin) throw broken('second', 'is of another log');
  if (first.size > second.size) throw broken('first', 'is the smaller one');
  if (first.size === second.size) {
    if (proof.length > 0) throw broken('proof', 'is empty for equal sizes');
    if (sameBytes(first.root, second.root)) throw broken('second', 'has the same root');
    return { origin, kind: 'same-size', first, second };
  }
  if (sameBytes(earlierRoot(first.size, second.size, second.root, proof), first.root))
    throw broken('proof', 'shows that the later tree extends the earlier one');
  return { origin, kind: 'inconsistent', first, second };
}

/** The text of a fork proof file: JSON with members in this order. */
export function formatForkProof({ first, second, proof }: ForkProof): string {
  const nodes = proof.map((node) => Buffer.from(node).toString('base64'));
  return `${JSON.stringify({ version: 1, first, second, proof: nodes }, null, 2)}\n`;
}

/**
 * Reads the text of a fork proof file; proves nothing.
 *
 * @throws DomainError FIELD_INVALID
 */
export function parseForkProof(text: string): ForkProof {
  if (text.length > FORK_PROOF_BYTES_MAX) throw invalid(`has at most ${FORK_PROOF_BYTES_MAX} characters`);
  const { version, first, second, proof, ...rest } = objectOf(text);
  if (version !== 1 || Object.keys(rest).length > 0) throw invalid(`holds ${MEMBERS.join(', ')}; version is 1`);
  if (typeof first !== 'string' || typeof second !== 'string') throw invalid('first and second are signed notes');
  if (!Array.isArray(proof) || proof.length > NODES_MAX) throw invalid(`proof is a list of at most ${NODES_MAX} hashes`);
  return { first, second, proof: proof.map(nodeOf) };
}

function openSigned(note: string, logKeys: readonly NoteKey[]): Checkpoint {
  const { origin } = parseCheckpoint(parseNote(note).body);
  const keys = logKeys.filter(({ name }) => name === origin);
  let failure: unknown = new DomainError('SIGNATURE_INVALID', { field: 'note', rule: 'no key is pinned for this origin' });
  for (const key of keys) {
    try {
      const { size, root } = openCheckpoint(note, key);
      return { origin, size, root };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // What is no JSON is no object either.
  }
  throw invalid('is a JSON object');
}

function nodeOf(value: unknown): Buffer {
  const node = typeof value === 'string' ? decodeBase64(value, 'proof') : Buffer.alloc(0);
  if (node.length !== HASH_SIZE) throw invalid(`a hash is base64 of ${HASH_SIZE} bytes`);
  return node;
}

function invalid(rule: string): DomainError {
  return new DomainError('FIELD_INVALID', { field: 'forkProof', rule });
}

function broken(field: string, rule: string): DomainError {
  return new DomainError('PROOF_BROKEN', { field, rule });
}
