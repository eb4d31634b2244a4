import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toHex, type Address, type Hex } from 'viem';
import { eventsOf, RegistryDriver } from './registry-driver.js';
import { openRegistryFixture, type RegistryFixture } from './registry-fixture.js';
import { SampleAttester, SampleLog } from './sample-log.js';

const ZERO: Hex = `0x${'0'.repeat(64)}`;
const sample = new SampleAttester();
let counter = 0;
const freshId = (): Hex => toHex((counter += 1), { size: 32 });

describe('what members decide together', () => {
  let fixture: RegistryFixture;
  let registry: RegistryDriver;
  let [usa, nld, deu, publisher, stranger]: Address[] = [];

  beforeAll(async () => {
    fixture = await openRegistryFixture();
    [usa, nld, deu, publisher, stranger] = fixture.accounts as Address[];
  });
  afterAll(() => fixture?.close());
  beforeEach(async () => {
    registry = await RegistryDriver.deploy(fixture, [usa!, nld!, deu!], 2);
  });

  async function openLog(...heads: number[]): Promise<SampleLog> {
    const log = new SampleLog(freshId(), 64);
    expect((await registry.register(usa!, log.logId, publisher!)).status).toBe('success');
    for (const [index, size] of heads.entries()) {
      const { settled } = await registry.commit(publisher!, [log.commit(heads[index - 1] ?? 0, size)]);
      expect(settled[0]?.outcome).toBe('Accepted');
    }
    return log;
  }
  const pass = async (seconds: number): Promise<void> => {
    await fixture.client.request({ method: 'evm_increaseTime', params: [seconds] } as never);
    await fixture.client.request({ method: 'evm_mine', params: [] } as never);
  };

  describe('a proposal', () => {
    const joining = (): [Address[], Address[], number, number] => [[stranger!], [], 3, 0];

    it('takes effect with the k-th approval, and not again', async () => {
      const id = await registry.propose(usa!, 'proposeMembership', joining());
      expect(await registry.proposalOf(id!)).toMatchObject({ approvals: 1, enacted: false, nonce: 1n });
      expect((await registry.members()).accounts).toHaveLength(3);
      expect(await registry.errorOf(usa!, 'approve', [id])).toBe('ProposalAlreadyApproved');
      const receipt = await registry.send(nld!, 'approve', [id]);
      expect(eventsOf(receipt).map(({ eventName }) => eventName)).toEqual([
        'Approved',
        'Enacted',
        'AttesterChanged',
        'MembershipChanged',
      ]);
      const accounts = [usa!, nld!, deu!, stranger!].toSorted();
      expect(await registry.members()).toEqual({ accounts, approvalsNeeded: 3, quorumMin: 0, version: 2n });
      for (const member of [usa!, nld!, deu!, stranger!]) {
        expect(await registry.errorOf(member, 'approve', [id])).toBe('ProposalEnacted');
        expect((await registry.send(member, 'approve', [id])).status).toBe('reverted');
      }
      expect((await registry.members()).version).toBe(2n);
    });

    it('is made and approved by members only', async () => {
      const { timestamp } = await fixture.client.getBlock();
      const id = await registry.propose(usa!, 'proposeMembership', joining());
      const calls: [Parameters<RegistryDriver['errorOf']>[1], unknown[]][] = [
        ['proposeMembership', [...joining(), timestamp + 60n]],
        ['proposePublisher', [[freshId()], stranger, timestamp + 60n]],
        ['proposeQuorum', [freshId(), [], 0, timestamp + 60n]],
        ['proposeClosing', [freshId(), 1n, ZERO, timestamp + 60n]],
        ['approve', [id]],
        ['changeAttester', [stranger]],
      ];
      for (const [name, args] of calls)
        for (const sender of [stranger!, publisher!]) expect(await registry.errorOf(sender, name, args)).toBe('NotMember');
      expect(await registry.errorOf(nld!, 'approve', [ZERO])).toBe('ProposalUnknown');
    });

    it('adds up with no other, also of the same content', async () => {
      const ids = [];
      for (const member of [usa!, nld!, deu!]) ids.push(await registry.propose(member, 'proposeMembership', joining()));
      expect(new Set(ids).size).toBe(3);
      expect((await registry.members()).version).toBe(1n);
    });

    it('expires, and cannot be made for ever', async () => {
      const id = await registry.propose(usa!, 'proposeMembership', joining(), 100n);
      const later = await registry.propose(usa!, 'proposeMembership', joining(), 1_000n);
      await pass(200);
      expect(await registry.errorOf(nld!, 'approve', [id])).toBe('ProposalExpired');
      expect(await registry.propose(usa!, 'proposeMembership', joining(), 0n)).toBeUndefined();
      expect(await registry.propose(usa!, 'proposeMembership', joining(), 31n * 86_400n)).toBeUndefined();
      expect(await registry.propose(usa!, 'proposeMembership', joining(), 30n * 86_400n)).toBeDefined();
      expect((await registry.send(nld!, 'approve', [later])).status).toBe('success');
      expect((await registry.members()).version).toBe(2n);
    });

    it('is void once the membership changed: nobody who left counts, also when he comes back', async () => {
      const log = await openLog(4);
      const closing = await registry.propose(nld!, 'proposeClosing', [log.logId, 4n, ZERO]);
      // nld leaves and comes back, with stranger in between: the approvals of before count for nothing.
      await registry.decide([usa!, deu!], 'proposeMembership', [[stranger!], [nld!], 2, 0]);
      expect(await registry.errorOf(nld!, 'approve', [closing])).toBe('NotMember');
      expect(await registry.errorOf(usa!, 'approve', [closing])).toBe('ProposalVoid');
      await registry.decide([usa!, deu!], 'proposeMembership', [[nld!], [stranger!], 2, 0]);
      expect(await registry.errorOf(usa!, 'approve', [closing])).toBe('ProposalVoid');
      expect((await registry.send(usa!, 'approve', [closing])).status).toBe('reverted');
      expect((await registry.logOf(log.logId)).closedHeight).toBe(0n);
      const again = await registry.decide([nld!, usa!], 'proposeClosing', [log.logId, 4n, ZERO]);
      expect(again.status).toBe('success');
      expect((await registry.logOf(log.logId)).closingSize).toBe(4n);
    });

    it('has another id in another contract', async () => {
      const other = await RegistryDriver.deploy(fixture, [usa!, nld!, deu!], 2);
      const id = await registry.propose(usa!, 'proposeMembership', joining());
      expect(await other.propose(usa!, 'proposeMembership', joining())).not.toBe(id);
      expect(await other.errorOf(nld!, 'approve', [id])).toBe('ProposalUnknown');
    });
  });

  describe('a membership', () => {
    it.each<[string, () => [Address[], Address[], number, number]]>([
      ['a member who is one', () => [[nld!], [], 2, 0]],
      ['a zero member', () => [[`0x${'0'.repeat(40)}`], [], 3, 0]],
      ['one twice', () => [[stranger!, stranger!], [], 3, 0]],
      ['the leaving of a stranger', () => [[], [stranger!], 2, 0]],
      ['the leaving of one twice', () => [[stranger!], [nld!, nld!], 2, 0]],
      ['fewer than three after three', () => [[], [nld!], 2, 0]],
      ['one after three', () => [[], [nld!, deu!], 1, 0]],
      ['nobody', () => [[], [usa!, nld!, deu!], 0, 0]],
      ['one who decides alone', () => [[], [], 1, 0]],
      ['half who decide', () => [[stranger!], [], 2, 0]],
      ['all who must decide', () => [[], [], 3, 0]],
      ['a least quorum that nobody can meet', () => [[], [], 2, 3]],
      ["a new member whose account is another's attester", () => [[sample.address], [], 3, 0]],
    ])('never takes %s', async (_, args) => {
      await registry.send(usa!, 'changeAttester', [sample.address]);
      const before = await registry.members();
      const id = await registry.propose(usa!, 'proposeMembership', args());
      expect(await registry.errorOf(nld!, 'approve', [id])).toBe('MembershipInvalid');
      expect((await registry.send(nld!, 'approve', [id])).status).toBe('reverted');
      expect(await registry.members()).toEqual(before);
    });

    it('grows from one, and replaces a member in one step', async () => {
      const grown = await RegistryDriver.deploy(fixture, [usa!], 1);
      // One alone decides at once; from two on never again.
      await grown.propose(usa!, 'proposeMembership', [[nld!], [], 2, 1]);
      expect(await grown.members()).toMatchObject({ approvalsNeeded: 2, quorumMin: 1, version: 2n });
      await grown.decide([usa!, nld!], 'proposeMembership', [[], [nld!], 1, 0]);
      expect((await grown.members()).version).toBe(2n);
      await grown.decide([usa!, nld!], 'proposeMembership', [[deu!], [], 2, 1]);
      await grown.decide([deu!, usa!], 'proposeMembership', [[stranger!], [nld!], 2, 2]);
      expect(await grown.members()).toEqual({
        accounts: [usa!, deu!, stranger!].toSorted(),
        approvalsNeeded: 2,
        quorumMin: 2,
        version: 4n,
      });
    });

    it('has one key of its own for each attester', async () => {
      const refused = (attester: Address): Promise<string | undefined> => registry.errorOf(usa!, 'changeAttester', [attester]);
      expect(await registry.attesterOf(usa!)).toBe(usa);
      await registry.send(nld!, 'changeAttester', [sample.address]);
      expect(await refused(sample.address)).toBe('AttesterInvalid');
      expect(await refused(nld!)).toBe('AttesterInvalid');
      expect(await refused(deu!)).toBe('AttesterInvalid');
      expect(await refused(`0x${'0'.repeat(40)}`)).toBe('AttesterInvalid');
      expect(await registry.errorOf(nld!, 'changeAttester', [nld!])).toBeUndefined();
      const { version } = await registry.members();
      expect(version).toBe(1n);
    });
  });

  describe("a log's publisher", () => {
    const attempt = async (from: Address, commit: Parameters<RegistryDriver['commit']>[1][number]): Promise<string | undefined> =>
      (await registry.commit(from, [commit])).settled[0]?.outcome;

    it('is replaced by k members; its epoch is over, and what it committed stays', async () => {
      const [log, other] = [await openLog(4, 9), await openLog(3)];
      const receipt = await registry.decide([usa!, deu!], 'proposePublisher', [[log.logId, other.logId], stranger]);
      const replaced = eventsOf(receipt).filter(({ eventName }) => eventName === 'PublisherReplaced');
      expect(replaced.map(({ args }) => args)).toEqual([
        { logId: log.logId, epoch: 2, publisher: stranger, fromSize: 9n, isHandedOver: false },
        { logId: other.logId, epoch: 2, publisher: stranger, fromSize: 3n, isHandedOver: false },
      ]);
      expect(await attempt(publisher!, log.commit(9, 12))).toBe('NotPublisher');
      expect(await attempt(publisher!, log.commit(9, 12, [], 2))).toBe('NotPublisher');
      expect(await attempt(publisher!, log.commit(4, 9))).toBe('NotPublisher');
      expect(await attempt(stranger!, log.commit(9, 12))).toBe('OtherEpoch');
      expect(await attempt(stranger!, log.commit(9, 12, [], 3))).toBe('OtherEpoch');
      expect(await attempt(stranger!, log.commit(4, 9, [], 2))).toBe('Repeated');
      expect(await attempt(stranger!, log.commit(9, 12, [], 2))).toBe('Accepted');
      expect(await registry.headAt(log.logId, 4n)).toMatchObject({ root: log.root(4) });
      const [first, second] = await registry.epochsOf(log.logId);
      expect(first).toMatchObject({ publisher, fromSize: 0n });
      expect(second).toEqual({ publisher: stranger, fromHeight: receipt.blockNumber, fromSize: 9n });
      expect(await registry.logOf(log.logId)).toMatchObject({ publisher: stranger, epoch: 2, organisation: usa });
    });

    it('hands its log over by an offer, which alone changes nothing', async () => {
      const log = await openLog(4);
      expect(await registry.errorOf(usa!, 'offerPublisher', [log.logId, usa])).toBe('NotLogPublisher');
      await registry.send(publisher!, 'offerPublisher', [log.logId, deu]);
      expect(await registry.logOf(log.logId)).toMatchObject({ publisher, epoch: 1 });
      expect(await attempt(deu!, log.commit(4, 6))).toBe('NotPublisher');
      const isHandedOver = async (to: Address): Promise<unknown> => {
        const receipt = await registry.decide([usa!, deu!], 'proposePublisher', [[log.logId], to]);
        return eventsOf(receipt).at(-1)?.args['isHandedOver'];
      };
      expect(await isHandedOver(deu!)).toBe(true);
      expect(await registry.errorOf(publisher!, 'offerPublisher', [log.logId, stranger])).toBe('NotLogPublisher');
      await registry.send(deu!, 'offerPublisher', [log.logId, nld]);
      expect(await isHandedOver(stranger!)).toBe(false);
      // An offer of an earlier epoch says nothing of this one.
      expect(await isHandedOver(nld!)).toBe(false);
      await registry.send(nld!, 'offerPublisher', [log.logId, usa]);
      expect(await isHandedOver(usa!)).toBe(true);
      const seized = await openLog(4);
      await registry.send(publisher!, 'offerPublisher', [seized.logId, deu]);
      const replace = async (to: Address): Promise<unknown> =>
        eventsOf(await registry.decide([usa!, deu!], 'proposePublisher', [[seized.logId], to])).at(-1)?.args['isHandedOver'];
      expect([await replace(stranger!), await replace(deu!)]).toEqual([false, false]);
    });

    it('never comes back, is never zero, and is not replaced in an unknown or closed log', async () => {
      const [log, closed] = [await openLog(4), await openLog(4)];
      await registry.decide([usa!, deu!], 'proposeClosing', [closed.logId, 4n, ZERO]);
      await registry.decide([usa!, deu!], 'proposePublisher', [[log.logId], stranger]);
      const enacting = async (logIds: Hex[], to: Address): Promise<string | undefined> => {
        const id = await registry.propose(usa!, 'proposePublisher', [logIds, to]);
        return registry.errorOf(deu!, 'approve', [id]);
      };
      expect(await enacting([log.logId], publisher!)).toBe('PublisherInvalid');
      expect(await enacting([log.logId], stranger!)).toBe('PublisherInvalid');
      expect(await enacting([log.logId], `0x${'0'.repeat(40)}`)).toBe('PublisherInvalid');
      expect(await enacting([log.logId, log.logId], nld!)).toBe('PublisherInvalid');
      expect(await enacting([freshId()], nld!)).toBe('LogUnlisted');
      expect(await enacting([closed.logId], nld!)).toBe('LogAlreadyClosed');
      expect(await enacting([log.logId, closed.logId], nld!)).toBe('LogAlreadyClosed');
      expect(await registry.propose(usa!, 'proposePublisher', [Array.from({ length: 65 }, freshId), nld])).toBeUndefined();
    });
  });

  describe('closing', () => {
    const outcome = async (commit: Parameters<RegistryDriver['commit']>[1][number]): Promise<string | undefined> =>
      (await registry.commit(publisher!, [commit])).settled[0]?.outcome;
    it('needs k members for the same closing, then accepts no further head', async () => {
      const log = await openLog(4, 9);
      const successor = freshId();
      const closing = [log.logId, 9n, successor];
      const first = await registry.propose(usa!, 'proposeClosing', closing);
      // Another size or successor, or the same closing once more, is another proposal: approvals do not add up.
      await registry.propose(nld!, 'proposeClosing', [log.logId, 4n, successor]);
      await registry.propose(deu!, 'proposeClosing', [log.logId, 9n, freshId()]);
      await registry.propose(deu!, 'proposeClosing', closing);
      expect((await registry.logOf(log.logId)).closedHeight).toBe(0n);
      expect(await outcome(log.commit(9, 12))).toBe('Accepted');
      const receipt = await registry.send(nld!, 'approve', [first]);
      expect(eventsOf(receipt).map(({ eventName }) => eventName)).toEqual(['Approved', 'Enacted', 'LogClosed']);
      expect(await registry.logOf(log.logId)).toMatchObject({
        closedHeight: receipt.blockNumber,
        closingSize: 9n,
        closingRoot: log.root(9),
        successor,
      });
      expect(await outcome(log.commit(12, 13))).toBe('LogIsClosed');
      expect(await outcome(log.commit(9, 12))).toBe('Repeated');
      expect(await registry.headAt(log.logId, 12n)).toMatchObject({ root: log.root(12) });
    });

    it('cannot be enacted at a head that is not there, twice, or with itself as successor', async () => {
      const log = await openLog(4);
      const enactingFails = async (size: bigint, successor: Hex, logId = log.logId): Promise<string | undefined> => {
        const id = await registry.propose(usa!, 'proposeClosing', [logId, size, successor]);
        const error = await registry.errorOf(nld!, 'approve', [id]);
        expect((await registry.send(nld!, 'approve', [id])).status).toBe('reverted');
        expect(await registry.proposalOf(id!)).toMatchObject({ approvals: 1, enacted: false });
        return error;
      };
      expect(await enactingFails(3n, ZERO)).toBe('HeadUnknown');
      expect(await enactingFails(0n, ZERO)).toBe('HeadUnknown');
      expect(await enactingFails(4n, ZERO, freshId())).toBe('LogUnlisted');
      expect(await enactingFails(4n, log.logId)).toBe('SuccessorInvalid');
      await registry.decide([deu!, nld!], 'proposeClosing', [log.logId, 4n, ZERO]);
      expect(await enactingFails(4n, ZERO)).toBe('LogAlreadyClosed');
    });
  });
});
