import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toHex, type Address, type Hex } from 'viem';
import { LOG_REGISTRY_ABI, LOG_REGISTRY_BYTECODE, LOG_REGISTRY_DEPLOYED_BYTECODE } from './log-registry.generated.js';
import { RegistryDriver } from './registry-driver.js';
import { openRegistryFixture, type RegistryFixture } from './registry-fixture.js';
import { SampleLog } from './sample-log.js';

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
    registry = await RegistryDriver.deploy(fixture, [usa!, nld!, deu!], 2);
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

    it.each<[string, () => Address[], number, number]>([
      ['no members', () => [], 1, 0],
      ['a zero member', () => [usa!, `0x${'0'.repeat(40)}`], 2, 0],
      ['a repeated member', () => [usa!, nld!, usa!], 2, 0],
      ['k = 0', () => [usa!], 0, 0],
      ['more approvals than members', () => [usa!, nld!], 3, 0],
      ['two members of whom one decides', () => [usa!, nld!], 1, 0],
      ['three members of whom one decides', () => [usa!, nld!, deu!], 1, 0],
      ['four members of whom half decide', () => [usa!, nld!, deu!, publisher!], 2, 0],
      ['three members of whom all must decide', () => [usa!, nld!, deu!], 3, 0],
      ['a least quorum of all members, the own one included', () => [usa!, nld!, deu!], 2, 3],
      ['65 members', () => Array.from({ length: 65 }, (_, index) => toHex(index + 1, { size: 20 })), 33, 0],
    ])('refuses %s', async (_, members, approvalsNeeded, quorumMin) => {
      const args = [members(), approvalsNeeded, quorumMin];
      await expect(fixture.deploy(LOG_REGISTRY_ABI, LOG_REGISTRY_BYTECODE, args)).rejects.toThrow('reverted');
    });

    it.each<[string, () => Address[], number, number]>([
      ['one member, as a development chain has', () => [usa!], 1, 0],
      ['two members who decide together', () => [usa!, nld!], 2, 1],
      ['five members of whom four decide', () => [usa!, nld!, deu!, publisher!, stranger!], 4, 4],
    ])('takes %s', async (_, members, approvalsNeeded, quorumMin) => {
      const deployed = await RegistryDriver.deploy(fixture, members(), approvalsNeeded, quorumMin);
      expect(await deployed.members()).toEqual({ accounts: members().toSorted(), approvalsNeeded, quorumMin, version: 1n });
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
        epoch: 1,
        threshold: 0,
        openedHeight: receipt.blockNumber,
        latestSize: 0n,
      });
    });

    it('refuses non-members, zeros, repeats and impossible quorums', async () => {
      const [member, attester, other, pub, nobody] = names();
      const taken = (await openLog()).logId;
      const refused = async (from: Address, ...args: unknown[]): Promise<unknown> => registry.errorOf(from, 'registerLog', args);
      expect(await refused(nobody, freshId(), pub, [], 0)).toBe('NotMember');
      expect(await refused(pub, freshId(), pub, [], 0)).toBe('NotMember');
      expect(await refused(other, taken, pub, [], 0)).toBe('LogAlreadyRegistered');
      expect(await refused(member, ZERO, pub, [], 0)).toBe('RegistrationInvalid');
      expect(await refused(member, freshId(), `0x${'0'.repeat(40)}`, [], 0)).toBe('RegistrationInvalid');
      expect(await refused(member, freshId(), pub, [attester], 2)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, [attester, attester], 1)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, [attester, pub], 1)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, [member], 1)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, [`0x${'0'.repeat(40)}`], 1)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, [nobody], 1)).toBe('AttestersInvalid');
      expect(await refused(member, freshId(), pub, [attester, other], 2)).toBeUndefined();
    });

    it('refuses more attesters than one head may name, and a quorum below the least', async () => {
      const many = Array.from({ length: 40 }, (_, index) => toHex(index + 1, { size: 20 }));
      const strict = await RegistryDriver.deploy(fixture, [usa!, ...many], 21, 2);
      const refused = (attesters: Address[], threshold: number): Promise<string | undefined> =>
        strict.errorOf(usa!, 'registerLog', [freshId(), publisher!, attesters, threshold]);
      expect(await refused(many.slice(0, 33), 2)).toBe('AttestersInvalid');
      expect(await refused(many.slice(0, 32), 2)).toBeUndefined();
      expect(await refused(many.slice(0, 32), 1)).toBe('AttestersInvalid');
      expect(await refused([], 0)).toBe('AttestersInvalid');
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
});
