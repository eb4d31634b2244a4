import { randomBytes } from 'node:crypto';
import { startDevelopmentChain, type DevelopmentChain } from '@countersign/contract-evm';
import { DomainError } from '@countersign/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { privateKeyToAddress } from 'viem/accounts';
import { TestLog } from '../chain-contract.js';
import { LIMITS } from '../config.js';
import { RecordedBroadcasts } from '../recorded-broadcasts.js';
import { deployRegistry } from './deploy-registry.js';
import { createEvmChain, type EvmChainOptions } from './evm-chain.js';
import { createJsonRpc, type RpcCall, type RpcReply, type SendBatch } from './json-rpc.js';

/** Changes what the node answers to one method. */
type Lie = (result: unknown, call: RpcCall) => unknown;

describe('the EVM chain with a node that fails or lies', () => {
  let node: DevelopmentChain;
  let honest: SendBatch;
  let options: EvmChainOptions;
  let log: TestLog;
  const publisherKey = randomBytes(32);

  beforeAll(async () => {
    node = await startDevelopmentChain();
    honest = createJsonRpc({ url: node.rpcUrl, timeoutMs: 5_000 });
    const { contract } = await deployRegistry({ rpcUrl: node.rpcUrl, deployerKey: publisherKey });
    options = { rpcUrl: node.rpcUrl, contract, publisherKey, broadcasts: new RecordedBroadcasts(), settleTimeoutMs: 300 };
  });
  afterAll(() => node?.stop());
  beforeEach(async () => {
    log = new TestLog();
    await createEvmChain(options).listLog(log.logId);
  });

  const lying =
    (lies: Readonly<Record<string, Lie>>): SendBatch =>
    async (calls) => {
      const replies = await honest(calls);
      return replies.map((reply, index): RpcReply => {
        const call = calls[index] as RpcCall;
        const lie = lies[call.method];
        return lie && 'result' in reply ? { result: lie(reply.result, call) } : reply;
      });
    };
  const call = async (method: string, ...params: unknown[]): Promise<unknown> => {
    const [reply] = await honest([{ method, params }]);
    return reply && 'result' in reply ? reply.result : undefined;
  };

  it.each<[string, Readonly<Record<string, Lie>>]>([
    ['another chain id than pinned', { eth_chainId: () => '0x2' }],
    ['a chain id that is no number', { eth_chainId: () => 31337 }],
    ['hex without 0x', { eth_blockNumber: () => '10' }],
    ['a number with leading zeros', { eth_blockNumber: () => '0x010' }],
    ['no block number', { eth_blockNumber: () => null }],
    ['a head above the newest block', { eth_blockNumber: () => '0x1' }],
    ['nothing from the contract', { eth_call: () => '0x' }],
    ['null from the contract', { eth_call: () => null }],
    ['odd hex', { eth_call: (result) => (result as string).slice(0, -1) }],
    ['half an answer', { eth_call: (result) => (result as string).slice(0, 66) }],
    ['an object', { eth_call: () => ({}) }],
    ['a size out of range', { eth_call: (result) => (result as string).replace(/[0-9a-f]{64}/, 'f'.repeat(64)) }],
  ])('never takes %s for an anchored head', async (_, lies) => {
    await createEvmChain(options).commitHeads([log.commit(0, 5)]);
    const chain = createEvmChain({ ...options, chainId: 31_337n, send: lying(lies) });
    expect(await codeOf(() => chain.headAt(log.logId, 5))).toBe('DEPENDENCY_UNAVAILABLE');
    expect(await codeOf(() => chain.confirm([log.commit(0, 5)]))).toBe('DEPENDENCY_UNAVAILABLE');
  });

  it('does not follow a node that changes to another chain', async () => {
    let chainId = '0x7a69';
    const chain = createEvmChain({ ...options, send: lying({ eth_chainId: () => chainId }) });
    await chain.readHeads([log.logId]);
    chainId = '0x1';
    expect(await codeOf(() => chain.readHeads([log.logId]))).toBe('DEPENDENCY_UNAVAILABLE');
  });

  it('calls a head refused, not stored, when the receipt says success and the state has nothing', async () => {
    const empty: Lie = (result) => `0x${'0'.repeat((result as string).length - 2)}`;
    const withSize: Lie = (result, { params }) => {
      const { data } = params[0] as { data: string };
      return data.length > 80 ? `0x${data.slice(-64)}${'0'.repeat(192)}` : empty(result, { method: '', params });
    };
    const chain = createEvmChain({ ...options, send: lying({ eth_call: withSize }) });
    const { settlements } = await chain.commitHeads([log.commit(0, 5)]);
    expect(settlements.get(log.key)).toEqual({ status: 'refused', refusal: 'NOT_STORED' });
  });

  it.each<[string, Lie, string]>([
    ['no receipt', () => null, 'pending'],
    [
      'a receipt of a block that is not there yet',
      (_, { params }) => ({ transactionHash: params[0], status: '0x1', logs: [], blockNumber: '0xffffff' }),
      'pending',
    ],
  ])('leaves a head pending while there is %s and no stored head', async (_, receipt, status) => {
    const send = lying({ eth_getTransactionReceipt: receipt, eth_sendRawTransaction: () => `0x${'0'.repeat(64)}` });
    const unsent: SendBatch = (calls) =>
      calls[0]?.method === 'eth_sendRawTransaction' ? Promise.resolve([{ result: '0x' }]) : send(calls);
    const { settlements } = await createEvmChain({ ...options, send: unsent }).commitHeads([log.commit(0, 5)]);
    expect(settlements.get(log.key)).toEqual({ status });
  });

  it.each<[string, Lie]>([
    ['of another transaction', (result) => ({ ...(result as object), transactionHash: `0x${'1'.repeat(64)}` })],
    ['without a status', (result) => ({ ...(result as object), status: undefined })],
    ['with endless logs', (result) => ({ ...(result as object), logs: Array.from({ length: 2_000 }, () => ({})) })],
    ['that is no object', () => []],
  ])('takes a receipt %s for no answer', async (_, receipt) => {
    const chain = createEvmChain({ ...options, send: lying({ eth_getTransactionReceipt: receipt }) });
    expect(await codeOf(() => chain.commitHeads([log.commit(0, 5)]))).toBe('DEPENDENCY_UNAVAILABLE');
  });

  it('can commit the same heads again when the reply to the first sending was lost', async () => {
    let lost = 0;
    const losing: SendBatch = async (calls) => {
      const replies = await honest(calls);
      if (calls[0]?.method !== 'eth_sendRawTransaction' || (lost += 1) > 1) return replies;
      throw new DomainError('DEPENDENCY_UNAVAILABLE');
    };
    const chain = createEvmChain({ ...options, send: losing });
    expect(await codeOf(() => chain.commitHeads([log.commit(0, 5)]))).toBe('DEPENDENCY_UNAVAILABLE');
    await call('evm_mine'); // The node answers before it has mined what it accepted.
    const first = await chain.headAt(log.logId, 5);
    expect(first).toBeDefined();
    const { settlements } = await chain.commitHeads([log.commit(0, 5)], 1);
    expect(settlements.get(log.key)).toEqual({ status: 'stored', head: first });
  });

  it('finds its heads stored by an earlier transaction when the node refuses this one', async () => {
    await createEvmChain(options).commitHeads([log.commit(0, 5)]);
    const refusing: SendBatch = (calls) =>
      calls[0]?.method === 'eth_sendRawTransaction'
        ? Promise.resolve([{ refusal: { code: -32003, message: 'nonce too low' } }])
        : honest(calls);
    const { settlements } = await createEvmChain({ ...options, send: refusing }).commitHeads([log.commit(0, 5)]);
    expect(settlements.get(log.key)).toMatchObject({ status: 'stored' });
  });

  it('replaces a transaction that is stuck in the pool, with the same heads at a higher fee', async () => {
    await call('evm_setAutomine', false);
    try {
      const chain = createEvmChain({ ...options, settleTimeoutMs: 100 });
      const stuck = await chain.commitHeads([log.commit(0, 5)]);
      expect(stuck.settlements.get(log.key)).toEqual({ status: 'pending' });
      const again = await chain.commitHeads([log.commit(0, 5)], 1);
      expect(again.settlements.get(log.key)).toEqual({ status: 'pending' });
      await call('evm_mine');
      expect(await call('eth_getTransactionReceipt', `0x${Buffer.from(stuck.transaction).toString('hex')}`)).toBeNull();
      expect(await chain.confirm([log.commit(0, 5)])).toHaveLength(1);
    } finally {
      await call('evm_setAutomine', true);
    }
  });

  it('takes a falling block number for a lagging node first, and for a rewind when it stays', async () => {
    let nowMs = 0;
    const chain = createEvmChain({ ...options, nowMs: () => nowMs });
    const snapshot = await call('evm_snapshot');
    await chain.commitHeads([log.commit(0, 5)]);
    await call('evm_revert', snapshot);
    expect(await codeOf(() => chain.headAt(log.logId, 5))).toBe('DEPENDENCY_UNAVAILABLE');
    nowMs += LIMITS.rewindToleranceMs;
    expect(await chain.headAt(log.logId, 5)).toBeUndefined();
    const { settlements } = await chain.commitHeads([log.commit(0, 5)]);
    expect(settlements.get(log.key)).toMatchObject({ status: 'stored' });
  });

  it('says so when the publisher is not a member of the registry', async () => {
    const { contract } = await deployRegistry({
      rpcUrl: node.rpcUrl,
      deployerKey: publisherKey,
      members: [`0x${'1'.repeat(40)}`],
    });
    expect(await codeOf(() => createEvmChain({ ...options, contract }).listLog(log.logId))).toBe('CHAIN_REFUSED');
  });

  it('keeps a known deployment, and replaces one that is not there', async () => {
    const { rpcUrl, contract } = options;
    expect(await deployRegistry({ rpcUrl, deployerKey: publisherKey, known: contract })).toMatchObject({
      contract,
      isNew: false,
    });
    for (const known of [`0x${'2'.repeat(40)}`, 'nonsense']) {
      const deployed = await deployRegistry({ rpcUrl, deployerKey: publisherKey, known });
      expect(deployed).toMatchObject({ isNew: true, identity: `evm:31337:${deployed.contract}` });
    }
  });

  it('gives many deployers funds on a development chain, and each again when they run low', async () => {
    for (let deployment = 0; deployment < 12; deployment += 1)
      await deployRegistry({ rpcUrl: node.rpcUrl, deployerKey: randomBytes(32) });
    const { rpcUrl, contract } = options;
    const account = privateKeyToAddress(`0x${publisherKey.toString('hex')}`);
    await call('anvil_setBalance', account, '0x1');
    await deployRegistry({ rpcUrl, deployerKey: publisherKey, known: contract });
    expect(BigInt((await call('eth_getBalance', account, 'latest')) as string)).toBeGreaterThan(10n ** 19n);
  });

  it('refuses a contract address that is none', () => {
    expect(() => createEvmChain({ ...options, contract: '0x12' })).toThrow(DomainError);
  });
});

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'no error';
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}
