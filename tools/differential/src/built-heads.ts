import { inclusionProof, leafHash, rootFromLeaves, signCheckpoint } from '@countersign/merkle';
import { encodeHeadsEntry, encodeItemMapProof, itemHeadOf, itemMapRoot, proveInItems, type ItemHead } from '@countersign/record';
import type { Committed } from './committed.js';
import { bytesOf } from './bytes-of.js';
import { COSIGNED_AT, MAP_CHECKERS, cosigned } from './cosigners.js';
import type { Json } from './json.js';
import type { LogPlan } from './planned-log.js';

/** What the heads log and the item map say of a log. */
export interface BuiltHeads {
  readonly log: Json;
  headOf(streamId: string): Json;
  /** Proof of presence or absence, whichever is true. */
  proofOf(streamId: string): string;
}

/** A heads log of three entries, the second of which is of this log, and the item map behind it. */
export function buildHeads(plan: LogPlan, { hashes }: Committed, mapCheckers: number): BuiltHeads {
  const streams = [...new Set(plan.leaves.map(({ streamId }) => streamId))];
  const heads = new Map(streams.map((streamId) => [streamId, itemHead(plan, streamId, hashes)]));
  const items = [...heads].map(([streamId, { valueDigest }]) => ({ itemKey: plan.itemKeys.itemKey(streamId), valueDigest }));
  const entry = encodeHeadsEntry({
    baseSize: BigInt(hashes.length),
    baseRoot: rootFromLeaves(hashes),
    mapRoot: itemMapRoot(items),
  });
  const leaves = [bytesOf('heads before'), leafHash(entry), bytesOf('heads after')];
  const key = plan.headsKeys.at(-1);
  if (key === undefined) throw new RangeError('a heads log without key');
  const note = signCheckpoint({ origin: `${plan.origin}/heads`, size: leaves.length, root: rootFromLeaves(leaves) }, key);
  const proofOf = (streamId: string): string =>
    encodeItemMapProof(proveInItems(items, plan.itemKeys.itemKey(streamId))).toString('base64');
  return {
    log: {
      checkpoint: cosigned(note, MAP_CHECKERS.slice(0, mapCheckers), COSIGNED_AT),
      index: '1',
      entry: entry.toString('base64'),
      path: inclusionProof(leaves, 1, leaves.length).map((hash) => hash.toString('base64')),
    },
    headOf: (streamId) => {
      const { count = 0n, chain = Buffer.alloc(32) } = heads.get(streamId) ?? {};
      return { count: String(count), chain: Buffer.from(chain).toString('base64'), proof: proofOf(streamId) };
    },
    proofOf,
  };
}

function itemHead(plan: LogPlan, streamId: string, hashes: readonly Buffer[]): ItemHead {
  return itemHeadOf(
    hashes.flatMap((leafHashOfIt, at) =>
      plan.leaves[at]?.streamId === streamId ? [{ leafIndex: BigInt(at), leafHash: leafHashOfIt }] : [],
    ),
  );
}
