import { isRecord, unavailable, type RpcReply } from './json-rpc.js';

export type Hex = `0x${string}`;

/** The newest block, as far as a fee needs it. */
export interface LatestBlock {
  readonly number: bigint;
  /** Absent on a chain without EIP-1559 fees. */
  readonly baseFee?: bigint;
}

/** A receipt, as far as it tells why a commit had no effect. Nothing in it counts as evidence. */
export interface Receipt {
  readonly blockNumber: bigint;
  readonly contractAddress: Hex | null;
  readonly succeeded: boolean;
  readonly logs: readonly { readonly address: string; readonly topics: readonly Hex[]; readonly data: Hex }[];
}

const LOGS_MAX = 1_000;

/** The result of a call. @throws DomainError DEPENDENCY_UNAVAILABLE if the node refused it */
export function resultOf(reply: RpcReply | undefined): unknown {
  if (reply === undefined) throw unavailable('the node did not answer a call');
  if ('refusal' in reply) throw unavailable('the node refused to read', reply.refusal);
  return reply.result;
}

/** A number: 0x and hex without leading zeros (execution API, quantities). */
export function quantityOf(value: unknown): bigint {
  if (typeof value !== 'string' || !/^0x(0|[1-9a-f][0-9a-f]{0,63})$/i.test(value))
    throw unavailable('a number in the reply is malformed');
  return BigInt(value);
}

/** Bytes: 0x and an even number of hex digits. */
export function bytesOf(value: unknown): Hex {
  if (typeof value !== 'string' || !/^0x([0-9a-f]{2})*$/i.test(value)) throw unavailable('bytes in the reply are malformed');
  return value as Hex;
}

/** @throws DomainError DEPENDENCY_UNAVAILABLE */
export function latestBlockOf(value: unknown): LatestBlock {
  if (!isRecord(value)) throw unavailable('the block in the reply is malformed');
  const baseFee = value['baseFeePerGas'];
  return {
    number: quantityOf(value['number']),
    ...(baseFee === undefined || baseFee === null ? {} : { baseFee: quantityOf(baseFee) }),
  };
}

/** Time of a block, in seconds since 1970. @throws DomainError DEPENDENCY_UNAVAILABLE */
export function blockTimeOf(value: unknown): bigint {
  if (!isRecord(value)) throw unavailable('the block in the reply is malformed');
  return quantityOf(value['timestamp']);
}

/** Null as long as the transaction is in no block. @throws DomainError DEPENDENCY_UNAVAILABLE */
export function receiptOf(value: unknown, transaction: Hex): Receipt | null {
  if (value === null) return null;
  if (!isRecord(value)) throw unavailable('the receipt is malformed');
  if (bytesOf(value['transactionHash']).toLowerCase() !== transaction) throw unavailable('the receipt is of another transaction');
  const { status, logs, contractAddress } = value;
  if (status !== '0x0' && status !== '0x1') throw unavailable('the receipt has no status');
  if (!Array.isArray(logs) || logs.length > LOGS_MAX) throw unavailable('the logs of the receipt are malformed');
  return {
    blockNumber: quantityOf(value['blockNumber']),
    contractAddress: contractAddress === null || contractAddress === undefined ? null : bytesOf(contractAddress),
    succeeded: status === '0x1',
    logs: logs.map(logOf),
  };
}

function logOf(value: unknown): Receipt['logs'][number] {
  if (!isRecord(value) || !Array.isArray(value['topics'])) throw unavailable('a log of the receipt is malformed');
  return { address: bytesOf(value['address']).toLowerCase(), topics: value['topics'].map(bytesOf), data: bytesOf(value['data']) };
}
