import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  consistencyProof,
  formatVerifierKey,
  leafHash,
  noteKey,
  rawPublicKey,
  rootAt,
  signCheckpoint,
  type NoteKey,
} from '@countersign/merkle';
import { formatAddCheckpoint } from '../witness/add-checkpoint-request.js';

/** A log of another organisation, small enough to hold; a fork of it shares its first leaves and its key. */
export class SignedTree {
  readonly noteKey: NoteKey;
  readonly #leaves: Buffer[];

  constructor(
    readonly origin = 'log.example/items',
    readonly privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey,
    leaves: readonly Buffer[] = Array.from({ length: 64 }, (_, index) => leafHash(Buffer.from(`${origin} ${index}`))),
  ) {
    this.noteKey = noteKey(origin, rawPublicKey(privateKey));
    this.#leaves = [...leaves];
  }

  get verifierKey(): string {
    return formatVerifierKey(this.noteKey);
  }

  /** Another history from the given leaf on, signed by the same key. */
  fork(from: number): SignedTree {
    const leaves = this.#leaves.map((leaf, index) => (index < from ? leaf : leafHash(Buffer.from(`forged ${index}`))));
    return new SignedTree(this.origin, this.privateKey, leaves);
  }

  root(size: number): Buffer {
    return rootAt(this.#leaves, size);
  }

  note(size: number): string {
    return signCheckpoint({ origin: this.origin, size, root: this.root(size) }, this.privateKey);
  }

  proof(from: number, to: number): Buffer[] {
    return from === 0 ? [] : consistencyProof(this.#leaves, from, to);
  }

  /** The body of an honest `add-checkpoint`. */
  request(from: number, to: number): Buffer {
    return Buffer.from(formatAddCheckpoint(from, this.proof(from, to), this.note(to)));
  }
}
