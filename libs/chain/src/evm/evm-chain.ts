import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@countersign/kernel';
import { hexToBytes } from 'viem';
import {
  logKey,
  type AnchoredHead,
  type Broadcasts,
  type Chain,
  type CommitReceipt,
  type Head,
  type HeadCommit,
  type LogListing,
  type Quorum,
  type Settlement,
} from '../chain.js';
import { DEVELOPMENT_CHAIN_IDS, DEVELOPMENT_FINALITY, GAS, LIMITS, UNCHECKED_FINALITY } from '../config.js';
import { BlockWatch } from './block-watch.js';
import { ChainState } from './chain-state.js';
import { createJsonRpc, unavailable, type SendBatch } from './json-rpc.js';
import {
  decodeHead,
  decodeHeads,
  decodeListing,
  encodeCommitHeads,
  encodeHeadAt,
  encodeHeadsOf,
  encodeLogOf,
  encodeRegisterLog,
  refusalIn,
  type StoredHead,
} from './registry-codec.js';
import { receiptOf, type Hex, type Receipt } from './reply-shapes.js';
import { TransactionSender, type SignedTransaction } from './sender.js';

export interface EvmChainOptions {
  /** HTTP address of a node. */
  readonly rpcUrl: string;
  /** Address of the log registry, 0x and 40 hex digits. */
  readonly contract: string;
  /** secp256k1 private key, 32 bytes: member organisation and publisher of the logs. */
  readonly publisherKey: Uint8Array;
  readonly broadcasts: Broadcasts;
  /** Quorum of logs that this adapter lists; addresses of member organisations. By default none, as on a development chain. */
  readonly quorum?: Quorum;
  /** Pins the chain; otherwise the first answer does. */
  readonly chainId?: bigint;
  /** What is said of finality; by default that it is NOT_CHECKED, and why. */
  readonly finality?: string;
  readonly rpcTimeoutMs?: number;
  readonly settleTimeoutMs?: number;
  /** Replaces HTTP, for tests. */
  readonly send?: SendBatch;
  /** Clock, for tests. */
  readonly nowMs?: () => number;
}

const NO_QUORUM: Quorum = { attesters: [], threshold: 0 };

/** The chain port on an EVM node and the LogRegistry contract. Opens no connection before the first call. */
export function createEvmChain(options: EvmChainOptions): Chain {
  return new EvmChain(options);
}

class EvmChain implements Chain {
  readonly #state: ChainState;
  readonly #sender: TransactionSender;
  readonly #contract: Hex;
  readonly #options: EvmChainOptions;
  /** Tail of the queue of transactions: one at a time, so that no two compete for a nonce. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(options: EvmChainOptions) {
    if (!/^0x[0-9a-f]{40}$/i.test(options.contract))
      throw new DomainError('FIELD_INVALID', { field: 'contract', rule: '0x and 40 hex digits' });
    this.#options = options;
    this.#contract = options.contract.toLowerCase() as Hex;
    const send = options.send ?? createJsonRpc({ url: options.rpcUrl, timeoutMs: options.rpcTimeoutMs ?? LIMITS.rpcTimeoutMs });
    this.#state = new ChainState(send, new BlockWatch(options.chainId, options.nowMs ?? Date.now), this.#contract);
    this.#sender = new TransactionSender(options.publisherKey, this.#state, send);
  }

  async identity(): Promise<string> {
    const { chainId } = await this.#state.read([]);
    return this.#identityOf(chainId);
  }

  async listings(logIds: readonly Uint8Array[]): Promise<ReadonlyMap<string, LogListing>> {
    const { outputs } = await this.#state.view(logIds.map(encodeLogOf));
    const listings = new Map<string, LogListing>();
    for (const [index, logId] of logIds.entries()) {
      const listing = decodeListing(outputs[index] ?? '0x', logId, this.#sender.address);
      if (listing) listings.set(logKey(logId), listing);
    }
    return listings;
  }

  async listLog(logId: Uint8Array): Promise<void> {
    const isListed = async (): Promise<boolean> => (await this.listings([logId])).has(logKey(logId));
    await this.#alone(async () => {
      if (await isListed()) return;
      const { quorum = NO_QUORUM } = this.#options;
      const data = encodeRegisterLog(logId, this.#sender.address, quorum);
      const gas = GAS.registration + GAS.attester * BigInt(quorum.attesters.length);
      const transaction = await this.#sender.sign({ to: this.#contract, data, gas }, 0);
      await this.#sender.broadcast(transaction);
      const receipt = await this.#poll(async () => (await this.#receipt(transaction)) ?? undefined, this.#settleTimeoutMs);
      if (await isListed()) return;
      if (receipt === undefined) throw unavailable('the registration is in no block yet');
      throw new DomainError('CHAIN_REFUSED', {
        rule: 'the log was not listed; is the publisher a member of the registry, and its quorum at least the least?',
      });
    });
  }

  async readHeads(logIds: readonly Uint8Array[]): Promise<ReadonlyMap<string, AnchoredHead>> {
    const { chainId, blockNumber, outputs } = await this.#state.view([encodeHeadsOf(logIds)]);
    const stored = decodeHeads(outputs[0] ?? '0x');
    if (stored.length !== logIds.length) throw unavailable('the node did not answer for every log');
    const heads = new Map<string, AnchoredHead>();
    for (const [index, logId] of logIds.entries()) {
      const head = this.#anchored(logId, stored[index], chainId, blockNumber);
      if (head) heads.set(logKey(logId), head);
    }
    return heads;
  }

  async headAt(logId: Uint8Array, size: number): Promise<AnchoredHead | undefined> {
    const [head] = await this.#headsAt([{ logId, size }]);
    return head;
  }

  async confirm(heads: readonly Head[]): Promise<readonly AnchoredHead[]> {
    const stored = await this.#headsAt(heads);
    return heads.flatMap((head, index) => {
      const found = stored[index];
      return found && Buffer.compare(found.root, head.root) === 0 ? [found] : [];
    });
  }

  async commitHeads(batch: readonly HeadCommit[], attempt = 0): Promise<CommitReceipt> {
    return this.#alone(async () => {
      const transaction = await this.#sender.sign(
        { to: this.#contract, data: encodeCommitHeads(batch), gas: gasOf(batch) },
        attempt,
      );
      const hash = hexToBytes(transaction.hash);
      const heads = batch.map(({ logId, size, root }) => ({ logId, size, root }));
      // Durable from here on: these heads are bound, none other of these sizes will ever be signed. A crash before the next
      // line leaves them recorded and unsent; start-up reads the chain and commits the same heads again.
      await this.#options.broadcasts.record({
        heads,
        transaction: hash,
        raw: hexToBytes(transaction.raw),
        nonce: transaction.nonce,
      });
      // Commit point 3. Whatever happens here, the outcome is what the chain's state says afterwards.
      const { refused } = await this.#sender.broadcast(transaction);
      const timeoutMs = refused ? Math.min(LIMITS.refusedTimeoutMs, this.#settleTimeoutMs) : this.#settleTimeoutMs;
      const settlements = await this.#settle(batch, transaction, timeoutMs);
      return { transaction: hash, settlements };
    });
  }

  /** Looks at the state until every head is stored, or the transaction is in a block and the rest is refused, or time is up. */
  async #settle(batch: readonly Head[], transaction: SignedTransaction, timeoutMs: number): Promise<Map<string, Settlement>> {
    const settlements = new Map<string, Settlement>(batch.map(({ logId }) => [logKey(logId), { status: 'pending' }]));
    await this.#poll(async () => {
      // Asked before the state: a state read afterwards cannot be older than the block of the receipt.
      const receipt = await this.#receipt(transaction);
      for (const head of await this.confirm(batch)) settlements.set(logKey(head.logId), { status: 'stored', head });
      const open = batch.filter(({ logId }) => settlements.get(logKey(logId))?.status === 'pending');
      if (open.length > 0 && receipt === null) return undefined;
      for (const { logId } of open) settlements.set(logKey(logId), { status: 'refused', refusal: this.#refusal(receipt, logId) });
      return settlements;
    }, timeoutMs);
    return settlements;
  }

  #refusal(receipt: Receipt | null, logId: Uint8Array): Extract<Settlement, { status: 'refused' }>['refusal'] {
    return receipt === null ? 'NOT_STORED' : refusalIn(receipt, this.#contract, logId);
  }

  /** Null while it is in no block, or in one that this node has not told of. */
  async #receipt({ hash }: SignedTransaction): Promise<Receipt | null> {
    const { blockNumber, results } = await this.#state.read([{ method: 'eth_getTransactionReceipt', params: [hash] }]);
    const receipt = receiptOf(results[0], hash);
    return receipt !== null && receipt.blockNumber <= blockNumber ? receipt : null;
  }

  async #headsAt(heads: readonly Pick<Head, 'logId' | 'size'>[]): Promise<(AnchoredHead | undefined)[]> {
    const { chainId, blockNumber, outputs } = await this.#state.view(heads.map(({ logId, size }) => encodeHeadAt(logId, size)));
    return heads.map(({ logId, size }, index) => {
      const stored = decodeHead(outputs[index] ?? '0x');
      if (stored.size !== size) throw unavailable('the node answered for another size');
      return this.#anchored(logId, stored, chainId, blockNumber);
    });
  }

  #anchored(logId: Uint8Array, stored: StoredHead | undefined, chainId: bigint, blockNumber: bigint): AnchoredHead | undefined {
    if (stored === undefined || stored.height === 0n) return undefined;
    if (stored.height > blockNumber) throw unavailable('a head stands at a height that the chain has not reached');
    const { size, root, height, blockTime } = stored;
    return { logId, size, root, height, blockTime, chain: this.#identityOf(chainId), finality: this.#finalityOf(chainId) };
  }

  get #settleTimeoutMs(): number {
    return this.#options.settleTimeoutMs ?? LIMITS.settleTimeoutMs;
  }

  #identityOf(chainId: bigint): string {
    return `evm:${chainId}:${this.#contract}`;
  }

  #finalityOf(chainId: bigint): string {
    if (this.#options.finality !== undefined) return this.#options.finality;
    return DEVELOPMENT_CHAIN_IDS.includes(chainId) ? DEVELOPMENT_FINALITY : UNCHECKED_FINALITY;
  }

  /**
   * Repeats a look at the chain until it says something, or the time is up: then undefined.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE if the last look got no answer either
   */
  async #poll<Result>(look: () => Promise<Result | undefined>, timeoutMs: number): Promise<Result | undefined> {
    const deadline = Date.now() + timeoutMs;
    for (let pause: number = LIMITS.pollMinMs; ; pause = Math.min(2 * pause, LIMITS.pollMaxMs)) {
      try {
        const result = await look();
        if (result !== undefined || Date.now() >= deadline) return result;
      } catch (error) {
        // A node that does not answer now, or contradicts itself while a block arrives, may do so in a moment.
        if (!isUnavailable(error) || Date.now() >= deadline) throw error;
      }
      await sleep(pause);
    }
  }

  /** Runs after all earlier transactions of this adapter have ended, whatever became of them. */
  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#busy.then(work, work);
    this.#busy = run.catch(() => undefined); // The caller gets the failure; the next one only waits for its end.
    return run;
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'DEPENDENCY_UNAVAILABLE';
}

function gasOf(batch: readonly HeadCommit[]): bigint {
  return batch.reduce<bigint>((gas, { consistencyProof, attestations }) => {
    return gas + GAS.head + GAS.proofNode * BigInt(consistencyProof.length) + GAS.attestation * BigInt(attestations.length);
  }, GAS.transaction);
}
