import { LIMITS } from '../config.js';
import { unavailable } from './json-rpc.js';

/** Sees to it that the chain's id never changes, and that a falling block number is not believed at once. */
export class BlockWatch {
  #chainId: bigint | undefined;
  #highest = -1n;
  #fallenSinceMs: number | undefined;

  /** @param nowMs clock, for tests */
  constructor(
    expectedChainId: bigint | undefined,
    private readonly nowMs: () => number,
  ) {
    this.#chainId = expectedChainId;
  }

  get chainId(): bigint | undefined {
    return this.#chainId;
  }

  /**
   * Takes note of what a reply says about the chain itself.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE if it is another chain, or blocks are missing that were there a moment ago.
   * Only after `rewindToleranceMs` is a lower number a rewind: until then it may be a node of a pool that lags.
   */
  observe(chainId: bigint, blockNumber: bigint): void {
    this.#chainId ??= chainId;
    if (chainId !== this.#chainId) throw unavailable('the node serves another chain than before');
    if (blockNumber >= this.#highest) {
      this.#highest = blockNumber;
      this.#fallenSinceMs = undefined;
      return;
    }
    this.#fallenSinceMs ??= this.nowMs();
    if (this.nowMs() - this.#fallenSinceMs < LIMITS.rewindToleranceMs) throw unavailable('the block number went back');
    this.#highest = blockNumber;
    this.#fallenSinceMs = undefined;
  }
}
