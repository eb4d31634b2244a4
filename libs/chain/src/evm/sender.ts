import { keccak256 } from 'viem';
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts';
import { LIMITS } from '../config.js';
import type { ChainState } from './chain-state.js';
import { unavailable, type SendBatch } from './json-rpc.js';
import { latestBlockOf, quantityOf, type Hex, type LatestBlock } from './reply-shapes.js';

/** A signed transaction. Nothing was sent yet. */
export interface SignedTransaction {
  readonly hash: Hex;
  readonly raw: Hex;
  readonly nonce: number;
}

export interface Unsigned {
  /** Absent for a deployment. */
  readonly to?: Hex;
  readonly data: Hex;
  readonly gas: bigint;
}

/** Signs with one key and sends. It never decides from what sending returns whether anything took effect. */
export class TransactionSender {
  readonly #account: PrivateKeyAccount;

  constructor(
    privateKey: Uint8Array,
    private readonly state: ChainState,
    private readonly send: SendBatch,
  ) {
    this.#account = privateKeyToAccount(`0x${Buffer.from(privateKey).toString('hex')}`);
  }

  get address(): Hex {
    return this.#account.address;
  }

  /**
   * Signs for the first nonce that is in no block: whatever is stuck at it in a pool is replaced, if the fee is raised enough,
   * or takes effect in its place. Either way no gap of nonces can arise.
   *
   * @param attempt how often the fee is raised
   * @throws DomainError DEPENDENCY_UNAVAILABLE
   */
  async sign(unsigned: Unsigned, attempt: number): Promise<SignedTransaction> {
    const { chainId, results } = await this.state.read([
      { method: 'eth_getTransactionCount', params: [this.#account.address, 'latest'] },
      { method: 'eth_getBlockByNumber', params: ['latest', false] },
      { method: 'eth_gasPrice', params: [] },
    ]);
    const nonce = Number(quantityOf(results[0]));
    const fees = feesOf(latestBlockOf(results[1]), quantityOf(results[2]), attempt);
    const raw = await this.#account.signTransaction({ ...unsigned, ...fees, chainId: Number(chainId), nonce });
    return { hash: keccak256(raw), raw, nonce };
  }

  /**
   * Sends the signed bytes. A node's refusal ("already known", "nonce too low", "underpriced") is no failure here: the same or
   * an earlier transaction of this key may be on its way; the chain's state tells.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE if the node does not answer; the transaction may have been taken nevertheless
   */
  async broadcast(transaction: SignedTransaction): Promise<{ readonly refused: boolean }> {
    const [reply] = await this.send([{ method: 'eth_sendRawTransaction', params: [transaction.raw] }]);
    if (reply === undefined) throw unavailable('the node did not answer a call');
    return { refused: 'refusal' in reply };
  }
}

/** Twice the base fee, so that it may double until the transaction is mined; each raise adds a quarter. */
function feesOf(
  block: LatestBlock,
  gasPrice: bigint,
  attempt: number,
): { gasPrice: bigint; type: 'legacy' } | { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint; type: 'eip1559' } {
  const raise = (fee: bigint): bigint => {
    const raises = BigInt(Math.min(attempt, LIMITS.feeRaisesMax));
    return raises === 0n ? fee : (fee * 5n ** raises) / 4n ** raises + 1n;
  };
  if (block.baseFee === undefined) return { type: 'legacy', gasPrice: raise(gasPrice) };
  const tip = gasPrice > block.baseFee ? gasPrice - block.baseFee : 0n;
  return { type: 'eip1559', maxPriorityFeePerGas: raise(tip), maxFeePerGas: raise(2n * block.baseFee + tip) };
}
