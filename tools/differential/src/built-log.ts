import type { KeyObject } from 'node:crypto';
import { consistencyProof, encodeBase64Url, inclusionProof, leafHash, rootFromLeaves, signCheckpoint } from '@countersign/merkle';
import { bucketOf, encodeEntry, recordDigest, type BucketProof } from '@countersign/record';
import { buildHeads, type BuiltHeads } from './built-heads.js';
import type { Committed } from './committed.js';
import { COSIGNED_AT, WITNESSES, cosigned } from './cosigners.js';
import { sortedJson, type Json } from './json.js';
import type { LogPlan } from './planned-log.js';

/** Changes the header of one leaf before it is committed, into any text. */
export type CommittedChange = (at: number, header: { [name: string]: Json }, origin: string) => string;

/** What a bundle says about one log. */
export interface BuiltLog {
  readonly log: { [name: string]: Json };
  readonly streams: { [name: string]: Json }[];
  readonly absences: { [name: string]: Json }[];
}

const CHAIN = 'evm:31337:0x00000000000000000000000000000000000000c5';
const ANCHORED_AT = '2026-11-09T08:00:01Z';

/** Links, commits and signs a log, whatever its records say. */
export function buildLog(plan: LogPlan, change: CommittedChange = (_, header) => sortedJson(header)): BuiltLog {
  const committed = commit(plan, change);
  const { hashes } = committed;
  const { shows } = plan;
  const root = rootFromLeaves(hashes);
  const heads = shows.mapCheckers === undefined ? undefined : buildHeads(plan, committed, shows.mapCheckers);
  return {
    log: {
      logId: plan.logId.toString('base64'),
      registration: plan.registration.toString('utf8'),
      checkpoint: checkpointOf(plan, plan.logKeys.at(-1), hashes, COSIGNED_AT),
      anchored: {
        chain: CHAIN,
        size: String(hashes.length),
        root: root.toString('base64'),
        height: '12',
        blockTime: ANCHORED_AT,
        finality: 'NOT_CHECKED: single-node development chain',
        ...(heads !== undefined && { evidence: { kind: 'none-yet', data: 'AAAA' } }),
      },
      ...(shows.earlier !== undefined && { earlier: shows.earlier.map((head) => earlierOf(plan, head, hashes)) }),
      ...(heads !== undefined && { heads: heads.log }),
    },
    streams: [...new Set(plan.leaves.map(({ streamId }) => streamId))].map((streamId) =>
      streamOf(plan, streamId, committed, heads),
    ),
    absences: (shows.absent ?? []).map((streamId) => ({
      ...bucketOfStream(plan, streamId),
      proof: heads?.proofOf(streamId) ?? 'AgAA',
    })),
  };
}

/** The leaf hashes of a log that nobody changed. */
export function committedHashes(plan: LogPlan): readonly Buffer[] {
  return commit(plan, (_, header) => sortedJson(header)).hashes;
}

function commit(plan: LogPlan, change: CommittedChange): Committed {
  const last = new Map<string, string>();
  const digests: string[] = [];
  const headers = plan.leaves.map(({ streamId, header }, at) => {
    const prev = last.get(streamId) ?? (streamId.startsWith('log/') ? undefined : plan.firstPrev);
    const linked = sortedJson(prev === undefined ? header : { ...header, prev });
    const named = linked.replaceAll(/@digest (\d+)@/g, (_, leaf: string) => digests[Number(leaf)] ?? '');
    const text = change(at, JSON.parse(named) as { [name: string]: Json }, plan.origin);
    const digest = recordDigest(Buffer.from(text));
    digests.push(digest.toString('hex'));
    last.set(streamId, encodeBase64Url(digest));
    return text;
  });
  const counts = new Map<string, number>();
  const entries = plan.leaves.map(({ streamId }, at) => {
    const place = counts.get(streamId) ?? 0;
    counts.set(streamId, place + 1);
    return entryOf(plan, streamId, headers[at] ?? '', place);
  });
  return { headers, entries, hashes: entries.map((entry) => leafHash(entry)) };
}

/** Sequence and claim as the header has them, as far as they have a form; else what a careless recorder would commit. */
function entryOf(plan: LogPlan, streamId: string, header: string, place: number): Buffer {
  const text = (name: string): string => new RegExp(`"${name}":"([^"]*)"`).exec(header)?.[1] ?? '';
  const sequence = /^\d{20}$/.test(text('sequence')) ? BigInt(text('sequence')) : BigInt(place);
  const claim = Buffer.from(text('claim'), 'base64url');
  return encodeEntry({
    itemKey: plan.itemKeys.itemKey(streamId),
    sequence: BigInt.asUintN(64, sequence),
    recordDigest: recordDigest(Buffer.from(header)),
    ...(claim.length === 32 && { claimDigest: claim }),
  });
}

function checkpointOf(plan: LogPlan, key: KeyObject | undefined, hashes: readonly Buffer[], time: number): string {
  if (key === undefined) throw new RangeError('a log without key');
  const note = signCheckpoint({ origin: plan.origin, size: hashes.length, root: rootFromLeaves(hashes) }, key);
  return cosigned(note, WITNESSES.slice(0, plan.shows.witnesses ?? 0), time);
}

/** Signed by the first key and cosigned a day before: what may vouch for rotations of a compromised key. */
function earlierOf(
  plan: LogPlan,
  { size, isSigned }: { readonly size: number; readonly isSigned: boolean },
  hashes: readonly Buffer[],
): Json {
  return {
    size: String(size),
    path: base64s(consistencyProof(hashes as Buffer[], size, hashes.length)),
    ...(isSigned && { checkpoint: checkpointOf(plan, plan.logKeys[0], hashes.slice(0, size), COSIGNED_AT - 86_400) }),
  };
}

function bucketOfStream(plan: LogPlan, streamId: string): { [name: string]: Json } {
  const { secret, proof } = bucketProofOf(plan, streamId);
  return {
    logId: plan.logId.toString('base64'),
    streamId,
    bucketSecret: secret.toString('base64'),
    bucketProof: base64s(proof),
  };
}

/** All logs have the same buckets, so a stream has the same proof in each. */
const bucketProofs = new Map<string, BucketProof>();

function bucketProofOf({ itemKeys }: LogPlan, streamId: string): BucketProof {
  const proof = bucketProofs.get(streamId) ?? itemKeys.bucketProof(bucketOf(streamId));
  bucketProofs.set(streamId, proof);
  return proof;
}

function streamOf(
  plan: LogPlan,
  streamId: string,
  committed: Committed,
  heads: BuiltHeads | undefined,
): { [name: string]: Json } {
  const { headers, entries, hashes } = committed;
  const records = plan.leaves.flatMap((leaf, index): Json[] => {
    if (leaf.streamId !== streamId) return [];
    const place = { index: String(index), path: base64s(inclusionProof(hashes as Buffer[], index, hashes.length)) };
    if (plan.shows.bare?.includes(index)) return [{ ...place, entry: entries[index]?.toString('base64') ?? '' }];
    const disclosures = leaf.disclosures.slice(0, Math.ceil(leaf.disclosures.length / 2));
    return [{ ...place, header: headers[index] ?? '', disclosures, ...(index % 2 === 0 && { anchoredTime: ANCHORED_AT }) }];
  });
  const head = heads?.headOf(streamId);
  return { ...bucketOfStream(plan, streamId), records, ...(head !== undefined && { head }) };
}

function base64s(hashes: readonly Uint8Array[]): string[] {
  return hashes.map((hash) => Buffer.from(hash).toString('base64'));
}
