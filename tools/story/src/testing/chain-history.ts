import type { StoryRun } from './story-run.js';

/** A head that the contract accepted, as its event tells it. */
export interface AcceptedHead {
  /** In hex. */
  readonly logId: string;
  readonly size: number;
  readonly root: Buffer;
}

interface ChainEvent {
  readonly topics: readonly string[];
  readonly data: string;
}

/** `HeadAccepted(bytes32 indexed logId, uint64 size, bytes32 root)` is the contract's only event of this shape. */
const ACCEPTED = { topics: 2, dataHexDigits: 128 };

/** Every head that the contract ever accepted, in the order of the chain. Asked of the node itself, past all our own code. */
export async function acceptedHeads({ platform }: StoryRun): Promise<readonly AcceptedHead[]> {
  const filter = { address: platform.provisioned.contract.address, fromBlock: '0x0', toBlock: 'latest' };
  const response = await fetch(platform.parts.chain.rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getLogs', params: [filter] }),
  });
  const { result } = (await response.json()) as { readonly result: readonly ChainEvent[] };
  return result.flatMap(({ topics, data }) => {
    const words = data.slice(2);
    if (topics.length !== ACCEPTED.topics || words.length !== ACCEPTED.dataHexDigits) return [];
    return [
      { logId: (topics[1] ?? '').slice(2), size: Number(`0x${words.slice(0, 64)}`), root: Buffer.from(words.slice(64), 'hex') },
    ];
  });
}
