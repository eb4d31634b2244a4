import { LOG_REGISTRY_ABI } from '@countersign/contract-evm';
import {
  bytesToHex,
  decodeEventLog,
  decodeFunctionResult,
  encodeFunctionData,
  hexToBytes,
  zeroHash,
  type ContractFunctionReturnType,
} from 'viem';
import type { HeadCommit, LogListing, Quorum, Refusal } from '../chain.js';
import { unavailable } from './json-rpc.js';
import type { Hex, Receipt } from './reply-shapes.js';

/** A head as the contract returns it; `height` 0 means that there is none. */
export interface StoredHead {
  readonly size: number;
  readonly root: Uint8Array;
  readonly height: bigint;
  readonly blockTime: string;
}

/** The contract's `Outcome` by number (ILogRegistry.sol). */
const OUTCOME_REFUSALS: readonly (Refusal | undefined)[] = [
  undefined,
  undefined,
  undefined,
  'LOG_UNKNOWN',
  'LOG_CLOSED',
  'NOT_PUBLISHER',
  'NAMED_TWICE',
  'SIZE_NOT_ABOVE_LATEST',
  'PROOF_INVALID',
  'QUORUM_NOT_MET',
  'OTHER_EPOCH',
];

export function encodeCommitHeads(batch: readonly HeadCommit[]): Hex {
  const commits = batch.map((commit) => ({
    logId: bytesToHex(commit.logId),
    epoch: commit.epoch,
    size: BigInt(commit.size),
    root: bytesToHex(commit.root),
    proof: commit.consistencyProof.map((node) => bytesToHex(node)),
    checkpointSignature: bytesToHex(commit.checkpointSignature),
    attestations: commit.attestations.map((attestation) => bytesToHex(attestation)),
  }));
  return encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'commitHeads', args: [commits] });
}

export function encodeRegisterLog(logId: Uint8Array, publisher: Hex, { attesters, threshold }: Quorum): Hex {
  const args = [bytesToHex(logId), publisher, attesters as Hex[], threshold] as const;
  return encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'registerLog', args });
}

export function encodeHeadsOf(logIds: readonly Uint8Array[]): Hex {
  return encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'headsOf', args: [logIds.map((logId) => bytesToHex(logId))] });
}

export function encodeHeadAt(logId: Uint8Array, size: number): Hex {
  return encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'headAt', args: [bytesToHex(logId), BigInt(size)] });
}

export function encodeLogOf(logId: Uint8Array): Hex {
  return encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'logOf', args: [bytesToHex(logId)] });
}

/** @throws DomainError DEPENDENCY_UNAVAILABLE if it is not what the contract returns */
export function decodeHeads(data: Hex): StoredHead[] {
  return decoded(() => decodeFunctionResult({ abi: LOG_REGISTRY_ABI, functionName: 'headsOf', data })).map(headOf);
}

/** @throws DomainError DEPENDENCY_UNAVAILABLE if it is not what the contract returns */
export function decodeHead(data: Hex): StoredHead {
  return headOf(decoded(() => decodeFunctionResult({ abi: LOG_REGISTRY_ABI, functionName: 'headAt', data })));
}

/** Undefined if the log is not listed. @throws DomainError DEPENDENCY_UNAVAILABLE if it is not what the contract returns */
export function decodeListing(data: Hex, logId: Uint8Array, ownAddress: Hex): LogListing | undefined {
  const log = decoded(() => decodeFunctionResult({ abi: LOG_REGISTRY_ABI, functionName: 'logOf', data }));
  if (log.openedHeight === 0n) return undefined;
  return {
    logId,
    isOurs: log.publisher.toLowerCase() === ownAddress.toLowerCase(),
    openedHeight: log.openedHeight,
    epoch: log.epoch,
    threshold: log.threshold,
    ...(log.closedHeight === 0n ? {} : { closed: closedOf(log) }),
  };
}

/** Why the contract says it refused a log's head: from its event, hence for the operator, not for a decision. */
export function refusalIn(receipt: Receipt, contract: Hex, logId: Uint8Array): Refusal {
  for (const { address, topics, data } of receipt.logs) {
    const [topic, ...others] = topics;
    if (address !== contract.toLowerCase() || topic === undefined || others[0] !== bytesToHex(logId)) continue;
    const event = decoded(() => decodeEventLog({ abi: LOG_REGISTRY_ABI, topics: [topic, ...others], data }));
    if (event.eventName === 'HeadRefused') return OUTCOME_REFUSALS[event.args.outcome] ?? 'NOT_STORED';
  }
  return 'NOT_STORED';
}

function closedOf(log: ContractFunctionReturnType<typeof LOG_REGISTRY_ABI, 'view', 'logOf'>): LogListing['closed'] {
  return {
    height: log.closedHeight,
    size: sizeOf(log.closingSize),
    root: hexToBytes(log.closingRoot),
    successor: log.successor === zeroHash ? new Uint8Array() : hexToBytes(log.successor),
  };
}

function headOf(head: { readonly size: bigint; readonly root: Hex; readonly height: bigint; readonly time: bigint }): StoredHead {
  // Year 9999 is the last that RFC 3339 can write.
  if (head.time > 253_402_300_799n) throw unavailable('a block time in the reply is out of range');
  const blockTime = new Date(Number(head.time) * 1000).toISOString().replace('.000Z', 'Z');
  return { size: sizeOf(head.size), root: hexToBytes(head.root), height: head.height, blockTime };
}

/** @throws DomainError DEPENDENCY_UNAVAILABLE if it is no size of this platform */
export function sizeOf(size: bigint): number {
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw unavailable('a tree size in the reply is out of range');
  return Number(size);
}

/** @throws DomainError DEPENDENCY_UNAVAILABLE if decoding fails */
export function decoded<Result>(decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    throw unavailable('the reply is not what the log registry returns', error);
  }
}
