import { CallError } from '@countersign/grpc';
import { leafHash } from '@countersign/merkle';
import type { anchoringV1 } from '@countersign/proto';
import { itemHeadOf } from '@countersign/record';
import type { BundleLog, BundleStream } from '@countersign/verifier';
import type { PlatformClients } from './clients.js';

/** Items of one call. */
const ITEMS_MAX = 100;

/** Nothing published yet, a service of an earlier version, or more entries than one answer holds: a bundle does without. */
const NO_HEADS: ReadonlySet<string> = new Set(['NOT_FOUND', 'UNIMPLEMENTED', 'RESOURCE_EXHAUSTED']);

type ItemHead = NonNullable<BundleStream['head']>;

/** What the heads log says of one checkpoint of its log. */
export interface LogItems {
  /** Size of the log's checkpoint that the heads entry is about. */
  readonly size: bigint;
  readonly heads: NonNullable<BundleLog['heads']>;
  /** Heads of the items that the log holds, by item key in hex. */
  readonly byItem: ReadonlyMap<string, ItemHead>;
}

/**
 * Fetches the item heads of some streams, all under one checkpoint: the newest on chain that the heads log is about, else the newest at all.
 *
 * @returns undefined while no item head is published, and for a service that knows none
 */
export async function fetchItems(
  { proofs }: Pick<PlatformClients, 'proofs'>,
  logId: Uint8Array,
  itemKeys: readonly Uint8Array[],
): Promise<LogItems | undefined> {
  const byItem = new Map<string, ItemHead>();
  let treeSize = 0n;
  let headsSize = 0n;
  let heads: BundleLog['heads'];
  for (let from = 0; from < itemKeys.length; from += ITEMS_MAX) {
    const request = { logId, itemKeys: itemKeys.slice(from, from + ITEMS_MAX), treeSize, headsSize, allowUnanchored: true };
    const part = await readItems(proofs.getItemEvidence(request), byItem);
    if (part === undefined) return undefined;
    // The first answer pins both trees for the rest.
    heads ??= part.heads;
    treeSize = sizeOf(part.checkpoint);
    headsSize = sizeOf(part.heads.checkpoint);
  }
  return heads === undefined ? undefined : { size: treeSize, heads, byItem };
}

interface ItemsPart {
  readonly checkpoint: string;
  readonly heads: NonNullable<BundleLog['heads']>;
}

async function readItems(
  answer: AsyncIterable<anchoringV1.GetItemEvidenceResponse>,
  byItem: Map<string, ItemHead>,
): Promise<ItemsPart | undefined> {
  let found: ItemsPart | undefined;
  let item: anchoringV1.ItemInMap | undefined;
  let entries: anchoringV1.InclusionProof[] = [];
  try {
    for await (const { part } of answer) {
      if (part.case === 'heads') found = bundledHeads(part.value);
      if (part.case === 'entries') for (const entry of part.value.entries) entries.push(entry);
      if (part.case === 'item') {
        keep(item, entries, byItem);
        item = part.value;
        entries = [];
      }
    }
  } catch (error) {
    if (error instanceof CallError && NO_HEADS.has(error.statusName)) return undefined;
    throw error;
  }
  keep(item, entries, byItem);
  return found;
}

function keep(
  item: anchoringV1.ItemInMap | undefined,
  entries: readonly anchoringV1.InclusionProof[],
  byItem: Map<string, ItemHead>,
): void {
  if (item === undefined || item.entryCount === 0n) return;
  const { chain } = itemHeadOf(entries.map(({ index, entry }) => ({ leafIndex: index, leafHash: leafHash(entry) })));
  const head = { count: item.entryCount.toString(), chain: base64(chain), proof: base64(item.mapProof) };
  byItem.set(Buffer.from(item.itemKey).toString('hex'), head);
}

function bundledHeads(heads: anchoringV1.ItemHeads): ItemsPart {
  return {
    checkpoint: heads.checkpoint,
    heads: {
      checkpoint: heads.headsCheckpoint,
      index: heads.headsIndex.toString(),
      entry: base64(heads.headsEntry),
      path: heads.headsPath.map(base64),
    },
  };
}

function sizeOf(checkpoint: string): bigint {
  return BigInt(checkpoint.split('\n')[1] ?? '0');
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
