import { randomBytes } from 'node:crypto';
import { LOG_REGISTRY_ABI, startDevelopmentChain } from '@countersign/contract-evm';
import { bytesToHex, createWalletClient, decodeEventLog, http, publicActions, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { chainContract } from '../chain-contract.js';
import { DEVELOPMENT_FINALITY } from '../config.js';
import { RecordedBroadcasts } from '../recorded-broadcasts.js';
import { deployRegistry } from './deploy-registry.js';
import { createEvmChain } from './evm-chain.js';

const EXPIRY = 7_200n;

chainContract('The EVM chain', async () => {
  const node = await startDevelopmentChain();
  const { rpcUrl } = node;
  const [publisherKey, strangerKey, ...attesterKeys] = [1, 2, 3, 4, 5].map(() => randomBytes(32)) as [
    Buffer,
    Buffer,
    ...Buffer[],
  ];
  const members = [publisherKey, ...attesterKeys].map((key) => privateKeyToAccount(bytesToHex(key)));
  const stranger = privateKeyToAccount(bytesToHex(strangerKey));
  const wallet = createWalletClient({ chain: foundry, transport: http(rpcUrl), pollingInterval: 10 }).extend(publicActions);
  for (const { address } of [...members, stranger])
    await wallet.request({ method: 'anvil_setBalance', params: [address, '0xde0b6b3a76400000'] } as never);
  const addresses = members.map(({ address }) => address);
  const { contract } = await deployRegistry({ rpcUrl, deployerKey: publisherKey, members: addresses, approvalsNeeded: 3 });
  const registry = { address: contract as Hex, abi: LOG_REGISTRY_ABI };
  const [, ...deciding] = members as [(typeof members)[0], ...typeof members];
  const [proposer, ...approvers] = deciding as [(typeof members)[0], ...typeof members];

  /** One member proposes, the others but the publisher approve. */
  async function decide(propose: (expiry: bigint) => Promise<Hex>): Promise<void> {
    const { timestamp } = await wallet.getBlock();
    const { logs } = await wallet.waitForTransactionReceipt({ hash: await propose(timestamp + EXPIRY) });
    const events = logs.map(({ topics, data }) => decodeEventLog({ abi: LOG_REGISTRY_ABI, topics, data }));
    const proposed = events.find(({ eventName }) => eventName === 'Proposed') as { args: { proposal: Hex } };
    for (const account of approvers) {
      const args = [proposed.args.proposal] as const;
      const hash = await wallet.writeContract({ ...registry, functionName: 'approve', args, account });
      if ((await wallet.waitForTransactionReceipt({ hash })).status !== 'success') throw new Error('the approval was reverted');
    }
  }

  const broadcasts = new RecordedBroadcasts();
  const options = { rpcUrl, contract, publisherKey, broadcasts };
  return {
    chain: createEvmChain(options),
    broadcasts,
    stranger: createEvmChain({ ...options, publisherKey: strangerKey, broadcasts: new RecordedBroadcasts() }),
    attested: createEvmChain({ ...options, quorum: { attesters: deciding.map(({ address }) => address), threshold: 2 } }),
    attesterKeys,
    replacePublisher: (logId) =>
      decide((expiry) => {
        const args = [[bytesToHex(logId)], stranger.address, expiry] as const;
        return wallet.writeContract({ ...registry, functionName: 'proposePublisher', args, account: proposer });
      }),
    closeLog: (logId, size, successor) =>
      decide((expiry) => {
        const args = [bytesToHex(logId), BigInt(size), bytesToHex(successor), expiry] as const;
        return wallet.writeContract({ ...registry, functionName: 'proposeClosing', args, account: proposer });
      }),
    finality: DEVELOPMENT_FINALITY,
    close: () => node.stop(),
  };
});
