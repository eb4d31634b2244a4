import type { Address, Hex } from 'viem';
import { rootAt, MemoryTree, leafHash } from '@countersign/merkle';
import { toHex } from 'viem';
import type { OUTCOMES } from './registry-driver.js';

type Outcome = (typeof OUTCOMES)[number];

/** One commit in the model's terms: which branch of the log's history, and from where its proof leads. */
export interface ModelCommit {
  readonly log: number;
  readonly size: number;
  /** The proof leads from here to `size` in the same branch. */
  readonly proofFrom: number;
  /** 0 is the history that its log follows; 1 differs from leaf 5 on. */
  readonly branch: number;
}

interface ModelLog {
  readonly publisher: Address;
  latest: number;
  closed: boolean;
  readonly heads: Map<number, Hex>;
}

/** The rules of formats §8, written a second time and differently: roots are compared with leaves, proofs are not computed. */
export class RegistryModel {
  readonly logs: ModelLog[] = [];

  register(publisher: Address): void {
    this.logs.push({ publisher, latest: 0, closed: false, heads: new Map() });
  }

  settle(sender: Address, batch: readonly ModelCommit[], rootOf: (commit: ModelCommit) => Hex): Outcome[] {
    const named = new Set<number>();
    return batch.map((commit) => {
      if (named.has(commit.log)) return 'NamedTwice';
      named.add(commit.log);
      const log = this.logs[commit.log];
      if (!log) return 'LogUnknown';
      if (log.publisher !== sender) return 'NotPublisher';
      const root = rootOf(commit);
      if (log.heads.get(commit.size) === root) return 'Repeated';
      if (log.closed) return 'LogIsClosed';
      if (commit.size <= log.latest) return 'SizeNotAboveLatest';
      if (!this.#proves(commit, log, rootOf)) return 'ProofInvalid';
      log.heads.set(commit.size, root);
      log.latest = commit.size;
      return 'Accepted';
    });
  }

  /** A proof holds if it starts at the latest size, and the branch has the accepted root there. */
  #proves(commit: ModelCommit, log: ModelLog, rootOf: (commit: ModelCommit) => Hex): boolean {
    if (commit.proofFrom !== log.latest) return false;
    return log.latest === 0 || rootOf({ ...commit, size: log.latest }) === log.heads.get(log.latest);
  }
}

/** The leaves of both branches of every log. */
export class ModelTrees {
  readonly #trees: readonly MemoryTree[];

  constructor(leaves: number) {
    const leaf = (branch: number, index: number): Buffer => leafHash(Buffer.from(`${index >= 5 ? branch : 0} ${index}`));
    this.#trees = [0, 1].map((branch) => new MemoryTree(Array.from({ length: leaves }, (_, index) => leaf(branch, index))));
  }

  tree(branch: number): MemoryTree {
    return this.#trees[branch] as MemoryTree;
  }

  root({ branch, size }: Pick<ModelCommit, 'branch' | 'size'>): Hex {
    return toHex(rootAt(this.tree(branch), size));
  }
}
