import { LIMITS } from '../config.js';
import type { BlockWatch } from './block-watch.js';
import { unavailable, type RpcCall, type SendBatch } from './json-rpc.js';
import { bytesOf, quantityOf, resultOf, type Hex } from './reply-shapes.js';

/** What a read of the contract's state gave, and the newest block the node had when it answered. */
export interface StateReading {
  readonly chainId: bigint;
  readonly blockNumber: bigint;
  /** Result of every other call of the batch, unparsed, in order. */
  readonly results: readonly unknown[];
}

/** Reads the chain's newest state: every batch also says which chain it is and how high, and is believed only if both make sense. */
export class ChainState {
  constructor(
    private readonly send: SendBatch,
    private readonly watch: BlockWatch,
    readonly contract: Hex,
  ) {}

  /** Sends the calls after those for chain id and block number. @throws DomainError DEPENDENCY_UNAVAILABLE */
  async read(calls: readonly RpcCall[]): Promise<StateReading> {
    const [chainIdReply, blockReply, ...replies] = await this.send([
      { method: 'eth_chainId', params: [] },
      { method: 'eth_blockNumber', params: [] },
      ...calls,
    ]);
    const chainId = quantityOf(resultOf(chainIdReply));
    const blockNumber = quantityOf(resultOf(blockReply));
    this.watch.observe(chainId, blockNumber);
    return { chainId, blockNumber, results: replies.map(resultOf) };
  }

  /** Calls views of the contract, in batches of a bounded size. @throws DomainError DEPENDENCY_UNAVAILABLE */
  async view(
    inputs: readonly Hex[],
  ): Promise<{ readonly chainId: bigint; readonly blockNumber: bigint; readonly outputs: Hex[] }> {
    const outputs: Hex[] = [];
    let last: StateReading | undefined;
    for (let start = 0; start === 0 || start < inputs.length; start += LIMITS.callsPerBatchMax) {
      last = await this.read(inputs.slice(start, start + LIMITS.callsPerBatchMax).map((input) => this.viewCall(input)));
      outputs.push(...last.results.map(outputOf));
    }
    return { chainId: last?.chainId ?? 0n, blockNumber: last?.blockNumber ?? 0n, outputs };
  }

  viewCall(input: Hex): RpcCall {
    return { method: 'eth_call', params: [{ to: this.contract, data: input }, 'latest'] };
  }
}

/** What a view returned. An address without code returns nothing. @throws DomainError DEPENDENCY_UNAVAILABLE */
function outputOf(result: unknown): Hex {
  const output = bytesOf(result);
  if (output === '0x') throw unavailable('there is no log registry at the contract address');
  return output;
}
