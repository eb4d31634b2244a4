import { LOG_REGISTRY_ABI } from '@countersign/contract-evm';
import {
  bytesToHex,
  decodeAbiParameters,
  decodeEventLog,
  decodeFunctionResult,
  encodeAbiParameters,
  encodeFunctionData,
  hexToBytes,
  keccak256,
  parseAbiParameters,
} from 'viem';
import type { MembersChange, MembersProposal } from '../members.js';
import { unavailable } from './json-rpc.js';
import { decoded, sizeOf } from './registry-codec.js';
import type { Hex, Receipt } from './reply-shapes.js';

const MEMBERSHIP = parseAbiParameters('address[], address[], uint8, uint8');
const PUBLISHER = parseAbiParameters('bytes32[], address');
const QUORUM = parseAbiParameters('bytes32, address[], uint8');
const CLOSING = parseAbiParameters('bytes32, uint64, bytes32');
/** What a proposal's id is the digest of (Membership.sol). */
const PROPOSAL = parseAbiParameters('uint256, address, uint64, uint64, uint8, bytes, uint64');

export function encodePropose(change: MembersChange, expiry: bigint): Hex {
  const abi = LOG_REGISTRY_ABI;
  switch (change.kind) {
    case 'membership': {
      const { joining, leaving, approvalsNeeded, quorumMin } = change;
      const args = [joining as Hex[], leaving as Hex[], approvalsNeeded, quorumMin, expiry] as const;
      return encodeFunctionData({ abi, functionName: 'proposeMembership', args });
    }
    case 'publisher': {
      const args = [change.logIds.map((logId) => bytesToHex(logId)), change.publisher as Hex, expiry] as const;
      return encodeFunctionData({ abi, functionName: 'proposePublisher', args });
    }
    case 'quorum': {
      const args = [bytesToHex(change.logId), change.attesters as Hex[], change.threshold, expiry] as const;
      return encodeFunctionData({ abi, functionName: 'proposeQuorum', args });
    }
    case 'closing': {
      const args = [bytesToHex(change.logId), BigInt(change.size), bytesToHex(change.successor), expiry] as const;
      return encodeFunctionData({ abi, functionName: 'proposeClosing', args });
    }
  }
}

export function encodeApprove(id: Uint8Array): Hex {
  return encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'approve', args: [bytesToHex(id)] });
}

export function encodeProposalOf(id: Uint8Array): Hex {
  return encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'proposalOf', args: [bytesToHex(id)] });
}

export function encodeMembership(): Hex {
  return encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'membership' });
}

export function encodeAttesterOf(member: Hex): Hex {
  return encodeFunctionData({ abi: LOG_REGISTRY_ABI, functionName: 'attesterOf', args: [member] });
}

/** @throws DomainError DEPENDENCY_UNAVAILABLE if it is not what the contract returns */
export function decodeMembership(data: Hex): {
  readonly accounts: readonly Hex[];
  readonly approvalsNeeded: number;
  readonly quorumMin: number;
  readonly version: bigint;
} {
  const decode = { abi: LOG_REGISTRY_ABI, functionName: 'membership', data } as const;
  const [accounts, approvalsNeeded, quorumMin, version] = decoded(() => decodeFunctionResult(decode));
  return { accounts, approvalsNeeded, quorumMin, version };
}

/** @throws DomainError DEPENDENCY_UNAVAILABLE if it is not what the contract returns */
export function decodeAttester(data: Hex): Hex {
  return decoded(() => decodeFunctionResult({ abi: LOG_REGISTRY_ABI, functionName: 'attesterOf', data }));
}

/**
 * Undefined if nobody proposed it.
 *
 * @throws DomainError DEPENDENCY_UNAVAILABLE if it is not what the contract returns, or its content is not what its id says
 */
export function decodeProposal(data: Hex, id: Uint8Array, chainId: bigint, contract: Hex): MembersProposal | undefined {
  const proposal = decoded(() => decodeFunctionResult({ abi: LOG_REGISTRY_ABI, functionName: 'proposalOf', data }));
  const { action, approvals, enacted, expiry, nonce, version } = proposal;
  if (nonce === 0n) return undefined;
  const content = [chainId, contract, nonce, version, action, proposal.arguments, expiry] as const;
  if (keccak256(encodeAbiParameters(PROPOSAL, content)) !== bytesToHex(id))
    throw unavailable('the proposal in the reply is not the one that was asked for');
  return { id, change: decoded(() => changeOf(action, proposal.arguments)), approvals, enacted, expiry, version };
}

/** Ids of what was proposed in a transaction, as its receipt tells; undefined if nothing was. */
export function proposedIn(receipt: Receipt, contract: Hex): Uint8Array | undefined {
  for (const { address, topics, data } of receipt.logs) {
    const [topic, ...others] = topics;
    if (address !== contract || topic === undefined) continue;
    const event = decoded(() => decodeEventLog({ abi: LOG_REGISTRY_ABI, topics: [topic, ...others], data }));
    if (event.eventName === 'Proposed') return hexToBytes(event.args.proposal);
  }
  return undefined;
}

/** By the contract's `Action` (IMembership.sol). */
function changeOf(action: number, argument: Hex): MembersChange {
  if (action === 1) {
    const [joining, leaving, approvalsNeeded, quorumMin] = decodeAbiParameters(MEMBERSHIP, argument);
    return { kind: 'membership', joining, leaving, approvalsNeeded, quorumMin };
  }
  if (action === 2) {
    const [logIds, publisher] = decodeAbiParameters(PUBLISHER, argument);
    return { kind: 'publisher', logIds: logIds.map((logId) => hexToBytes(logId)), publisher };
  }
  if (action === 3) {
    const [logId, attesters, threshold] = decodeAbiParameters(QUORUM, argument);
    return { kind: 'quorum', logId: hexToBytes(logId), attesters, threshold };
  }
  if (action !== 4) throw unavailable('the proposal is of a kind that this build does not know');
  const [logId, size, successor] = decodeAbiParameters(CLOSING, argument);
  return { kind: 'closing', logId: hexToBytes(logId), size: sizeOf(size), successor: hexToBytes(successor) };
}
