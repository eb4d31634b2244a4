import { DomainError } from '@countersign/kernel';
import { GAS, LIMITS } from '../config.js';
import type { MembersChange, MembersListing, MembersProposal, RegistryMembers } from '../members.js';
import { BlockWatch } from './block-watch.js';
import { ChainState } from './chain-state.js';
import { createJsonRpc, type SendBatch } from './json-rpc.js';
import {
  decodeAttester,
  decodeMembership,
  decodeProposal,
  encodeApprove,
  encodeAttesterOf,
  encodeMembership,
  encodePropose,
  encodeProposalOf,
  proposedIn,
} from './members-codec.js';
import { pollUntil } from './poll-until.js';
import { blockTimeOf, receiptOf, type Hex, type Receipt } from './reply-shapes.js';
import { TransactionSender } from './sender.js';

export interface RegistryMembersOptions {
  readonly rpcUrl: string;
  /** Address of the log registry, 0x and 40 hex digits. */
  readonly contract: string;
  /** secp256k1 private key, 32 bytes, of a member; without it nothing can be proposed or approved. */
  readonly memberKey?: Uint8Array;
  readonly settleTimeoutMs?: number;
  /** Replaces HTTP, for tests. */
  readonly send?: SendBatch;
}

/** The decisions of members on an EVM node and the LogRegistry contract. Opens no connection before the first call. */
export function createRegistryMembers(options: RegistryMembersOptions): RegistryMembers {
  return new EvmRegistryMembers(options);
}

class EvmRegistryMembers implements RegistryMembers {
  readonly #contract: Hex;
  readonly #state: ChainState;
  readonly #sender: TransactionSender | undefined;
  readonly #settleTimeoutMs: number;

  constructor({ rpcUrl, contract, memberKey, send: given, settleTimeoutMs }: RegistryMembersOptions) {
    if (!/^0x[0-9a-f]{40}$/i.test(contract))
      throw new DomainError('FIELD_INVALID', { field: 'contract', rule: '0x and 40 hex digits' });
    const send = given ?? createJsonRpc({ url: rpcUrl, timeoutMs: LIMITS.rpcTimeoutMs });
    this.#contract = contract.toLowerCase() as Hex;
    this.#state = new ChainState(send, new BlockWatch(undefined, Date.now), this.#contract);
    this.#sender = memberKey && new TransactionSender(memberKey, this.#state, send);
    this.#settleTimeoutMs = settleTimeoutMs ?? LIMITS.settleTimeoutMs;
  }

  async identity(): Promise<string> {
    return `evm:${(await this.#state.read([])).chainId}:${this.#contract}`;
  }

  async membership(): Promise<MembersListing> {
    const { outputs } = await this.#state.view([encodeMembership()]);
    const { accounts, ...rules } = decodeMembership(outputs[0] ?? '0x');
    const attesters = (await this.#state.view(accounts.map(encodeAttesterOf))).outputs.map(decodeAttester);
    return { members: accounts.map((account, index) => ({ account, attester: attesters[index] ?? '0x' })), ...rules };
  }

  async proposal(id: Uint8Array): Promise<MembersProposal | undefined> {
    const { chainId, outputs } = await this.#state.view([encodeProposalOf(id)]);
    return decodeProposal(outputs[0] ?? '0x', id, chainId, this.#contract);
  }

  async propose(change: MembersChange, seconds: number): Promise<MembersProposal> {
    const { results } = await this.#state.read([{ method: 'eth_getBlockByNumber', params: ['latest', false] }]);
    const receipt = await this.#send(encodePropose(change, blockTimeOf(results[0]) + BigInt(seconds)));
    const id = proposedIn(receipt, this.#contract);
    const proposal = id && (await this.proposal(id));
    if (!proposal) throw refused('it was not proposed');
    return proposal;
  }

  async approve(id: Uint8Array): Promise<MembersProposal> {
    // Read first: its content is compared with its id before this member signs for it.
    const before = await this.proposal(id);
    if (!before) throw refused('nobody proposed this');
    await this.#send(encodeApprove(id));
    const after = await this.proposal(id);
    // What counts is what the chain has stored, not that the transaction succeeded.
    if (!after || after.approvals <= before.approvals) throw refused('the approval was not stored');
    return after;
  }

  /** Its receipt, once it is in a block. */
  async #send(data: Hex): Promise<Receipt> {
    if (!this.#sender) throw new DomainError('FIELD_INVALID', { field: 'memberKey', rule: 'whoever decides has a key' });
    const transaction = await this.#sender.sign({ to: this.#contract, data, gas: GAS.decision }, 0);
    await this.#sender.broadcast(transaction);
    const receipt = await pollUntil(this.#settleTimeoutMs, async () => {
      const { results } = await this.#state.read([{ method: 'eth_getTransactionReceipt', params: [transaction.hash] }]);
      return receiptOf(results[0], transaction.hash) ?? undefined;
    });
    if (!receipt.succeeded) throw refused('the contract does not take it; is the key a member, and the change possible?');
    return receipt;
  }
}

function refused(rule: string): DomainError {
  return new DomainError('CHAIN_REFUSED', { rule });
}
