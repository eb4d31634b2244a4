import { createPublicClient, createWalletClient, http, type Abi, type Address, type Hex, type PublicClient } from 'viem';
import { foundry } from 'viem/chains';
import { startDevelopmentChain } from './development-chain.js';

/** A fresh development chain with its accounts, for one suite. */
export interface RegistryFixture {
  readonly client: PublicClient;
  readonly accounts: readonly Address[];
  deploy(abi: readonly unknown[], bytecode: Hex, args: readonly unknown[], gas?: bigint): Promise<Address>;
  /** Sends a call from an account that the node signs for; resolves with its receipt, which may be a reverted one. */
  send(from: Address, to: Address, input: Hex): Promise<Receipt>;
  close(): Promise<void>;
}

export interface Receipt {
  readonly status: 'success' | 'reverted';
  readonly gasUsed: bigint;
  readonly blockNumber: bigint;
  readonly transactionHash: Hex;
  readonly logs: readonly { readonly address: Address; readonly topics: readonly Hex[]; readonly data: Hex }[];
}

const CALL_GAS = 15_000_000n;

/** Starts the chain; one block per transaction. */
export async function openRegistryFixture(): Promise<RegistryFixture> {
  const chain = await startDevelopmentChain();
  const transport = http(chain.rpcUrl, { retryCount: 0, timeout: 30_000 });
  const client = createPublicClient({ chain: foundry, transport, pollingInterval: 10, cacheTime: 0 });
  const wallet = createWalletClient({ chain: foundry, transport });
  const accounts = await wallet.getAddresses();
  const mined = (hash: Hex): Promise<Receipt> => client.waitForTransactionReceipt({ hash }) as Promise<Receipt>;
  return {
    client: client as PublicClient,
    accounts,
    async deploy(abi, bytecode, args, gas = CALL_GAS) {
      const hash = await wallet.deployContract({
        abi: abi as Abi,
        bytecode,
        args: args as never,
        account: accounts[0] as Address,
        gas,
      });
      const { contractAddress, status } = await client.waitForTransactionReceipt({ hash });
      if (status !== 'success' || !contractAddress) throw new Error('the deployment was reverted');
      return contractAddress;
    },
    async send(from, to, input) {
      return mined(await wallet.sendTransaction({ account: from, to, data: input, gas: CALL_GAS }));
    },
    close: () => chain.stop(),
  };
}
