import type { evidenceV1 } from '@countersign/proto';
import type { SourceClient } from './clients.js';

/** One stream of a dossier, as its service stores it now. */
export interface DossierStream {
  /** Name of the service that holds it. */
  readonly source: string;
  readonly logId: Uint8Array;
  readonly streamId: string;
  readonly bucketSecret: Uint8Array;
  readonly bucketProof: readonly Uint8Array[];
  readonly records: readonly evidenceV1.StoredRecord[];
}

/** The streams linked by an item: what identifies it, what mentions it, and the orders, documents and shipments those name. */
export interface Dossier {
  readonly item: Key;
  readonly streams: readonly DossierStream[];
}

export interface Key {
  readonly kind: string;
  readonly value: string;
}

/** Kinds a person may mean when naming an item or a document. */
const ITEM_KINDS = ['uii', 'document-number', 'rtd-reference', 'piid', 'tcn'] as const;

/** Kinds that lead from an item's own streams to the paperwork around it. */
const FOLLOWED_KINDS: ReadonlySet<string> = new Set(['document-number', 'piid', 'tcn', 'rtd-reference']);

const FIND_KEYS_MAX = 100;

/**
 * Collects a dossier over all services: one round for the item itself, one for the paperwork that its own streams name.
 * @returns undefined if no service the caller may read knows the item
 */
export async function collectDossier(sources: readonly SourceClient[], text: string): Promise<Dossier | undefined> {
  const asked = ITEM_KINDS.map((kind) => ({ kind, value: text }));
  const found = await findStreams(sources, asked);
  const item = asked.find((key) => [...found.values()].some((hit) => hit.stream.keys.some((known) => sameKey(known, key))));
  if (item === undefined) return undefined;

  const own = [...found.values()].filter((hit) => hit.stream.identified);
  const paperwork = own
    .flatMap((hit) => hit.stream.keys)
    .filter((key) => FOLLOWED_KINDS.has(key.kind) && !sameKey(key, item))
    .map(({ kind, value }) => ({ kind, value }));
  for (const [id, hit] of await findStreams(sources, unique(paperwork))) {
    if (hit.stream.identified && !found.has(id)) found.set(id, hit);
  }
  const streams = await Promise.all([...found.values()].map(readStream));
  return { item, streams: streams.sort((a, b) => (`${a.source} ${a.streamId}` < `${b.source} ${b.streamId}` ? -1 : 1)) };
}

interface Hit {
  readonly source: SourceClient;
  readonly stream: evidenceV1.FoundStream;
}

async function findStreams(sources: readonly SourceClient[], keys: readonly Key[]): Promise<Map<string, Hit>> {
  const hits = new Map<string, Hit>();
  if (keys.length === 0) return hits;
  await Promise.all(
    sources.map(async (source) => {
      for (let from = 0; from < keys.length; from += FIND_KEYS_MAX) {
        const reply = await source.evidence.findStreams({ keys: keys.slice(from, from + FIND_KEYS_MAX) });
        for (const stream of reply.streams) hits.set(`${source.name} ${stream.streamId}`, { source, stream });
      }
    }),
  );
  return hits;
}

async function readStream({ source, stream }: Hit): Promise<DossierStream> {
  const [log, reply] = await Promise.all([source.evidence.getLog({}), source.evidence.getStream({ streamId: stream.streamId })]);
  return {
    source: source.name,
    logId: log.logId,
    streamId: stream.streamId,
    bucketSecret: reply.bucketSecret,
    bucketProof: reply.bucketProof,
    records: reply.records,
  };
}

function sameKey(a: evidenceV1.NaturalKey | Key, b: Key): boolean {
  return a.kind === b.kind && a.value === b.value;
}

function unique(keys: readonly Key[]): Key[] {
  return [...new Map(keys.map((key) => [`${key.kind} ${key.value}`, key])).values()];
}
