import { DomainError } from '@countersign/kernel';
import { decodeBase64, HASH_SIZE, parseCheckpoint, parseNote, type Checkpoint } from '@countersign/merkle';
import { WITNESS_LIMITS } from './config.js';

/** What a client sends to `add-checkpoint` (C2SP tlog-witness), taken apart; no signature is checked yet. */
export interface AddCheckpointRequest {
  readonly oldSize: number;
  readonly proof: readonly Buffer[];
  readonly checkpoint: Checkpoint;
  /** Text of the checkpoint, as it was signed. */
  readonly body: string;
  /** The signed note, as it was sent. */
  readonly note: string;
}

/**
 * Old size line, proof lines, empty line, signed checkpoint; each form exactly.
 *
 * @throws DomainError NOTE_MALFORMED
 */
export function parseAddCheckpoint(bytes: Uint8Array): AddCheckpointRequest {
  const text = textOf(bytes);
  const split = text.indexOf('\n\n');
  if (split < 0) throw malformed('an empty line separates proof and checkpoint');
  const [oldLine = '', ...proofLines] = text.slice(0, split).split('\n');
  const note = text.slice(split + 2);
  if (proofLines.length > WITNESS_LIMITS.proofLinesMax)
    throw malformed(`has at most ${WITNESS_LIMITS.proofLinesMax} proof lines`);
  const { body } = parseNote(note);
  const checkpoint = parseCheckpoint(body);
  const oldSize = sizeOf(oldLine);
  if (oldSize > checkpoint.size) throw malformed('the old size exceeds that of the checkpoint');
  return { oldSize, proof: proofLines.map(hashOf), checkpoint, body, note };
}

/** The body of a request, as `parseAddCheckpoint` reads it. */
export function formatAddCheckpoint(oldSize: number, proof: readonly Uint8Array[], note: string): string {
  const lines = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
  return `old ${oldSize}\n${lines}\n${note}`;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('is UTF-8');
  }
}

function sizeOf(line: string): number {
  const [, digits] = /^old (0|[1-9][0-9]{0,15})$/.exec(line) ?? [];
  if (digits === undefined || !Number.isSafeInteger(Number(digits))) throw malformed('begins with old and a size');
  return Number(digits);
}

function hashOf(line: string): Buffer {
  const hash = decodeBase64(line, 'proof', 'NOTE_MALFORMED');
  if (hash.length !== HASH_SIZE) throw malformed(`a proof line is base64 of ${HASH_SIZE} bytes`);
  return hash;
}

function malformed(rule: string): DomainError {
  return new DomainError('NOTE_MALFORMED', { field: 'request', rule });
}
