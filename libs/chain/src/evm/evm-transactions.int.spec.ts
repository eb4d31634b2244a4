import { randomBytes } from 'node:crypto';
import { startDevelopmentChain, type DevelopmentChain } from '@countersign/contract-evm';
import { DomainError } from '@countersign/kernel';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createWalletClient, http, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { TestLog } from '../chain-contract.js';
import type { Chain, CommitReceipt } from '../chain.js';
import { RecordedBroadcasts } from '../recorded-broadcasts.js';
import { deployRegistry } from './deploy-registry.js';
import { createEvmChain, type EvmChainOptions } from './evm-chain.js';
import { createJsonRpc, type RpcReply, type SendBatch } from './json-rpc.js';

const SETTLE_MS = 100;

/** What may become of a transaction on its way. In each case the same heads are stored in the end, once, and never others. */
describe('a transaction of the EVM chain', () => {
  let node: DevelopmentChain;
  let honest: SendBatch;
  let options: EvmChainOptions;
  let broadcasts: RecordedBroadcasts;
  let log: TestLog;
  const publisherKey = randomBytes(32);

  beforeAll(async () => {
    node = await startDevelopmentChain();
    honest = createJsonRpc({ url: node.rpcUrl, timeoutMs: 5_000 });
    const { contract } = await deployRegistry({ rpcUrl: node.rpcUrl, deployerKey: publisherKey });
    options = { rpcUrl: node.rpcUrl, contract, publisherKey, broadcasts: new RecordedBroadcasts(), settleTimeoutMs: SETTLE_MS };
  });
  afterAll(() => node?.stop());
  beforeEach(async () => {
    log = new TestLog();
    broadcasts = new RecordedBroadcasts();
    await createEvmChain(options).listLog(log.logId);
  });
  afterEach(() => call('evm_setAutomine', true));

  const call = async (method: string, ...params: unknown[]): Promise<unknown> => {
    const [reply] = await honest([{ method, params }]);
    return reply && 'result' in reply ? reply.result : undefined;
  };
  /** An adapter as after a restart: nothing in memory but the durable memory of broadcasts. */
  const restarted = (send: SendBatch = honest): Chain => createEvmChain({ ...options, broadcasts, send });
  /** Does something around the sending of a transaction; everything else reaches the node. */
  const sendingBy =
    (around: (send: () => Promise<RpcReply[]>) => Promise<RpcReply[]>): SendBatch =>
    (calls) =>
      calls[0]?.method === 'eth_sendRawTransaction' ? around(() => honest(calls)) : honest(calls);
  const statusOf = ({ settlements }: CommitReceipt): string | undefined => settlements.get(log.key)?.status;
  const hexOf = (value: bigint): Hex => `0x${value.toString(16)}`;
  const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`;

  /** Exactly these heads were ever bound and sent, and the chain holds the last of them. */
  async function expectStored(...sizes: number[]): Promise<void> {
    expect(new Set(broadcasts.all.flatMap(({ heads }) => heads.map(({ size }) => size)))).toEqual(new Set(sizes));
    expect((await restarted().readHeads([log.logId])).get(log.key)?.size).toBe(sizes.at(-1));
  }

  it.each([
    ['before it was sent', false],
    ['after it was sent', true],
  ])('of a process that ends %s is sent again with the same heads', async (_, isSent) => {
    const killed = sendingBy(async (send) => {
      if (isSent) await send();
      throw new Error('the process is gone');
    });
    await expect(restarted(killed).commitHeads([log.commit(0, 5)])).rejects.toThrow('the process is gone');
    // Bound before anything was sent; the process that follows knows what to repeat.
    expect(broadcasts.all).toHaveLength(1);
    expect(statusOf(await restarted().commitHeads([log.commit(0, 5)]))).toBe('stored');
    await expectStored(5);
  });

  it('that nobody answers in time counts as neither sent nor lost', async () => {
    const silent = sendingBy(async (send) => {
      await send();
      throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'chain' });
    });
    const sent = restarted(silent).commitHeads([log.commit(0, 5)]);
    await expect(sent).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    const first = await restarted().headAt(log.logId, 5);
    const again = await restarted().commitHeads([log.commit(0, 5)], 1);
    expect(again.settlements.get(log.key)).toEqual({ status: 'stored', head: first });
    await expectStored(5);
  });

  it('that the node has already is not lost by its refusal', async () => {
    await call('evm_setAutomine', false);
    const first = await restarted().commitHeads([log.commit(0, 5)]);
    const refusals: RpcReply[] = [];
    const watched = sendingBy(async (send) => {
      const replies = await send();
      refusals.push(...replies);
      return replies;
    });
    // The same heads at the same nonce and fee are the same bytes: the node says that it knows them.
    const second = await restarted(watched).commitHeads([log.commit(0, 5)]);
    expect(JSON.stringify(refusals)).toMatch(/already/);
    expect(second.transaction).toEqual(first.transaction);
    expect([statusOf(first), statusOf(second)]).toEqual(['pending', 'pending']);
    await call('evm_mine');
    await expectStored(5);
  });

  it('whose nonce is taken meanwhile is refused, and its heads are found stored by the other one', async () => {
    const refusals: RpcReply[] = [];
    const overtaken = sendingBy(async (send) => {
      // A second process of the same key, which was thought to be dead, commits the same heads first.
      await restarted().commitHeads([log.commit(0, 5)], 3);
      const replies = await send();
      refusals.push(...replies);
      return replies;
    });
    const { settlements } = await restarted(overtaken).commitHeads([log.commit(0, 5)]);
    expect(JSON.stringify(refusals)).toMatch(/nonce too low/);
    expect(settlements.get(log.key)).toEqual({ status: 'stored', head: await restarted().headAt(log.logId, 5) });
    await expectStored(5);
  });

  it('whose nonce a foreign transaction of the same key took is sent again at the next one', async () => {
    const wallet = createWalletClient({ chain: foundry, transport: http(node.rpcUrl) });
    const account = privateKeyToAccount(hex(publisherKey));
    const overtaken = sendingBy(async (send) => {
      await wallet.sendTransaction({ account, to: account.address, value: 1n });
      return send();
    });
    expect(statusOf(await restarted(overtaken).commitHeads([log.commit(0, 5)]))).toBe('pending');
    expect(statusOf(await restarted().commitHeads([log.commit(0, 5)], 1))).toBe('stored');
    const [first, second] = broadcasts.all;
    expect(second?.nonce).toBe((first?.nonce ?? 0) + 1);
    await expectStored(5);
  });

  it('that the pool dropped is sent again', async () => {
    await call('evm_setAutomine', false);
    const dropped = await restarted().commitHeads([log.commit(0, 5)]);
    expect(statusOf(dropped)).toBe('pending');
    await call('anvil_dropTransaction', hex(dropped.transaction));
    await call('evm_mine');
    expect(await restarted().headAt(log.logId, 5)).toBeUndefined();
    await call('evm_setAutomine', true);
    expect(statusOf(await restarted().commitHeads([log.commit(0, 5)], 1))).toBe('stored');
    await expectStored(5);
  });

  it('that another one replaced in the pool leaves its heads to be sent again', async () => {
    await call('evm_setAutomine', false);
    const replaced = await restarted().commitHeads([log.commit(0, 5)]);
    expect(statusOf(replaced)).toBe('pending');
    const wallet = createWalletClient({ chain: foundry, transport: http(node.rpcUrl) });
    const account = privateKeyToAccount(hex(publisherKey));
    const [first] = broadcasts.all;
    const fees = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n };
    await wallet.sendTransaction({ account, to: account.address, nonce: first?.nonce ?? 0, value: 1n, ...fees });
    await call('evm_mine');
    expect(await call('eth_getTransactionReceipt', hex(replaced.transaction))).toBeNull();
    await call('evm_setAutomine', true);
    expect(statusOf(await restarted().commitHeads([log.commit(0, 5)], 1))).toBe('stored');
    await expectStored(5);
  });

  it('whose fee the chain has outgrown is replaced at the fee of the day', async () => {
    await call('evm_setAutomine', false);
    expect(statusOf(await restarted().commitHeads([log.commit(0, 5)]))).toBe('pending');
    await call('anvil_setNextBlockBaseFeePerGas', hexOf(5n * 10n ** 12n)); // 5,000 gwei, far above the fee of before.
    await call('evm_mine');
    expect(await restarted().headAt(log.logId, 5)).toBeUndefined();
    await call('evm_setAutomine', true);
    expect(statusOf(await restarted().commitHeads([log.commit(0, 5)], 1))).toBe('stored');
    const [first, second] = broadcasts.all;
    expect(second?.nonce).toBe(first?.nonce);
    expect(second?.transaction).not.toEqual(first?.transaction);
    await expectStored(5);
    await call('anvil_setNextBlockBaseFeePerGas', hexOf(10n ** 9n));
    await call('evm_mine');
  });

  it('of before a rewind, sent again by the node or by somebody who kept it, stores the same heads', async () => {
    const snapshot = await call('evm_snapshot');
    await restarted().commitHeads([log.commit(0, 5)]);
    await call('evm_revert', snapshot);
    expect(await restarted().headAt(log.logId, 5)).toBeUndefined();
    const [first] = broadcasts.all;
    await call('eth_sendRawTransaction', hex(first?.raw ?? Buffer.alloc(0)));
    expect(statusOf(await restarted().commitHeads([log.commit(0, 5)]))).toBe('stored');
    // The head that follows extends what the chain holds now.
    expect(statusOf(await restarted().commitHeads([log.commit(5, 9)]))).toBe('stored');
    await expectStored(5, 9);
  });
});
