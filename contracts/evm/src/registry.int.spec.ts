import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toHex, type Address, type Hex } from 'viem';
import { LOG_REGISTRY_ABI, LOG_REGISTRY_BYTECODE, LOG_REGISTRY_DEPLOYED_BYTECODE } from './log-registry.generated.js';
import { RegistryDriver, SampleAttester, SampleLog } from './registry-driver.js';
import { openRegistryFixture, type RegistryFixture } from './registry-fixture.js';

const ZERO: Hex = `0x${'0'.repeat(64)}`;
let counter = 0;
const freshId = (): Hex => toHex((counter += 1), { size: 32 });

describe('log registry', () => {
  let fixture: RegistryFixture;
  let registry: RegistryDriver;
  let [usa, nld, deu, publisher, stranger]: Address[] = [];
  const names = (): [Address, Address, Address, Address, Address] => [usa!, nld!, deu!, publisher!, stranger!];

  beforeAll(async () => {
    fixture = await openRegistryFixture();
    [usa, nld, deu, publisher, stranger] = fixture.accounts as Address[];
    registry = await RegistryDriver.deploy(fixture, [usa!, nld!, deu!], 2n);
  });
  afterAll(() => fixture?.close());

  async function openLog(...head: number[]): Promise<SampleLog> {
    const log = new SampleLog(freshId(), 64);
    expect((await registry.register(usa!, log.logId, publisher!)).status).toBe('success');
    let from = 0;
    for (const size of head) {
      expect((await registry.commit(publisher!, [log.commit(from, size)])).settled[0]?.outcome).toBe('Accepted');
      from = size;
    }
    return log;
  }

  describe('deployment', () => {
    it('puts exactly the committed code on chain', async () => {
      expect(await fixture.client.getCode({ address: registry.address })).toBe(LOG_REGISTRY_DEPLOYED_BYTECODE);
    });

    it.each([
      ['no members', () => [], 1n],
      ['a zero member', () => [usa!, `0x${'0'.repeat(40)}`], 1n],
      ['a repeated member', () => [usa!, nld!, usa!], 1n],
      ['threshold 0', () => [usa!], 0n],
      ['a threshold above the members', () => [usa!, nld!], 3n],
    ])('refuses %s', async (_, members, threshold) => {
      await expect(fixture.deploy(LOG_REGISTRY_ABI, LOG_REGISTRY_BYTECODE, [members(), threshold])).rejects.toThrow('reverted');
    });
  });

  describe('registration', () => {
    it('lists a log under the calling member, in order', async () => {
      const [first, second] = [freshId(), freshId()];
      const receipt = await registry.register(nld!, first, publisher!);
      await registry.register(nld!, second, nld!);
      expect(await registry.logsOf(nld!)).toEqual([first, second]);
      expect(await registry.logOf(first)).toMatchObject({
        organisation: nld,
        publisher,
        threshold: 0,
        openedHeight: receipt.blockNumber,
        latestSize: 0n,
      });
    });

    it('refuses non-members, zeros, repeats and impossible quorums', async () => {
      const [member, attester, other, pub, nobody] = names();
      const taken = (await openLog()).logId;
      const many = Array.from({ length: 33 }, (_, index) => toHex(index + 1, { size: 20 }));
      const refused = async (from: Address, ...args: unknown[]): Promise<unknown> => registry.errorOf(from, 'registerLog', args);
      expect(await refused(nobody, freshId(), pub, [], 0)).toBe('NotMember');
      expect(await refused(pub, freshId(), pub, [], 0)).toBe('NotMember');
      expect(await refused(other, taken, pub, [], 0)).toBe('LogAlreadyRegistered');
      expect(await refused(member, ZERO, pub, [], 0)).toBe('RegistrationInvalid');
      expect(await refused(member, freshId(), `0x${'0'.repeat(40)}`, [], 0)).toBe('RegistrationInvalid');
      expect(await refused(member, freshId(), pub, [attester], 2)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, [attester, attester], 1)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, [pub], 1)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, [member], 1)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, [`0x${'0'.repeat(40)}`], 1)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, many, 1)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, many.slice(1), 1)).toBeUndefined();
    });
  });

  describe('a log without a head', () => {
    it('takes its first head of any size, without a proof', async () => {
      const log = await openLog();
      expect((await registry.headOf(log.logId)).height).toBe(0n);
      const { settled, receipt, events } = await registry.commit(publisher!, [log.commit(0, 17)]);
      expect(settled[0]?.outcome).toBe('Accepted');
      expect(events).toEqual([{ name: 'HeadAccepted', logId: log.logId, size: 17n }]);
      const block = await fixture.client.getBlock({ blockNumber: receipt.blockNumber });
      const head = { size: 17n, root: log.root(17), height: receipt.blockNumber, time: block.timestamp };
      expect(await registry.headOf(log.logId)).toEqual(head);
      expect(await registry.headAt(log.logId, 17n)).toEqual(head);
    });

    it('refuses size 0 and a first head with a proof', async () => {
      const log = await openLog();
      const empty = { ...log.commit(0, 5), size: 0n };
      expect((await registry.commit(publisher!, [empty])).settled).toEqual([{ outcome: 'SizeNotAboveLatest', height: 0n }]);
      const padded = { ...log.commit(0, 5), proof: [log.root(5)] };
      expect((await registry.commit(publisher!, [padded])).settled).toEqual([{ outcome: 'ProofInvalid', height: 0n }]);
      expect((await registry.headOf(log.logId)).height).toBe(0n);
    });
  });

  describe('a log with heads', () => {
    it('accepts an extension and keeps the earlier heads', async () => {
      const log = await openLog(3, 8, 21);
      for (const size of [3, 8, 21]) {
        expect(await registry.headAt(log.logId, BigInt(size))).toMatchObject({ root: log.root(size) });
      }
      expect((await registry.headAt(log.logId, 20n)).height).toBe(0n);
    });

    it('answers a repeat of any accepted head with the first height, and changes nothing', async () => {
      const log = await openLog(3, 8);
      const first = await registry.headAt(log.logId, 3n);
      for (const repeat of [log.commit(0, 3), { ...log.commit(0, 3), proof: [log.root(9)] }, log.commit(3, 8)]) {
        const { settled, events } = await registry.commit(publisher!, [repeat]);
        expect(settled).toEqual([{ outcome: 'Repeated', height: (await registry.headAt(log.logId, repeat.size)).height }]);
        expect(events).toEqual([]);
      }
      expect(await registry.headAt(log.logId, 3n)).toEqual(first);
      expect((await registry.headOf(log.logId)).size).toBe(8n);
    });

    it('refuses any other size at or below the latest', async () => {
      const log = await openLog(3, 8);
      const fork = new SampleLog(log.logId, 64, 2);
      const commits = [log.commit(3, 7), log.commit(1, 2), fork.commit(3, 8), fork.commit(1, 3)];
      for (const commit of commits) {
        const { settled, events } = await registry.commit(publisher!, [commit]);
        expect(settled).toEqual([{ outcome: 'SizeNotAboveLatest', height: 0n }]);
        expect(events).toEqual([{ name: 'HeadRefused', logId: log.logId, size: commit.size }]);
      }
      expect(await registry.headAt(log.logId, 8n)).toMatchObject({ root: log.root(8) });
      expect(await registry.headAt(log.logId, 3n)).toMatchObject({ root: log.root(3) });
    });

    it('refuses a fork, a wrong proof, a proof from an earlier head, and an endless proof', async () => {
      const log = await openLog(3, 8);
      const fork = new SampleLog(log.logId, 64, 5);
      const endless = { ...log.commit(8, 9), proof: Array.from({ length: 66 }, () => log.root(1)) };
      const commits = [fork.commit(8, 13), log.commit(3, 13), { ...log.commit(8, 13), proof: [] }, endless];
      for (const commit of commits) {
        expect((await registry.commit(publisher!, [commit])).settled).toEqual([{ outcome: 'ProofInvalid', height: 0n }]);
      }
      expect((await registry.headOf(log.logId)).size).toBe(8n);
    });

    it('lets nobody but its publisher commit', async () => {
      const log = await openLog(3);
      for (const sender of [usa!, nld!, stranger!]) {
        expect((await registry.commit(sender, [log.commit(3, 9)])).settled).toEqual([{ outcome: 'NotPublisher', height: 0n }]);
        expect((await registry.commit(sender, [log.commit(0, 3)])).settled).toEqual([{ outcome: 'NotPublisher', height: 0n }]);
      }
      expect((await registry.headOf(log.logId)).size).toBe(3n);
    });
  });

  describe('a batch', () => {
    it('settles each log on its own and never reverts for one of them', async () => {
      const [good, forked, foreign] = [await openLog(4), await openLog(4), new SampleLog(freshId(), 64)];
      await registry.register(nld!, foreign.logId, nld!);
      const unknown = new SampleLog(freshId(), 64);
      const batch = [
        unknown.commit(0, 5),
        forked.commit(2, 9),
        good.commit(4, 9),
        good.commit(4, 10),
        foreign.commit(0, 2),
        unknown.commit(0, 5),
      ];
      const { settled, receipt } = await registry.commit(publisher!, batch);
      expect(receipt.status).toBe('success');
      expect(settled.map(({ outcome }) => outcome)).toEqual([
        'LogUnknown',
        'ProofInvalid',
        'Accepted',
        'NamedTwice',
        'NotPublisher',
        'NamedTwice',
      ]);
      expect((await registry.headOf(good.logId)).size).toBe(9n);
    });

    it('takes no commits as well as 64, and refuses 65', async () => {
      expect((await registry.commit(publisher!, [])).settled).toEqual([]);
      const commits = Array.from({ length: 65 }, () => new SampleLog(freshId(), 1).commit(0, 1));
      expect((await registry.commit(publisher!, commits.slice(1))).settled).toHaveLength(64);
      expect(await registry.errorOf(publisher!, 'commitHeads', [commits])).toBe('BatchTooLarge');
    });
  });

  describe('a log with a quorum', () => {
    const [a, b, c, outsider] = Array.from({ length: 4 }, () => new SampleAttester());

    async function openAttested(): Promise<SampleLog> {
      const log = new SampleLog(freshId(), 64);
      await registry.register(usa!, log.logId, publisher!, [a!.address, b!.address, c!.address], 2);
      return log;
    }
    const outcomeOf = async (log: SampleLog, attestations: Hex[]): Promise<string | undefined> =>
      (await registry.commit(publisher!, [log.commit(0, 5, attestations)])).settled[0]?.outcome;

    it('accepts a head with enough attestations, whatever else is sent along', async () => {
      const log = await openAttested();
      const by = (attester: SampleAttester): Promise<Hex> => attester.attest(log.logId, 5, log.root(5));
      const attestations = [
        '0x' as Hex,
        toHex(Buffer.alloc(65, 1)),
        await by(outsider!),
        await by(c!),
        await by(c!),
        await by(a!),
      ];
      expect(await outcomeOf(log, attestations)).toBe('Accepted');
    });

    it('counts each attester once, and nothing that is not about this head', async () => {
      const log = await openAttested();
      const by = (attester: SampleAttester, id = log.logId, size = 5, root = log.root(5)): Promise<Hex> =>
        attester.attest(id, size, root);
      const valid = await by(a!);
      expect(await outcomeOf(log, [])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, valid])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, twin(valid)])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, twin(await by(b!))])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, await by(outsider!)])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, await by(b!, freshId())])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, await by(b!, log.logId, 6)])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, await by(b!, log.logId, 5, log.root(6))])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, `${await by(b!)}00`])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [...Array.from({ length: 32 }, () => valid), await by(b!)])).toBe('QuorumNotMet');
      expect(await outcomeOf(log, [valid, await by(b!)])).toBe('Accepted');
    });
  });

  describe('closing', () => {
    it('needs k members for the same closing, then accepts no further head', async () => {
      const log = await openLog(4, 9);
      const successor = freshId();
      const outcome = async (commit: Parameters<RegistryDriver['commit']>[1][number]): Promise<string | undefined> =>
        (await registry.commit(publisher!, [commit])).settled[0]?.outcome;
      expect((await registry.closeLog(usa!, log.logId, 9n, successor)).status).toBe('success');
      expect(await registry.errorOf(usa!, 'close', [log.logId, 9n, successor])).toBe('CloseAlreadyApproved');
      // Another size or successor is another closing: approvals do not add up.
      await registry.closeLog(nld!, log.logId, 4n, successor);
      await registry.closeLog(deu!, log.logId, 9n, freshId());
      expect((await registry.logOf(log.logId)).closedHeight).toBe(0n);
      expect(await outcome(log.commit(9, 12))).toBe('Accepted');
      const { blockNumber } = await registry.closeLog(nld!, log.logId, 9n, successor);
      expect(await registry.logOf(log.logId)).toMatchObject({
        closedHeight: blockNumber,
        closingSize: 9n,
        closingRoot: log.root(9),
        successor,
      });
      expect(await outcome(log.commit(12, 13))).toBe('LogIsClosed');
      expect(await outcome(log.commit(9, 12))).toBe('Repeated');
      expect(await registry.errorOf(deu!, 'close', [log.logId, 9n, successor])).toBe('LogAlreadyClosed');
      expect(await registry.headAt(log.logId, 12n)).toMatchObject({ root: log.root(12) });
    });

    it('refuses strangers, unknown heads and a log as its own successor', async () => {
      const log = await openLog(4);
      expect(await registry.errorOf(stranger!, 'close', [log.logId, 4n, ZERO])).toBe('NotMember');
      expect(await registry.errorOf(publisher!, 'close', [log.logId, 4n, ZERO])).toBe('NotMember');
      expect(await registry.errorOf(usa!, 'close', [log.logId, 3n, ZERO])).toBe('HeadUnknown');
      expect(await registry.errorOf(usa!, 'close', [freshId(), 0n, ZERO])).toBe('HeadUnknown');
      expect(await registry.errorOf(usa!, 'close', [log.logId, 4n, log.logId])).toBe('SuccessorInvalid');
    });
  });

  /** Twin of a signature with s replaced by n − s and the other v. */
  function twin(signature: Hex): Hex {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = BigInt(`0x${signature.slice(66, 130)}`);
    const v = signature.endsWith('1b') ? '1c' : '1b';
    return `0x${signature.slice(2, 66)}${(order - s).toString(16).padStart(64, '0')}${v}`;
  }
});
