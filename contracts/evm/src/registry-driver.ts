import {
  decodeEventLog,
  encodeFunctionData,
  decodeFunctionResult,
  decodeErrorResult,
  type Abi,
  type Address,
  type ContractFunctionReturnType,
  type EncodeFunctionDataParameters,
  type Hex,
} from 'viem';
import { LOG_REGISTRY_ABI, LOG_REGISTRY_BYTECODE } from './log-registry.generated.js';
import type { Receipt, RegistryFixture } from './registry-fixture.js';

/** Outcomes by their numbers in ILogRegistry. */
export const OUTCOMES = [
  'None',
  'Accepted',
  'Repeated',
  'LogUnknown',
  'LogIsClosed',
  'NotPublisher',
  'NamedTwice',
  'SizeNotAboveLatest',
  'ProofInvalid',
  'QuorumNotMet',
  'OtherEpoch',
] as const;

export interface Commit {
  logId: Hex;
  epoch: number;
  size: bigint;
  root: Hex;
  proof: readonly Hex[];
  checkpointSignature: Hex;
  attestations: readonly Hex[];
}

export interface SettledBatch {
  readonly receipt: Receipt;
  /** Per commit: outcome and height as the call returns them. */
  readonly settled: readonly { readonly outcome: (typeof OUTCOMES)[number]; readonly height: bigint }[];
  readonly events: readonly { readonly name: string; readonly logId: Hex; readonly size: bigint }[];
}

export interface StoredHead {
  readonly size: bigint;
  readonly root: Hex;
  readonly height: bigint;
  readonly time: bigint;
}

/** What a transaction changed, by address; as far as it is read here. */
type StateDiff = Readonly<Record<'pre' | 'post', Readonly<Record<string, { readonly storage?: object }>>>>;

export interface Membership {
  /** Sorted. */
  readonly accounts: readonly Address[];
  readonly approvalsNeeded: number;
  readonly quorumMin: number;
  readonly version: bigint;
}

export type Proposing = 'proposeMembership' | 'proposePublisher' | 'proposeQuorum' | 'proposeClosing';
export type Call = Proposing | 'registerLog' | 'approve' | 'changeAttester' | 'offerPublisher' | 'commitHeads';

export type LogView = ContractFunctionReturnType<typeof LOG_REGISTRY_ABI, 'view', 'logOf'>;

/** Speaks to one deployed registry in the terms of its rules. */
export class RegistryDriver {
  private constructor(
    readonly fixture: RegistryFixture,
    readonly address: Address,
  ) {}

  static async deploy(
    fixture: RegistryFixture,
    members: readonly Address[],
    approvalsNeeded: number,
    quorumMin = 0,
  ): Promise<RegistryDriver> {
    const args = [members, approvalsNeeded, quorumMin];
    return new RegistryDriver(fixture, await fixture.deploy(LOG_REGISTRY_ABI, LOG_REGISTRY_BYTECODE, args));
  }

  register(from: Address, logId: Hex, publisher: Address, attesters: readonly Address[] = [], threshold = 0): Promise<Receipt> {
    return this.send(from, 'registerLog', [logId, publisher, attesters, threshold]);
  }

  /** Sends a call that may revert: see the receipt. */
  send(from: Address, functionName: Call, args: readonly unknown[]): Promise<Receipt> {
    return this.#send(from, encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName, args } as EncodeFunctionDataParameters));
  }

  /** Proposes something for an hour from now, unless told otherwise; the proposal's id, undefined if it was refused. */
  async propose(from: Address, functionName: Proposing, args: readonly unknown[], seconds = 3_600n): Promise<Hex | undefined> {
    const { timestamp } = await this.fixture.client.getBlock();
    const receipt = await this.send(from, functionName, [...args, timestamp + seconds]);
    const id = eventsOf(receipt).find(({ eventName }) => eventName === 'Proposed')?.args['proposal'];
    return id as Hex | undefined;
  }

  /** Proposes with the first member and approves with the others; the receipt of the last call. */
  async decide(members: readonly Address[], functionName: Proposing, args: readonly unknown[]): Promise<Receipt> {
    const [first, ...others] = members;
    const id = await this.propose(first as Address, functionName, args);
    let receipt: Receipt | undefined;
    for (const member of others) receipt = await this.send(member, 'approve', [id]);
    if (receipt === undefined) throw new Error('one member decides nothing here');
    return receipt;
  }

  async members(): Promise<Membership> {
    const [accounts, approvalsNeeded, quorumMin, version] = await this.#read<[Address[], number, number, bigint]>(
      'membership',
      [],
    );
    return { accounts: accounts.toSorted(), approvalsNeeded, quorumMin, version };
  }

  attesterOf(member: Address): Promise<Address> {
    return this.#read('attesterOf', [member]);
  }

  proposalOf(id: Hex): Promise<{ readonly approvals: number; readonly enacted: boolean; readonly nonce: bigint }> {
    return this.#read('proposalOf', [id]);
  }

  epochsOf(logId: Hex): Promise<readonly { publisher: Address; fromHeight: bigint; fromSize: bigint }[]> {
    return this.#read('epochsOf', [logId]);
  }

  /** Calls first, for the returned settlements, then sends. */
  async commit(from: Address, batch: readonly Commit[]): Promise<SettledBatch> {
    const data = encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'commitHeads', args: [batch] });
    const { data: result } = await this.fixture.client.call({ account: from, to: this.address, data, gas: 15_000_000n });
    const settlements = decodeFunctionResult({ abi: LOG_REGISTRY_ABI, functionName: 'commitHeads', data: result ?? '0x' });
    const receipt = await this.#send(from, data);
    return {
      receipt,
      settled: settlements.map(({ outcome, height }) => ({ outcome: OUTCOMES[outcome] ?? 'None', height })),
      events: eventsOf(receipt).map(({ eventName, args }) => {
        return { name: eventName, logId: args['logId'] as Hex, size: args['size'] as bigint };
      }),
    };
  }

  /** Name of the custom error with which a call would revert; undefined if it would not. */
  async errorOf(from: Address, functionName: Call, args: readonly unknown[]): Promise<string | undefined> {
    const data = encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName, args } as EncodeFunctionDataParameters);
    try {
      await this.fixture.client.call({ account: from, to: this.address, data });
      return undefined;
    } catch (error) {
      return decodeErrorResult({ abi: LOG_REGISTRY_ABI, data: revertData(error) }).errorName;
    }
  }

  headAt(logId: Hex, size: bigint): Promise<StoredHead> {
    return this.#read('headAt', [logId, size]);
  }

  headOf(logId: Hex): Promise<StoredHead> {
    return this.#read('headOf', [logId]);
  }

  logOf(logId: Hex): Promise<LogView> {
    return this.#read('logOf', [logId]);
  }

  logsOf(organisation: Address): Promise<readonly Hex[]> {
    return this.#read('logsOf', [organisation]);
  }

  /** Whether a transaction changed anything that the contract has stored, as the node's tracer saw it. */
  async changedStorage({ transactionHash }: Receipt): Promise<boolean> {
    const options = { tracer: 'prestateTracer', tracerConfig: { diffMode: true } };
    const call = { method: 'debug_traceTransaction', params: [transactionHash, options] } as never;
    const { pre, post } = await this.fixture.client.request<{ ReturnType: StateDiff }>(call);
    const address = this.address.toLowerCase();
    return [pre[address], post[address]].some((account) => Object.keys(account?.storage ?? {}).length > 0);
  }

  #read<Result>(functionName: string, args: readonly unknown[]): Promise<Result> {
    const call = { address: this.address, abi: LOG_REGISTRY_ABI as Abi, functionName, args };
    return this.fixture.client.readContract(call) as Promise<Result>;
  }

  #send(from: Address, input: Hex): Promise<Receipt> {
    return this.fixture.send(from, this.address, input);
  }
}

/** The contract's events in a receipt. */
export function eventsOf(receipt: Receipt): { readonly eventName: string; readonly args: Readonly<Record<string, unknown>> }[] {
  return receipt.logs.map(({ topics, data }) => {
    const { eventName, args } = decodeEventLog({ abi: LOG_REGISTRY_ABI, topics: topics as [Hex, ...Hex[]], data });
    return { eventName, args: { ...args } };
  });
}

/** Digs the returned data out of the client's chain of causes. */
function revertData(error: unknown): Hex {
  for (let cause: unknown = error; cause !== undefined && cause !== null; cause = (cause as { cause?: unknown }).cause) {
    const { data } = cause as { data?: unknown };
    if (typeof data === 'string' && data.startsWith('0x')) return data as Hex;
  }
  throw error;
}
