import { toHex, type Address, type Hex } from 'viem';
import { generatePrivateKey, privateKeyToAddress, sign, serializeSignature } from 'viem/accounts';
import { consistencyProof, leafHash, MemoryTree, rootAt, sha256 } from '@countersign/merkle';
import type { Commit } from './registry-driver.js';

/** A log whose tree can be asked for any head; `fork` gives it leaves of its own from there on. */
export class SampleLog {
  readonly #tree: MemoryTree;

  constructor(
    readonly logId: Hex,
    leaves = 2048,
    forkFrom = Infinity,
  ) {
    const leaf = (index: number): Buffer => leafHash(Buffer.from(`${logId} ${index}${index >= forkFrom ? ' forked' : ''}`));
    this.#tree = new MemoryTree(Array.from({ length: leaves }, (_, index) => leaf(index)));
  }

  root(size: number): Hex {
    return toHex(rootAt(this.#tree, size));
  }

  commit(from: number, size: number, attestations: readonly Hex[] = [], epoch = 1): Commit {
    const proof = from === 0 ? [] : consistencyProof(this.#tree, from, size).map((node) => toHex(node));
    return {
      logId: this.logId,
      epoch,
      size: BigInt(size),
      root: this.root(size),
      proof,
      checkpointSignature: toHex(Buffer.alloc(64, 7)),
      attestations,
    };
  }
}

/** An attester with a key of its own, unless one is given. */
export class SampleAttester {
  readonly #privateKey: Hex;
  readonly address: Address;

  constructor(privateKey: Hex = generatePrivateKey()) {
    this.#privateKey = privateKey;
    this.address = privateKeyToAddress(privateKey);
  }

  async attest(logId: Hex, size: number, root: Hex): Promise<Hex> {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(size));
    const preimage = Buffer.concat([Buffer.from('countersign/attestation/v1\0'), bytes(logId), length, bytes(root)]);
    return serializeSignature(await sign({ hash: toHex(sha256(preimage)), privateKey: this.#privateKey }));
  }
}

const bytes = (value: Hex): Buffer => Buffer.from(value.slice(2), 'hex');
