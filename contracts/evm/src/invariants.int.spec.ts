import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { toHex, type Address, type Hex } from 'viem';
import { OUTCOMES, RegistryDriver, type Call } from './registry-driver.js';
import { openRegistryFixture, type RegistryFixture } from './registry-fixture.js';
import { RegistryPlay } from './registry-play.js';
import { sampleHistories } from './registry-steps.js';
import { SampleAttester, SampleLog } from './sample-log.js';

describe('log registry under random calls', () => {
  let fixture: RegistryFixture;
  beforeAll(async () => {
    fixture = await openRegistryFixture();
  });
  afterAll(() => fixture?.close());

  it('does what the rules say, and keeps the invariants', async () => {
    const seen = new Set<string>();
    for (const history of sampleHistories(17, 8, 50)) await RegistryPlay.history(fixture, history, seen);
    // The histories reached every rule.
    const outcomes = OUTCOMES.filter((outcome) => outcome !== 'None');
    const calls = ['proposeMembership', 'proposePublisher', 'proposeQuorum', 'proposeClosing', 'approve', 'changeAttester'];
    const results = [...calls, 'offerPublisher'].flatMap((call) => [`${call} success`, `${call} reverted`]);
    expect([...seen].toSorted()).toEqual([...outcomes, ...results, 'Enacted', 'by nobody'].toSorted());
  }, 60_000);
});

describe('a stolen publisher key', () => {
  let fixture: RegistryFixture;
  beforeAll(async () => {
    fixture = await openRegistryFixture();
  });
  afterAll(() => fixture?.close());

  it('alone moves nothing where one other organisation must attest, whatever it calls', async () => {
    const [usa, nld, deu, thief] = fixture.accounts as [Address, Address, Address, Address];
    const registry = await RegistryDriver.deploy(fixture, [usa, nld, deu], 2, 1);
    const [honest, own] = [new SampleAttester(), new SampleAttester()];
    await registry.send(nld, 'changeAttester', [honest.address]);
    const log = new SampleLog(toHex(1, { size: 32 }), 64);
    await registry.register(usa, log.logId, thief, [nld, deu], 1);
    const attested = async (from: number, size: number, by: SampleAttester): Promise<ReturnType<SampleLog['commit']>> =>
      log.commit(from, size, [await by.attest(log.logId, size, log.root(size))]);
    await registry.commit(thief, [await attested(0, 5, honest)]);
    const proposal = await registry.propose(usa, 'proposePublisher', [[log.logId], deu]);

    const { timestamp } = await fixture.client.getBlock();
    const [oldOnes] = (await attested(0, 5, honest)).attestations;
    const sizes = fc.record({ size: fc.integer({ min: 1, max: 64 }), epoch: fc.integer({ min: 0, max: 2 }) });
    for (const { size, epoch } of fc.sample(sizes, { numRuns: 40, seed: 5 })) {
      const attestations = [oldOnes as Hex, await own.attest(log.logId, size, log.root(size))];
      const commit = { ...log.commit(size > 5 ? 5 : 0, size, attestations), epoch };
      const { receipt } = await registry.commit(thief, [commit]);
      expect([receipt.status, await registry.changedStorage(receipt)]).toEqual(['success', false]);
    }
    const calls: [Call, unknown[]][] = [
      ['registerLog', [toHex(2, { size: 32 }), thief, [], 0]],
      ['approve', [proposal]],
      ['changeAttester', [own.address]],
      ['proposeMembership', [[thief], [], 3, 0, timestamp + 60n]],
      ['proposeQuorum', [log.logId, [], 0, timestamp + 60n]],
      ['proposePublisher', [[log.logId], own.address, timestamp + 60n]],
      ['proposeClosing', [log.logId, 5n, log.logId, timestamp + 60n]],
    ];
    for (const [name, args] of calls) {
      const receipt = await registry.send(thief, name, args);
      expect([name, receipt.status, await registry.changedStorage(receipt)]).toEqual([name, 'reverted', false]);
    }
    // The tracer sees what does change, and the members take the log away from the thief.
    expect(await registry.changedStorage(await registry.send(deu, 'approve', [proposal]))).toBe(true);
    expect((await registry.commit(thief, [await attested(5, 9, honest)])).settled[0]?.outcome).toBe('NotPublisher');
  });
});

describe('gas', () => {
  let fixture: RegistryFixture;
  beforeAll(async () => {
    fixture = await openRegistryFixture();
  });
  afterAll(() => fixture?.close());

  it('of a commit stays below 150 an event for one log at 1,000 events a commit, attested by two or by nobody', async () => {
    const [usa, nld, deu, publisher] = fixture.accounts as [Address, Address, Address, Address];
    const registry = await RegistryDriver.deploy(fixture, [usa, nld, deu], 2);
    const attesters = [new SampleAttester(), new SampleAttester()] as const;
    await registry.send(nld, 'changeAttester', [attesters[0].address]);
    await registry.send(deu, 'changeAttester', [attesters[1].address]);
    const logs = [1, 2, 3, 4].map((id) => new SampleLog(toHex(id, { size: 32 }), 12_003));
    const [first, , , attested] = logs as [SampleLog, SampleLog, SampleLog, SampleLog];
    for (const log of logs.slice(0, 3)) await registry.register(usa, log.logId, publisher);
    await registry.register(usa, attested.logId, publisher, [nld, deu], 2);
    const attest = (size: number): Promise<Hex[]> =>
      Promise.all(attesters.map((key) => key.attest(attested.logId, size, attested.root(size))));
    const start = [...logs.slice(0, 3).map((log) => log.commit(0, 10_001)), attested.commit(0, 10_001, await attest(10_001))];
    await registry.commit(publisher, start);
    const gasOf = async (...batch: ReturnType<SampleLog['commit']>[]): Promise<bigint> => {
      const { receipt, settled } = await registry.commit(publisher, batch);
      expect(settled.every(({ outcome }) => outcome === 'Accepted')).toBe(true);
      return receipt.gasUsed;
    };
    const one = await gasOf(first.commit(10_001, 11_001));
    const three = await gasOf(first.commit(11_001, 12_001), ...logs.slice(1, 3).map((log) => log.commit(10_001, 11_001)));
    const two = await gasOf(attested.commit(10_001, 11_001, await attest(11_001)));
    process.stdout.write(
      `gas per commit at about 10,000 leaves: one log ${one}, three logs ${three}, one log attested by two ${two}; ` +
        `per event at 1,000 events a commit: ${Number(one) / 1_000}, ${Number(three) / 3_000}, ${Number(two) / 1_000}\n`,
    );
    expect(one).toBeLessThan(120_000n);
    expect(three).toBeLessThan(3n * one);
    expect(two).toBeLessThan(150_000n);
  });
});
