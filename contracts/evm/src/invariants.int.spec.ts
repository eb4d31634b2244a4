import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { consistencyProof } from '@countersign/merkle';
import * as fc from 'fast-check';
import { toHex, type Address, type Hex } from 'viem';
import { OUTCOMES, RegistryDriver, SampleLog, type Commit } from './registry-driver.js';
import { openRegistryFixture, type RegistryFixture } from './registry-fixture.js';
import { ModelTrees, RegistryModel, type ModelCommit } from './registry-model.js';

const LOGS = 3;
const LEAVES = 24;
const trees = new ModelTrees(LEAVES);

/** What a random step does. Sender 0 and 1 are publishers, 2 is a member that publishes nothing, 3 is a stranger. */
type Step =
  | { readonly kind: 'commit'; readonly sender: number; readonly batch: readonly ModelCommit[] }
  | { readonly kind: 'close'; readonly log: number };

const commits: fc.Arbitrary<ModelCommit> = fc
  .record({
    log: fc.nat(LOGS),
    size: fc.nat(LEAVES),
    proofFrom: fc.nat(LEAVES),
    branch: fc.constantFrom(0, 0, 0, 1),
    honest: fc.boolean(),
  })
  .map(({ honest, ...commit }) => ({ ...commit, proofFrom: honest ? -1 : commit.proofFrom }));
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 19,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      sender: fc.constantFrom(0, 0, 0, 1, 2, 3),
      batch: fc.array(commits, { maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), log: fc.nat(LOGS - 1) }) },
);

describe('log registry under random commands', () => {
  let fixture: RegistryFixture;
  const seen = new Set<string>();
  let senders: readonly [Address, Address, Address, Address];

  beforeAll(async () => {
    fixture = await openRegistryFixture();
    const [a, b, c, d] = fixture.accounts as [Address, Address, Address, Address];
    senders = [a, b, c, d];
  });
  afterAll(() => fixture?.close());

  async function run(commands: readonly Step[]): Promise<void> {
    const registry = await RegistryDriver.deploy(fixture, [senders[0], senders[2]], 1n);
    const model = new RegistryModel();
    for (let log = 0; log < LOGS; log += 1) {
      const publisher = senders[log === 0 ? 1 : 0];
      await registry.register(senders[0], idOf(log), publisher);
      model.register(publisher);
    }
    for (const step of commands) await (step.kind === 'close' ? close(registry, model, step.log) : commit(registry, model, step));
    await expectEqual(registry, model);
  }

  async function commit(registry: RegistryDriver, model: RegistryModel, step: Extract<Step, { kind: 'commit' }>): Promise<void> {
    const sender = senders[step.sender] as Address;
    const batch = step.batch.map((one) => {
      const proofFrom = one.proofFrom === -1 ? (model.logs[one.log]?.latest ?? 0) : one.proofFrom;
      // No proof leads backwards: such a commit comes with an empty one, which is right only from the empty tree.
      return { ...one, proofFrom: proofFrom < one.size ? proofFrom : 0 };
    });
    const expected = model.settle(sender, batch, (one) => trees.root(one));
    const { settled, receipt } = await registry.commit(sender, batch.map(toCommit));
    expect(receipt.status).toBe('success');
    expect(settled.map(({ outcome }) => outcome)).toEqual(expected);
    for (const outcome of expected) seen.add(outcome);
  }

  async function close(registry: RegistryDriver, model: RegistryModel, log: number): Promise<void> {
    const state = model.logs[log];
    const receipt = await registry.closeLog(senders[2], idOf(log), BigInt(state?.latest ?? 0), `0x${'0'.repeat(64)}`);
    const closes = state !== undefined && state.latest > 0 && !state.closed;
    expect(receipt.status).toBe(closes ? 'success' : 'reverted');
    if (state && closes) state.closed = true;
  }

  /** Every stored head is still there as it was accepted, no other one is, and the latest is the largest. */
  async function expectEqual(registry: RegistryDriver, model: RegistryModel): Promise<void> {
    for (const [log, state] of model.logs.entries()) {
      const stored = await Promise.all(Array.from({ length: LEAVES + 1 }, (_, size) => registry.headAt(idOf(log), BigInt(size))));
      const roots = stored.filter(({ height }) => height !== 0n).map(({ size, root }) => [Number(size), root]);
      expect(roots).toEqual([...state.heads].toSorted(([a], [b]) => a - b));
      expect((await registry.headOf(idOf(log))).size).toBe(BigInt(state.latest));
    }
  }

  it('does what the rules say, keeps every accepted head, and lets sizes only rise', async () => {
    const histories = fc.sample(fc.array(steps, { minLength: 30, maxLength: 30 }), { numRuns: 12, seed: 17 });
    for (const history of histories) await run(history);
    // The histories reached every rule; a quorum is tested elsewhere.
    expect([...seen].toSorted()).toEqual(
      OUTCOMES.filter((outcome) => outcome !== 'None' && outcome !== 'QuorumNotMet').toSorted(),
    );
  }, 60_000);
});

describe('gas of a commit', () => {
  let fixture: RegistryFixture;
  beforeAll(async () => {
    fixture = await openRegistryFixture();
  });
  afterAll(() => fixture?.close());

  it('stays below 150 gas an event for one log at 1,000 events a commit', async () => {
    const publisher = fixture.accounts[0] as Address;
    const registry = await RegistryDriver.deploy(fixture, [publisher], 1n);
    const logs = [1, 2, 3].map((id) => new SampleLog(toHex(id, { size: 32 }), 12_003));
    for (const log of logs) await registry.register(publisher, log.logId, publisher);
    await registry.commit(
      publisher,
      logs.map((log) => log.commit(0, 10_001)),
    );
    const [first] = logs as [SampleLog, ...SampleLog[]];
    const one = (await registry.commit(publisher, [first.commit(10_001, 11_001)])).receipt.gasUsed;
    const three = (
      await registry.commit(publisher, [first.commit(11_001, 12_001), ...logs.slice(1).map((log) => log.commit(10_001, 11_001))])
    ).receipt.gasUsed;
    process.stdout.write(`gas per commit at about 10,000 leaves: one log ${one}, three logs ${three}\n`);
    expect(one).toBeLessThan(150_000n);
    expect(three).toBeLessThan(3n * one);
  });
});

function toCommit(commit: ModelCommit): Commit {
  const proof = commit.proofFrom > 0 ? consistencyProof(trees.tree(commit.branch), commit.proofFrom, commit.size) : [];
  return {
    logId: idOf(commit.log),
    size: BigInt(commit.size),
    root: trees.root(commit),
    proof: proof.map((node) => toHex(node)),
    checkpointSignature: '0x',
    attestations: [],
  };
}

function idOf(log: number): Hex {
  return toHex(log + 1, { size: 32 });
}
