import { randomBytes } from 'node:crypto';
import { startDevelopmentChain, type DevelopmentChain } from '@countersign/contract-evm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bytesToHex } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { TestLog } from '../chain-contract.js';
import type { MembersChange, RegistryMembers } from '../members.js';
import { RecordedBroadcasts } from '../recorded-broadcasts.js';
import { deployRegistry } from './deploy-registry.js';
import { createEvmChain } from './evm-chain.js';
import { createJsonRpc, type RpcReply, type SendBatch } from './json-rpc.js';
import { createRegistryMembers } from './registry-members.js';

const HOUR = 3_600;

describe('the members of a registry on a node', () => {
  let node: DevelopmentChain;
  let honest: SendBatch;
  let contract: string;
  let usa: RegistryMembers;
  let nld: RegistryMembers;
  const keys = [1, 2, 3, 4].map(() => randomBytes(32)) as [Buffer, Buffer, Buffer, Buffer];
  const accounts = keys.map((key) => privateKeyToAddress(bytesToHex(key)));
  const [, , deuAccount, strangerAccount] = accounts as [string, string, string, string];

  beforeAll(async () => {
    node = await startDevelopmentChain();
    honest = createJsonRpc({ url: node.rpcUrl, timeoutMs: 5_000 });
    for (const account of accounts) await honest([{ method: 'anvil_setBalance', params: [account, '0xde0b6b3a76400000'] }]);
  });
  afterAll(() => node?.stop());
  beforeEach(async () => {
    const { rpcUrl } = node;
    ({ contract } = await deployRegistry({ rpcUrl, deployerKey: keys[0], members: accounts.slice(0, 3), quorumMin: 1 }));
    [usa, nld] = [as(keys[0]), as(keys[1])];
  });
  const as = (memberKey?: Uint8Array, send = honest): RegistryMembers =>
    createRegistryMembers({ rpcUrl: node.rpcUrl, contract, memberKey, send });

  it('reads who decides, and by which rules', async () => {
    const { members, ...rules } = await as().membership();
    expect(members.map(({ account }) => account).toSorted()).toEqual(accounts.slice(0, 3).toSorted());
    expect(members.every(({ account, attester }) => account === attester)).toBe(true);
    expect(rules).toEqual({ approvalsNeeded: 2, quorumMin: 1, version: 1n });
    expect(await as().identity()).toBe(`evm:31337:${contract}`);
    expect(await as().proposal(randomBytes(32))).toBeUndefined();
  });

  it('decides everything that there is to decide, with what was proposed in sight of who approves', async () => {
    const { rpcUrl } = node;
    const quorum = { attesters: [deuAccount], threshold: 1 };
    const broadcasts = new RecordedBroadcasts();
    const chain = createEvmChain({ rpcUrl, contract, publisherKey: keys[0], broadcasts, quorum });
    const log = new TestLog();
    await chain.listLog(log.logId);
    const changes: MembersChange[] = [
      { kind: 'membership', joining: [strangerAccount], leaving: [deuAccount], approvalsNeeded: 2, quorumMin: 0 },
      { kind: 'quorum', logId: log.logId, attesters: [], threshold: 0 },
    ];
    const decide = async (change: MembersChange): Promise<void> => {
      const proposed = await usa.propose(change, HOUR);
      expect(proposed).toMatchObject({ change, approvals: 1, enacted: false });
      expect(await as().proposal(proposed.id)).toEqual(proposed);
      expect(await nld.approve(proposed.id)).toEqual({ ...proposed, approvals: 2, enacted: true });
    };
    for (const change of changes) await decide(change);
    expect(await usa.membership()).toMatchObject({ quorumMin: 0, version: 2n });
    await chain.commitHeads([log.commit(0, 5)]);
    await decide({ kind: 'publisher', logIds: [log.logId], publisher: strangerAccount });
    await decide({ kind: 'closing', logId: log.logId, size: 5, successor: Buffer.alloc(32) });
    expect((await chain.listings([log.logId])).get(log.key)).toMatchObject({ isOurs: false, epoch: 2, closed: { size: 5 } });
  });

  it('takes no decision of a stranger, none twice, and none without a key', async () => {
    const change: MembersChange = {
      kind: 'membership',
      joining: [strangerAccount],
      leaving: [],
      approvalsNeeded: 3,
      quorumMin: 1,
    };
    const refused = { code: 'CHAIN_REFUSED' };
    await expect(as(keys[3]).propose(change, HOUR)).rejects.toMatchObject(refused);
    await expect(as().propose(change, HOUR)).rejects.toMatchObject({ code: 'FIELD_INVALID' });
    const { id } = await usa.propose(change, HOUR);
    await expect(as(keys[3]).approve(id)).rejects.toMatchObject(refused);
    await expect(usa.approve(id)).rejects.toMatchObject(refused);
    await expect(nld.approve(randomBytes(32))).rejects.toMatchObject(refused);
    await nld.approve(id);
    await expect(as(keys[2]).approve(id)).rejects.toMatchObject(refused);
    expect(await usa.proposal(id)).toMatchObject({ approvals: 2, enacted: true });
  });

  it('approves nothing whose content is not what its id says', async () => {
    const change: MembersChange = {
      kind: 'membership',
      joining: [strangerAccount],
      leaving: [],
      approvalsNeeded: 3,
      quorumMin: 1,
    };
    const { id } = await usa.propose(change, HOUR);
    let isSent = false;
    const account = strangerAccount.slice(2).toLowerCase();
    const lying: SendBatch = async (calls) => {
      isSent ||= calls.some(({ method }) => method === 'eth_sendRawTransaction');
      const replies = await honest(calls);
      return replies.map((reply): RpcReply => {
        if (!('result' in reply) || typeof reply.result !== 'string') return reply;
        return { result: reply.result.replace(account, '1'.repeat(40)) };
      });
    };
    await expect(as(keys[1], lying).approve(id)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    expect(isSent).toBe(false);
    expect(await usa.proposal(id)).toMatchObject({ approvals: 1, enacted: false });
  });
});
