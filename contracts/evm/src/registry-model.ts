import { toHex, type Hex } from 'viem';
import { rootAt, MemoryTree, leafHash } from '@countersign/merkle';
import type { OUTCOMES } from './registry-driver.js';

type Outcome = (typeof OUTCOMES)[number];

/** One commit in the model's terms: which branch of the log's history, and from where its proof leads. */
export interface ModelCommit {
  readonly log: number;
  readonly epoch: number;
  readonly size: number;
  /** The proof leads from here to `size` in the same branch. */
  readonly proofFrom: number;
  /** 0 is the history that its log follows; 1 differs from leaf 5 on. */
  readonly branch: number;
  /** Keys that attest it, by number. */
  readonly attestedBy: readonly number[];
}

/** What members can decide. Accounts and keys are numbers here. */
export type Decision =
  | {
      readonly kind: 'membership';
      readonly joining: readonly number[];
      readonly leaving: readonly number[];
      readonly k: number;
      readonly quorumMin: number;
    }
  | { readonly kind: 'publisher'; readonly log: number; readonly publisher: number }
  | { readonly kind: 'quorum'; readonly log: number; readonly attesters: readonly number[]; readonly threshold: number }
  | { readonly kind: 'closing'; readonly log: number; readonly size: number };

export interface ModelLog {
  readonly organisation: number;
  /** All publishers; the last is the present one, and their number the epoch. */
  readonly publishers: number[];
  attesters: readonly number[];
  threshold: number;
  latest: number;
  closedAt: number | undefined;
  readonly heads: Map<number, Hex>;
}

interface ModelProposal {
  readonly decision: Decision;
  readonly version: number;
  readonly approvedBy: Set<number>;
  isEnacted: boolean;
}

/** The rules of formats §8 and of the membership, written a second time and differently: roots are compared, proofs are not. */
export class RegistryModel {
  readonly logs: ModelLog[] = [];
  readonly proposals: ModelProposal[] = [];
  /** Member to the number of its attesting key. */
  members: Map<number, number>;
  version = 1;

  constructor(
    members: readonly number[],
    public k: number,
    public quorumMin: number,
  ) {
    this.members = new Map(members.map((member) => [member, member]));
  }

  register(organisation: number, publisher: number, attesters: readonly number[], threshold: number): void {
    const start = { latest: 0, closedAt: undefined, heads: new Map<number, Hex>() };
    this.logs.push({ organisation, publishers: [publisher], attesters, threshold, ...start });
  }

  settle(sender: number, batch: readonly ModelCommit[], rootOf: (commit: ModelCommit) => Hex): Outcome[] {
    const named = new Set<number>();
    return batch.map((commit) => {
      if (named.has(commit.log)) return 'NamedTwice';
      named.add(commit.log);
      const log = this.logs[commit.log];
      if (!log) return 'LogUnknown';
      if (log.publishers.at(-1) !== sender) return 'NotPublisher';
      if (log.publishers.length !== commit.epoch) return 'OtherEpoch';
      return this.#settleOwn(log, commit, rootOf);
    });
  }

  #settleOwn(log: ModelLog, commit: ModelCommit, rootOf: (commit: ModelCommit) => Hex): Outcome {
    const root = rootOf(commit);
    if (log.heads.get(commit.size) === root) return 'Repeated';
    if (log.closedAt !== undefined) return 'LogIsClosed';
    if (commit.size <= log.latest) return 'SizeNotAboveLatest';
    // A proof holds if it starts at the latest size, and the branch has the accepted root there.
    const proves = commit.proofFrom === log.latest;
    if (!proves || (log.latest > 0 && rootOf({ ...commit, size: log.latest }) !== log.heads.get(log.latest)))
      return 'ProofInvalid';
    const attesting = log.attesters.filter((member) => {
      const key = this.members.get(member);
      return key !== undefined && key !== log.publishers.at(-1) && commit.attestedBy.includes(key);
    });
    if (attesting.length < log.threshold) return 'QuorumNotMet';
    log.heads.set(commit.size, root);
    log.latest = commit.size;
    return 'Accepted';
  }

  /** False if the contract must refuse. */
  propose(sender: number, decision: Decision): boolean {
    if (!this.members.has(sender)) return false;
    this.proposals.push({ decision, version: this.version, approvedBy: new Set(), isEnacted: false });
    if (this.approve(sender, this.proposals.length - 1)) return true;
    this.proposals.pop();
    return false;
  }

  approve(sender: number, index: number): boolean {
    const proposal = this.proposals[index];
    if (!proposal || proposal.isEnacted || proposal.version !== this.version) return false;
    if (!this.members.has(sender) || proposal.approvedBy.has(sender)) return false;
    if (proposal.approvedBy.size + 1 >= this.k) {
      if (!this.#enact(proposal.decision)) return false;
      proposal.isEnacted = true;
    }
    proposal.approvedBy.add(sender);
    return true;
  }

  changeAttester(sender: number, key: number): boolean {
    if (!this.members.has(sender) || [...this.members.values()].includes(key)) return false;
    // Key n is also account n: a member's account attests for nobody else.
    if (this.members.has(key) && key !== sender) return false;
    this.members.set(sender, key);
    return true;
  }

  #enact(decision: Decision): boolean {
    if (decision.kind === 'membership') return this.#changeMembership(decision);
    const log = this.logs[decision.log];
    if (!log || log.closedAt !== undefined) return false;
    if (decision.kind === 'quorum') return this.#changeQuorum(log, decision);
    if (decision.kind === 'publisher') {
      if (log.publishers.includes(decision.publisher)) return false;
      log.publishers.push(decision.publisher);
    } else {
      if (!log.heads.has(decision.size)) return false;
      log.closedAt = decision.size;
    }
    return true;
  }

  #changeQuorum(log: ModelLog, { attesters, threshold }: Extract<Decision, { kind: 'quorum' }>): boolean {
    if (new Set(attesters).size < attesters.length || attesters.includes(log.organisation)) return false;
    if (attesters.some((member) => !this.members.has(member))) return false;
    if (threshold > attesters.length || threshold < this.quorumMin) return false;
    Object.assign(log, { attesters, threshold });
    return true;
  }

  #changeMembership({ joining, leaving, k, quorumMin }: Extract<Decision, { kind: 'membership' }>): boolean {
    const members = new Map(this.members);
    if (!leaving.every((member) => members.delete(member))) return false;
    for (const member of joining) {
      if (members.has(member) || [...members.values()].includes(member)) return false;
      members.set(member, member);
    }
    const n = members.size;
    const mayDecide = k > n / 2 && k <= (n > 2 ? n - 1 : n);
    if (n < Math.min(3, this.members.size) || !mayDecide || quorumMin >= n) return false;
    Object.assign(this, { members, k, quorumMin, version: this.version + 1 });
    return true;
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
