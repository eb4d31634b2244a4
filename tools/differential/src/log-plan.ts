import { createHash, type KeyObject } from 'node:crypto';
import { bytesOf } from './bytes-of.js';
import type { LeafPlan, LogPlan, Shown } from './planned-log.js';
import { systemRecord } from './system-record.js';
import { encodeBase64Url, privateKeyFromSeed, rawPublicKey } from '@countersign/merkle';
import { ItemKeys, logIdOf, registrationBytes, type Predecessor } from '@countersign/record';
import { sortedJson, type Json } from './json.js';

/** One set of buckets for all logs: its tree of 65,536 secrets is the only thing here that takes long. */
let sharedItemKeys: ItemKeys | undefined;

/**
 * A log of the given streams, one leaf each. What stands behind a `!` in a stream of the log itself says which system record it is.
 */
export function planLog(
  origin: string,
  streams: readonly string[],
  shows: Shown = {},
  predecessor: Predecessor | null = null,
): LogPlan {
  sharedItemKeys ??= new ItemKeys(bytesOf('item master'));
  const keysOf = (use: string): KeyObject[] =>
    Array.from({ length: 1 + streams.filter((stream) => stream.endsWith(`!${use}`)).length }, (_, generation) =>
      privateKeyFromSeed(bytesOf(`${origin} ${use} key ${generation}`)),
    );
  const [logKeys, headsKeys] = [keysOf('log'), keysOf('heads')];
  const registration = registrationBytes({
    origin,
    suite: '1',
    logKey: publicKey(logKeys[0]),
    headsOrigin: `${origin}/heads`,
    headsKey: publicKey(headsKeys[0]),
    itemCommitment: sharedItemKeys.commitment(),
    organisation: 'depot-usa',
    predecessor,
  });
  const logId = logIdOf(registration);
  const sequences = new Map<string, number>();
  const plan = { origin, logId, registration, logKeys, headsKeys, itemKeys: sharedItemKeys, shows };
  const leaves: LeafPlan[] = [];
  for (const [at, stream] of streams.entries()) {
    const [streamId = '', system] = stream.split('!');
    const sequence = sequences.get(streamId) ?? 0;
    sequences.set(streamId, sequence + 1);
    leaves.push(planLeaf({ origin, streamId, sequence, at, system: systemRecord(system ?? '', at, { ...plan, leaves }) }));
  }
  const firstPrev = predecessor === null ? undefined : encodeBase64Url(bytesOf('last record there'));
  return { ...plan, leaves, firstPrev };
}

function publicKey(key: KeyObject | undefined): Buffer {
  if (key === undefined) throw new RangeError('a log without key');
  return rawPublicKey(key);
}

interface LeafAt {
  readonly origin: string;
  readonly streamId: string;
  readonly sequence: number;
  readonly at: number;
  readonly system?: { readonly type: string; readonly fields: { [name: string]: Json } };
}

/** Records differ by their place, so that every member that a header can have stands in some of them. */
function planLeaf(leaf: LeafAt): LeafPlan {
  const { origin, streamId, sequence, at, system } = leaf;
  const groups = system === undefined ? groupsOf(leaf) : [];
  const disclosures = groups.map(([group, object]) => disclosureOf(`${origin} ${at} ${group}`, group, object));
  const digests = disclosures.map((text) => encodeBase64Url(createHash('sha256').update(text).digest())).sort();
  const header = {
    actingfor: 'W99DP1',
    actor: bytesOf('actor').toString('hex'),
    ...(at % 3 === 1 && { causationid: 'cause-1' }),
    ...(hasClaim(leaf) && { claim: claimOf(leaf).digest }),
    correlationid: `019a0000-0000-7000-8000-00000000000${at % 10}`,
    data: { _sd: digests, _sd_alg: 'sha-256', ...(system?.fields ?? publicFields(at)) },
    datacontenttype: 'application/json',
    id: `019a0000-0000-7000-8000-0000000001${String(at).padStart(2, '0')}`,
    label: ['UNCLASSIFIED', 'NATO RESTRICTED REL TO DEU LTU NLD POL USA', 'COSMIC TOP SECRET'][at % 3] ?? '',
    policy: '1',
    recordedtime: `2026-11-0${(at % 9) + 1}T08:14:00.000Z`,
    salt: encodeBase64Url(bytesOf(`${origin} salt ${at}`)),
    sequence: String(sequence).padStart(20, '0'),
    source: origin,
    specversion: '1.0',
    subject: streamId,
    suite: '1',
    time: `2026-11-0${(at % 9) + 1}T05:10:00${['+01:00', 'Z', '-00:00'][at % 3] ?? 'Z'}`,
    type: system?.type ?? 'countersign.inventory.MaterielReceiptPosted.v1',
  };
  return { streamId, header, disclosures };
}

function publicFields(at: number): { [name: string]: Json } {
  return at % 4 === 2 ? { ric: 'Z9D', lots: [{ id: 'é', n: [1, -2, null] }, true] } : { ric: 'Z9D' };
}

function groupsOf(leaf: LeafAt): [string, Json][] {
  const groups: [string, Json][] = [['logistics', { quantity: leaf.at + 1 }]];
  if (leaf.at % 2 === 0) groups.push(['remarks', { remark: `entry ${leaf.at}`, more: { deep: [leaf.at] } }]);
  if (hasClaim(leaf)) groups.unshift(['claim', claimOf(leaf).object]);
  return groups;
}

function disclosureOf(name: string, group: string, object: Json): string {
  return encodeBase64Url(Buffer.from(sortedJson([encodeBase64Url(bytesOf(name)), group, object])));
}

function hasClaim({ system, at }: LeafAt): boolean {
  return system === undefined && at % 5 === 3;
}

/** record.md section 12, written once more: what is compared here is no judge of itself. */
function claimOf({ at }: LeafAt): { readonly object: Json; readonly digest: string } {
  const part = (name: string): Buffer => bytesOf(`claim ${at} ${name}`);
  const text = (name: string): string => encodeBase64Url(part(name));
  const chain = createHash('sha256').update('chain').digest();
  const contract = createHash('sha256').update('contract').digest();
  const parts = [part('salt'), chain, contract, part('agreement'), part('line'), part('condition'), Buffer.from([1])];
  const digest = createHash('sha256').update('countersign/claim/v1\0').update(Buffer.concat(parts)).digest();
  const texts = { agreement: text('agreement'), condition: text('condition'), line: text('line'), salt: text('salt') };
  return { object: { ...texts, chain: 'chain', contract: 'contract', value: true }, digest: encodeBase64Url(digest) };
}
