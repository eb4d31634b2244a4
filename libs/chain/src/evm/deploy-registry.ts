import { LOG_REGISTRY_ABI, LOG_REGISTRY_BYTECODE, LOG_REGISTRY_DEPLOYED_BYTECODE } from '@countersign/contract-evm';
import { DomainError } from '@countersign/kernel';
import { encodeDeployData } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { DEVELOPMENT_CHAIN_IDS, GAS, LIMITS } from '../config.js';
import { BlockWatch } from './block-watch.js';
import { ChainState } from './chain-state.js';
import { createJsonRpc, type SendBatch } from './json-rpc.js';
import { pollUntil } from './poll-until.js';
import { bytesOf, quantityOf, receiptOf, type Hex } from './reply-shapes.js';
import { TransactionSender } from './sender.js';

export interface DeployRegistryOptions {
  readonly rpcUrl: string;
  /** secp256k1 private key, 32 bytes, of the account that deploys. It gets no right by that. */
  readonly deployerKey: Uint8Array;
  /** Member organisations; by default the deployer alone, as on the embedded chain, where one operator runs every log. */
  readonly members?: readonly string[];
  /** How many members decide: more than half, and of three or more not all. Default: the least that is more than half. */
  readonly approvalsNeeded?: number;
  /** How many other organisations must at least attest a log's heads. Default 0, for development chains only. */
  readonly quorumMin?: number;
  /** Address of an earlier deployment; kept if it still holds exactly this contract. */
  readonly known?: string;
  readonly settleTimeoutMs?: number;
}

export interface DeployedRegistry {
  /** Address of the contract, lower case. */
  readonly contract: string;
  /** As `Chain.identity` gives it. */
  readonly identity: string;
  /** False if the known deployment was kept. */
  readonly isNew: boolean;
}

/**
 * 100 ether, worth nothing on a development chain: some 300,000 commits. Given again when less than half is left; the node's own
 * accounts, which have 10,000 each, serve many deployments.
 */
const DEVELOPMENT_FUNDS = 10n ** 20n;

/**
 * Deploys the log registry, or keeps the known one. On a development chain, and only there, the deployer is given funds by the
 * node's own first account; anywhere else it must have them.
 *
 * @throws DomainError DEPENDENCY_UNAVAILABLE if the node does not answer; CHAIN_REFUSED if there is no contract afterwards
 */
export async function deployRegistry(options: DeployRegistryOptions): Promise<DeployedRegistry> {
  const send = createJsonRpc({ url: options.rpcUrl, timeoutMs: LIMITS.rpcTimeoutMs });
  const state = new ChainState(send, new BlockWatch(undefined, Date.now), '0x');
  const { chainId } = await state.read([]);
  const describe = (contract: string, isNew: boolean): DeployedRegistry => {
    return { contract: contract.toLowerCase(), identity: `evm:${chainId}:${contract.toLowerCase()}`, isNew };
  };
  const deployer = privateKeyToAddress(`0x${Buffer.from(options.deployerKey).toString('hex')}`);
  if (DEVELOPMENT_CHAIN_IDS.includes(chainId)) await fund(state, send, deployer);
  if (options.known !== undefined && (await holdsRegistry(state, options.known))) return describe(options.known, false);
  const members = (options.members ?? [deployer]) as Hex[];
  const args = [members, options.approvalsNeeded ?? Math.floor(members.length / 2) + 1, options.quorumMin ?? 0] as const;
  const data = encodeDeployData({ abi: LOG_REGISTRY_ABI, bytecode: LOG_REGISTRY_BYTECODE, args });
  const sender = new TransactionSender(options.deployerKey, state, send);
  const transaction = await sender.sign({ data, gas: GAS.deployment + GAS.member * BigInt(members.length) }, 0);
  await sender.broadcast(transaction);
  const contract = await pollUntil(options.settleTimeoutMs ?? LIMITS.settleTimeoutMs, async () => {
    const { results } = await state.read([{ method: 'eth_getTransactionReceipt', params: [transaction.hash] }]);
    const receipt = receiptOf(results[0], transaction.hash);
    return receipt === null ? undefined : (receipt.contractAddress ?? '0x');
  });
  if (!(await holdsRegistry(state, contract)))
    throw new DomainError('CHAIN_REFUSED', { rule: 'the log registry was not deployed' });
  return describe(contract, true);
}

/** An address that holds any other code, or none, is not this contract. */
async function holdsRegistry(state: ChainState, address: string): Promise<boolean> {
  if (!/^0x[0-9a-f]{40}$/i.test(address)) return false;
  const { results } = await state.read([{ method: 'eth_getCode', params: [address, 'latest'] }]);
  return bytesOf(results[0]) === LOG_REGISTRY_DEPLOYED_BYTECODE;
}

/** Does nothing if the account has funds, or the node signs for no account. */
async function fund(state: ChainState, send: SendBatch, account: Hex): Promise<void> {
  const { results } = await state.read([{ method: 'eth_accounts', params: [] }]);
  const donors = Array.isArray(results[0]) ? results[0].map(bytesOf) : [];
  const [own = 0n, ...funds] = await balancesOf(state, [account, ...donors]);
  if (own >= DEVELOPMENT_FUNDS / 2n || donors.length === 0) return;
  const richest = funds.reduce((best, balance, index) => (balance > (funds[best] ?? 0n) ? index : best), 0);
  const transfer = { from: donors[richest], to: account, value: `0x${DEVELOPMENT_FUNDS.toString(16)}` };
  const [reply] = await send([{ method: 'eth_sendTransaction', params: [transfer] }]);
  if (reply === undefined || 'refusal' in reply) {
    throw new DomainError('CHAIN_REFUSED', { rule: "no account of the node can pay for the publisher's transactions" });
  }
  await pollUntil(LIMITS.settleTimeoutMs, async () => ((await balancesOf(state, [account]))[0] === own ? undefined : true));
}

async function balancesOf(state: ChainState, accounts: readonly Hex[]): Promise<bigint[]> {
  const { results } = await state.read(accounts.map((account) => ({ method: 'eth_getBalance', params: [account, 'latest'] })));
  return results.map(quantityOf);
}
