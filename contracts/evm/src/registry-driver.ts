import {
  decodeEventLog,
  encodeFunctionData,
  decodeFunctionResult,
  decodeErrorResult,
  toHex,
  type Address,
  type ContractFunctionReturnType,
  type Hex,
} from 'viem';
import { generatePrivateKey, privateKeyToAddress, sign, serializeSignature } from 'viem/accounts';
import { consistencyProof, leafHash, MemoryTree, rootAt, sha256 } from '@countersign/merkle';
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
] as const;

export interface Commit {
  logId: Hex;
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

export type LogView = ContractFunctionReturnType<typeof LOG_REGISTRY_ABI, 'view', 'logOf'>;

/** Speaks to one deployed registry in the terms of its rules. */
export class RegistryDriver {
  private constructor(
    readonly fixture: RegistryFixture,
    readonly address: Address,
  ) {}

  static async deploy(fixture: RegistryFixture, members: readonly Address[], threshold: bigint): Promise<RegistryDriver> {
    return new RegistryDriver(fixture, await fixture.deploy(LOG_REGISTRY_ABI, LOG_REGISTRY_BYTECODE, [members, threshold]));
  }

  register(from: Address, logId: Hex, publisher: Address, attesters: readonly Address[] = [], threshold = 0): Promise<Receipt> {
    return this.#send(
      from,
      encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'registerLog', args: [logId, publisher, attesters, threshold] }),
    );
  }

  closeLog(from: Address, logId: Hex, size: bigint, successor: Hex): Promise<Receipt> {
    return this.#send(from, encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'close', args: [logId, size, successor] }));
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
      events: receipt.logs.map((log) => {
        const { eventName, args } = decodeEventLog({
          abi: LOG_REGISTRY_ABI,
          topics: log.topics as [Hex, ...Hex[]],
          data: log.data,
        });
        return { name: eventName, logId: args.logId, size: 'size' in args ? args.size : 0n };
      }),
    };
  }

  /** Name of the custom error with which a call would revert; undefined if it would not. */
  async errorOf(
    from: Address,
    functionName: 'registerLog' | 'close' | 'commitHeads',
    args: readonly unknown[],
  ): Promise<string | undefined> {
    const data = encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName, args } as Parameters<typeof encodeFunctionData>[0]);
    try {
      await this.fixture.client.call({ account: from, to: this.address, data });
      return undefined;
    } catch (error) {
      return decodeErrorResult({ abi: LOG_REGISTRY_ABI, data: revertData(error) }).errorName;
    }
  }

  headAt(logId: Hex, size: bigint): Promise<{ size: bigint; root: Hex; height: bigint; time: bigint }> {
    return this.fixture.client.readContract({
      address: this.address,
      abi: LOG_REGISTRY_ABI,
      functionName: 'headAt',
      args: [logId, size],
    });
  }

  headOf(logId: Hex): Promise<{ size: bigint; root: Hex; height: bigint; time: bigint }> {
    return this.fixture.client.readContract({
      address: this.address,
      abi: LOG_REGISTRY_ABI,
      functionName: 'headOf',
      args: [logId],
    });
  }

  logOf(logId: Hex): Promise<LogView> {
    return this.fixture.client.readContract({
      address: this.address,
      abi: LOG_REGISTRY_ABI,
      functionName: 'logOf',
      args: [logId],
    });
  }

  logsOf(organisation: Address): Promise<readonly Hex[]> {
    return this.fixture.client.readContract({
      address: this.address,
      abi: LOG_REGISTRY_ABI,
      functionName: 'logsOf',
      args: [organisation],
    });
  }

  #send(from: Address, input: Hex): Promise<Receipt> {
    return this.fixture.send(from, this.address, input);
  }
}

/** Digs the returned data out of the client's chain of causes. */
function revertData(error: unknown): Hex {
  for (let cause: unknown = error; cause !== undefined && cause !== null; cause = (cause as { cause?: unknown }).cause) {
    const { data } = cause as { data?: unknown };
    if (typeof data === 'string' && data.startsWith('0x')) return data as Hex;
  }
  throw error;
}

/** A log whose tree can be asked for any head; `fork` gives it leaves of its own from there on. */
export class SampleLog {
  readonly #tree: MemoryTree;

  constructor(
    readonly logId: Hex,
    leaves = 2048,
    forkFrom = Infinity,
  ) {
    const leaf = (index: number): Buffer => leafHash(Buffer.from(`${logId} ${index}${index >= forkFrom ? ' forked' : ''}`));
    this.#tree = new MemoryTree(Array.from({ length: leaves }, (_, index) => leaf(index)));
  }

  root(size: number): Hex {
    return toHex(rootAt(this.#tree, size));
  }

  commit(from: number, size: number, attestations: readonly Hex[] = []): Commit {
    const proof = from === 0 ? [] : consistencyProof(this.#tree, from, size).map((node) => toHex(node));
    return {
      logId: this.logId,
      size: BigInt(size),
      root: this.root(size),
      proof,
      checkpointSignature: toHex(Buffer.alloc(64, 7)),
      attestations,
    };
  }
}

/** An attester with a key of its own. */
export class SampleAttester {
  readonly #privateKey = generatePrivateKey();
  readonly address = privateKeyToAddress(this.#privateKey);

  async attest(logId: Hex, size: number, root: Hex): Promise<Hex> {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(size));
    const preimage = Buffer.concat([Buffer.from('countersign/attestation/v1\0'), bytes(logId), length, bytes(root)]);
    return serializeSignature(await sign({ hash: toHex(sha256(preimage)), privateKey: this.#privateKey }));
  }
}

const bytes = (value: Hex): Buffer => Buffer.from(value.slice(2), 'hex');
