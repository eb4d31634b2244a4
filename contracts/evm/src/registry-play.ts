import { expect } from '@jest/globals';
import { consistencyProof } from '@countersign/merkle';
import { toHex, type Address, type Hex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { eventsOf, RegistryDriver, type Call, type Commit, type Membership } from './registry-driver.js';
import type { Receipt, RegistryFixture } from './registry-fixture.js';
import { ModelTrees, RegistryModel, type Decision, type ModelCommit } from './registry-model.js';
import { ACCOUNTS, KEYS, LEAVES, RIGHT, type Step } from './registry-steps.js';
import { SampleAttester } from './sample-log.js';

const ZERO: Hex = `0x${'0'.repeat(64)}`;
/** The development node's accounts come from this. */
const MNEMONIC = 'test test test test test test test test test test test junk';
const trees = new ModelTrees(LEAVES);
const keys = Array.from({ length: KEYS }, (_, index) =>
  index < ACCOUNTS ? new SampleAttester(accountKey(index)) : new SampleAttester(),
);

/** Plays random calls on a contract and on the model, and holds one against the other and both against the invariants. */
export class RegistryPlay {
  /** Rules that were reached, over all plays that share it. */
  readonly #seen: Set<string>;
  readonly #model = new RegistryModel([0, 1, 2], 2, 0);
  readonly #proposals: Hex[] = [];
  /** Who approved what, by the contract's own events. */
  readonly #approvals = new Map<unknown, Set<unknown>>();

  private constructor(
    private readonly registry: RegistryDriver,
    private readonly expiry: bigint,
    seen: Set<string>,
  ) {
    this.#seen = seen;
  }

  static async history(fixture: RegistryFixture, steps: readonly Step[], seen: Set<string>): Promise<void> {
    const registry = await RegistryDriver.deploy(fixture, [0, 1, 2].map(addressOf), 2);
    const { timestamp } = await fixture.client.getBlock();
    const play = new RegistryPlay(registry, timestamp + 86_400n, seen);
    for (const [organisation, publisher, attesters, threshold] of [
      [0, 3, [], 0],
      [1, 4, [0, 2], 1],
      [2, 4, [0, 1], 2],
    ] as const) {
      await registry.register(
        addressOf(organisation),
        idOf(play.#model.logs.length),
        addressOf(publisher),
        attesters.map(addressOf),
        threshold,
      );
      play.#model.register(organisation, publisher, attesters, threshold);
    }
    for (const step of steps) await play.#step(step);
    await play.#expectEqual();
  }

  async #step(step: Step): Promise<void> {
    const sender = this.#senderOf(step);
    const isNobody = !this.#model.members.has(sender) && this.#model.logs.every(({ publishers }) => publishers.at(-1) !== sender);
    const membersBefore = await this.registry.members();
    const receipt = await this.#play(step, sender);
    this.#expectApproved(receipt, membersBefore);
    if (isNobody) {
      expect(await this.registry.changedStorage(receipt)).toBe(false);
      this.#seen.add('by nobody');
    }
    await this.#expectMembers();
  }

  #senderOf(step: Step): number {
    if (step.sender !== RIGHT) return step.sender;
    const log = step.kind === 'commit' ? this.#model.logs[step.batch[0]?.log ?? 0] : undefined;
    return log?.publishers.at(-1) ?? 0;
  }

  async #play(step: Step, sender: number): Promise<Receipt> {
    switch (step.kind) {
      case 'commit':
        return this.#commit(sender, step.batch);
      case 'propose': {
        const decision = this.#completeDecision(step.decision);
        const receipt = await this.#call(sender, ...this.#proposing(decision), this.#model.propose(sender, decision));
        const proposed = eventsOf(receipt).find(({ eventName }) => eventName === 'Proposed');
        if (proposed) this.#proposals.push(proposed.args['proposal'] as Hex);
        return receipt;
      }
      case 'approve': {
        const index = this.#proposals.length - 1 - step.back;
        return this.#call(sender, 'approve', [this.#proposals[index] ?? ZERO], this.#model.approve(sender, index));
      }
      case 'attester': {
        const { address } = keys[step.key] as SampleAttester;
        return this.#call(sender, 'changeAttester', [address], this.#model.changeAttester(sender, step.key));
      }
      case 'offer': {
        const isPublisher = this.#model.logs[step.log]?.publishers.at(-1) === sender;
        return this.#call(sender, 'offerPublisher', [idOf(step.log), addressOf(step.successor)], isPublisher);
      }
    }
  }

  async #call(sender: number, name: Call, args: readonly unknown[], succeeds: boolean): Promise<Receipt> {
    const receipt = await this.registry.send(addressOf(sender), name, args);
    expect([name, receipt.status]).toEqual([name, succeeds ? 'success' : 'reverted']);
    this.#seen.add(`${name} ${receipt.status}`);
    return receipt;
  }

  #proposing(decision: Decision): [Call, unknown[]] {
    switch (decision.kind) {
      case 'membership': {
        const { joining, leaving, k, quorumMin } = decision;
        return ['proposeMembership', [joining.map(addressOf), leaving.map(addressOf), k, quorumMin, this.expiry]];
      }
      case 'publisher':
        return ['proposePublisher', [[idOf(decision.log)], addressOf(decision.publisher), this.expiry]];
      case 'quorum':
        return ['proposeQuorum', [idOf(decision.log), decision.attesters.map(addressOf), decision.threshold, this.expiry]];
      case 'closing':
        return ['proposeClosing', [idOf(decision.log), BigInt(decision.size), ZERO, this.expiry]];
    }
  }

  async #commit(sender: number, steps: readonly ModelCommit[]): Promise<Receipt> {
    const batch = steps.map((one) => this.#complete(one));
    const expected = this.#model.settle(sender, batch, (one) => trees.root(one));
    const commits = await Promise.all(batch.map(toCommit));
    const { settled, receipt } = await this.registry.commit(addressOf(sender), commits);
    expect(receipt.status).toBe('success');
    expect(settled.map(({ outcome }) => outcome)).toEqual(expected);
    for (const outcome of expected) this.#seen.add(outcome);
    return receipt;
  }

  #complete(commit: ModelCommit): ModelCommit {
    const log = this.#model.logs[commit.log];
    const proofFrom = commit.proofFrom === RIGHT ? (log?.latest ?? 0) : commit.proofFrom;
    return {
      ...commit,
      epoch: commit.epoch === RIGHT ? (log?.publishers.length ?? 1) : commit.epoch,
      // No proof leads backwards: such a commit comes with an empty one, which is right only from the empty tree.
      proofFrom: proofFrom < commit.size ? proofFrom : 0,
      attestedBy: commit.attestedBy.includes(RIGHT) ? keys.map((_, index) => index) : commit.attestedBy,
    };
  }

  #completeDecision(decision: Decision): Decision {
    if (decision.kind !== 'closing' || decision.size !== RIGHT) return decision;
    return { ...decision, size: this.#model.logs[decision.log]?.latest ?? 0 };
  }

  /** Whatever was enacted had the approvals of k distinct members, of the members and the k that stood before. */
  #expectApproved(receipt: Receipt, { accounts, approvalsNeeded }: Membership): void {
    for (const { eventName, args } of eventsOf(receipt)) {
      const approvals = this.#approvals.get(args['proposal']) ?? new Set();
      if (eventName === 'Approved') this.#approvals.set(args['proposal'], approvals.add(args['member']));
      if (eventName !== 'Enacted') continue;
      expect(approvals.size).toBeGreaterThanOrEqual(approvalsNeeded);
      expect(accounts).toEqual(expect.arrayContaining([...approvals]));
      this.#seen.add('Enacted');
    }
  }

  async #expectMembers(): Promise<void> {
    const { members, k, quorumMin, version } = this.#model;
    expect(await this.registry.members()).toEqual({
      accounts: [...members.keys()].map(addressOf).toSorted(),
      approvalsNeeded: k,
      quorumMin,
      version: BigInt(version),
    });
  }

  /** Every stored head is still there as it was accepted, no other one is, and the latest is the largest; all keys are listed. */
  async #expectEqual(): Promise<void> {
    for (const [log, state] of this.#model.logs.entries()) {
      const sizes = Array.from({ length: LEAVES + 1 }, (_, size) => BigInt(size));
      const stored = await Promise.all(sizes.map((size) => this.registry.headAt(idOf(log), size)));
      const roots = stored.filter(({ height }) => height !== 0n).map(({ size, root }) => [Number(size), root]);
      expect(roots).toEqual([...state.heads].toSorted(([a], [b]) => a - b));
      expect((await this.registry.headOf(idOf(log))).size).toBe(BigInt(state.latest));
      const epochs = await this.registry.epochsOf(idOf(log));
      expect(epochs.map(({ publisher }) => publisher)).toEqual(state.publishers.map(addressOf));
      const view = await this.registry.logOf(idOf(log));
      expect(view).toMatchObject({
        attesters: state.attesters.map(addressOf),
        threshold: state.threshold,
        epoch: epochs.length,
        closingSize: BigInt(state.closedAt ?? 0),
      });
    }
  }
}

async function toCommit(commit: ModelCommit): Promise<Commit> {
  const proof = commit.proofFrom > 0 ? consistencyProof(trees.tree(commit.branch), commit.proofFrom, commit.size) : [];
  const [logId, root] = [idOf(commit.log), trees.root(commit)];
  return {
    logId,
    epoch: commit.epoch,
    size: BigInt(commit.size),
    root,
    proof: proof.map((node) => toHex(node)),
    checkpointSignature: '0x',
    attestations: await Promise.all(
      commit.attestedBy.map((key) => (keys[key] as SampleAttester).attest(logId, commit.size, root)),
    ),
  };
}

function idOf(log: number): Hex {
  return toHex(log + 1, { size: 32 });
}

function addressOf(account: number): Address {
  return (keys[account] as SampleAttester).address;
}

function accountKey(index: number): Hex {
  return toHex(mnemonicToAccount(MNEMONIC, { addressIndex: index }).getHdKey().privateKey as Uint8Array);
}
