import { describe, expect, it } from '@jest/globals';
import { signCheckpoint } from './checkpoint.js';
import { bitFlips, refusalOf } from './corruption.builders.js';
import { privateKeyFromSeed, rawPublicKey } from './ed25519.js';
import { formatForkProof, parseForkProof, proveFork, type ForkProof } from './fork-proof.js';
import { consistencyProof, rootAt } from './prove.js';
import { sha256 } from './sha256.js';
import { leafHash } from './tree-hash.js';
import { noteKey } from './verifier-key.js';

const ORIGIN = 'log.example/items';
const keyOf = (name: string): ReturnType<typeof privateKeyFromSeed> => privateKeyFromSeed(sha256(Buffer.from(name)));
const logKey = keyOf('log');
const pinned = [noteKey(ORIGIN, rawPublicKey(logKey))];
const leaves = (size: number, differsFrom = size): Buffer[] =>
  Array.from({ length: size }, (_, index) => leafHash(Buffer.from(`${index}${index >= differsFrom ? ' other' : ''}`)));
const [ours, theirs] = [leaves(24), leaves(24, 3)];
const signed = (tree: readonly Buffer[], size: number, privateKey = logKey, origin = ORIGIN): string =>
  signCheckpoint({ origin, size, root: rootAt(tree, size) }, privateKey);

/** The nodes that show a tree's own root at an earlier size. */
function nodesOf(tree: readonly Buffer[], from: number, to: number): Buffer[] {
  const proof = consistencyProof(tree, from, to);
  const isPower = (from & (from - 1)) === 0;
  return isPower ? [rootAt(tree, from), ...proof] : proof;
}

function refused(proof: ForkProof, keys = pinned): string | undefined {
  return refusalOf(() => proveFork(proof, keys));
}

describe('a fork proof', () => {
  it('proves two roots of one size', () => {
    const fork = proveFork({ first: signed(ours, 9), second: signed(theirs, 9), proof: [] }, pinned);
    expect(fork).toMatchObject({ origin: ORIGIN, kind: 'same-size', first: { size: 9 }, second: { size: 9 } });
  });

  it('proves a later tree that has another past, at every pair of sizes', () => {
    for (let to = 5; to <= 24; to += 1) {
      for (let from = 1; from < to; from += 1) {
        const proof = { first: signed(ours, from), second: signed(theirs, to), proof: nodesOf(theirs, from, to) };
        // Up to 3 leaves both trees are the same: nothing can be proven.
        if (from <= 3) expect(refused(proof)).toBe('PROOF_BROKEN');
        else expect(proveFork(proof, pinned).kind).toBe('inconsistent');
      }
    }
  });

  it('proves nothing against a log that only appended', () => {
    for (let to = 2; to <= 12; to += 1) {
      for (let from = 1; from < to; from += 1) {
        const honest = { first: signed(ours, from), second: signed(ours, to) };
        expect(refused({ ...honest, proof: nodesOf(ours, from, to) })).toBe('PROOF_BROKEN');
        expect(refused({ ...honest, proof: nodesOf(theirs, from, to) })).toBe('PROOF_BROKEN');
        expect(refused({ ...honest, proof: [] })).toBe('PROOF_BROKEN');
      }
    }
    expect(refused({ first: signed(ours, 9), second: signed(ours, 9), proof: [] })).toBe('PROOF_BROKEN');
  });

  it('proves nothing with a node changed, missing, or too many', () => {
    const proof = nodesOf(theirs, 7, 13);
    const pair = { first: signed(ours, 7), second: signed(theirs, 13) };
    expect(refused({ ...pair, proof })).toBeUndefined();
    expect(refused({ ...pair, proof: proof.slice(1) })).toBe('PROOF_BROKEN');
    expect(refused({ ...pair, proof: [...proof, Buffer.alloc(32)] })).toBe('PROOF_BROKEN');
    for (const [at, node] of proof.entries()) {
      for (const other of bitFlips(node)) expect(refused({ ...pair, proof: proof.with(at, other) })).toBe('PROOF_BROKEN');
    }
    const same = { first: signed(ours, 9), second: signed(theirs, 9) };
    expect(refused({ ...same, proof })).toBe('PROOF_BROKEN');
    expect(refused({ first: pair.second, second: pair.first, proof })).toBe('PROOF_BROKEN');
  });

  it('needs the log itself to have signed both', () => {
    const stranger = keyOf('stranger');
    expect(refused({ first: signed(ours, 9), second: signed(theirs, 9, stranger), proof: [] })).toBe('SIGNATURE_INVALID');
    expect(refused({ first: signed(ours, 9, stranger), second: signed(theirs, 9), proof: [] })).toBe('SIGNATURE_INVALID');
    expect(refused({ first: signed(ours, 9), second: signed(theirs, 9), proof: [] }, [])).toBe('SIGNATURE_INVALID');
    const elsewhere = 'log.example/other';
    const both = [...pinned, noteKey(elsewhere, rawPublicKey(stranger))];
    expect(refused({ first: signed(ours, 9), second: signed(theirs, 9, stranger, elsewhere), proof: [] }, both)).toBe(
      'PROOF_BROKEN',
    );
  });

  it('holds across two pinned keys of one log', () => {
    const next = keyOf('next');
    const keys = [...pinned, noteKey(ORIGIN, rawPublicKey(next))];
    expect(proveFork({ first: signed(ours, 9), second: signed(theirs, 9, next), proof: [] }, keys).kind).toBe('same-size');
  });

  it('is a file that is read back, and only in its form', () => {
    const proof = { first: signed(ours, 8), second: signed(theirs, 13), proof: nodesOf(theirs, 8, 13) };
    const text = formatForkProof(proof);
    expect(parseForkProof(text)).toEqual(proof);
    const object = JSON.parse(text) as Record<string, unknown>;
    for (const other of [
      '',
      'null',
      '[]',
      JSON.stringify({ ...object, version: 2 }),
      JSON.stringify({ ...object, more: 1 }),
      JSON.stringify({ ...object, first: 1 }),
      JSON.stringify({ ...object, proof: 'x' }),
      JSON.stringify({ ...object, proof: [1] }),
      JSON.stringify({ ...object, proof: ['AA=='] }),
      JSON.stringify({ ...object, proof: Array.from({ length: 65 }, () => Buffer.alloc(32).toString('base64')) }),
    ]) {
      expect(refusalOf(() => parseForkProof(other))).toBe('FIELD_INVALID');
    }
  });
});
