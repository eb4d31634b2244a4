import { describe, expect, it } from '@jest/globals';
import { cosign, formatCheckpoint, leafHash, nodeHash, signNote } from '@countersign/merkle';
import {
  encodeHeadsEntry,
  encodeItemMapProof,
  extendItemChain,
  itemValueDigest,
  mapLeafHash,
  mapNodeHash,
  ZERO_DIGEST,
} from '@countersign/record';
import { base64, buildLog, headsKey, itemKeys, logKey, seeded, trustIn } from './bundle.builders.js';
import type { Bundle } from './bundle.js';
import { sealBundle } from './bundle-file.js';
import { AT, BASE_SEEN, ITEM, MAP_CHECKERS, policyOf, WITNESSES } from './evidence.builders.js';
import { verifyBundle } from './verify-bundle.js';

/** What a proof of one event may take beside the record itself, bytes. */
const CLASSICAL_BYTES_MAX = 3_072;

/** A tree of 2^20 leaves: 20 siblings, whatever the other million leaves are. */
const DEPTH = 20;
const SIZE = 2 ** DEPTH;
const siblings = (name: string): Buffer[] => Array.from({ length: DEPTH }, (_, at) => seeded(`${name} ${at}`));

describe('a proof of one event among a million', () => {
  const log = buildLog({ leaves: [ITEM] });
  const [{ record }] = log.records as [(typeof log.records)[number]];
  const leaf = leafHash(record.entry);
  const path = siblings('leaf');
  const root = path.reduce((hash, sibling) => nodeHash(hash, sibling), leaf);
  const checkpoint = note({ origin: log.origin, size: SIZE, root }, logKey);
  const stream = log.stream(ITEM);
  const classical: Bundle = {
    version: 1,
    item: { kind: 'uii', value: 'U1' },
    logs: [{ logId: base64(log.logId), registration: log.registration.toString('utf8'), checkpoint }],
    streams: [{ ...stream, records: stream.records.map((each) => ({ ...each, path: path.map(base64) })) }],
  };

  it('takes at most 3 KiB beside the record', () => {
    const trust = { ...trustIn(log) };
    const sealed = sealBundle(classical);
    expect(verifyBundle(sealed, Buffer.from(JSON.stringify(trust)))).toMatchObject({ verdict: 'PENDING', holds: true });
    const beside = sealed.length - recordBytes(classical);
    expect(beside).toBeGreaterThan(CLASSICAL_BYTES_MAX / 2);
    expect(beside).toBeLessThanOrEqual(CLASSICAL_BYTES_MAX);
  });

  it('takes twice that with witnesses, and with the proof that there is no other', () => {
    const chain = extendItemChain(ZERO_DIGEST, 0n, leaf);
    const itemKey = itemKeys.itemKey(ITEM);
    const beside = siblings('map');
    const isRight = (depth: number): boolean => ((itemKey[depth >> 3]! >> (7 - (depth & 7))) & 1) === 1;
    const mapRoot = beside.reduce<Buffer>(
      (hash, sibling, level) => (isRight(DEPTH - 1 - level) ? mapNodeHash(sibling, hash) : mapNodeHash(hash, sibling)),
      mapLeafHash(itemKey, itemValueDigest(1n, chain)),
    );
    const entry = encodeHeadsEntry({ baseSize: BigInt(SIZE), baseRoot: root, mapRoot });
    const headsPath = siblings('heads');
    const headsRoot = headsPath.reduce((hash, sibling) => nodeHash(hash, sibling), leafHash(entry));
    const heads = {
      checkpoint: note({ origin: `${log.origin}/heads`, size: SIZE, root: headsRoot }, headsKey, MAP_CHECKERS),
      index: '0',
      entry: base64(entry),
      path: headsPath.map(base64),
    };
    const head = { count: '1', chain: base64(chain), proof: base64(encodeItemMapProof({ kind: 'present', siblings: beside })) };
    const [one, of] = [classical.logs[0]!, classical.streams[0]!];
    const witnessed = note({ origin: log.origin, size: SIZE, root }, logKey, WITNESSES.slice(0, 2));
    const complete: Bundle = { ...classical, logs: [{ ...one, checkpoint: witnessed, heads }], streams: [{ ...of, head }] };
    const trust = { ...trustIn(log), policy: policyOf(WITNESSES, 2), mapPolicy: policyOf(MAP_CHECKERS, 2) };
    const sealed = sealBundle(complete);
    const report = verifyBundle(sealed, Buffer.from(JSON.stringify(trust)), { at: AT });
    expect(report.verdict).toBe('OK');
    expect(report.checks).toContainEqual({ id: 'completeness', subject: `${log.origin} ${ITEM}`, result: 'PASS' });
    expect(sealed.length - recordBytes(complete)).toBeLessThanOrEqual(2 * CLASSICAL_BYTES_MAX);
  });
});

function note(head: Parameters<typeof formatCheckpoint>[0], privateKey: typeof logKey, cosigners: typeof WITNESSES = []): string {
  const body = formatCheckpoint(head);
  return signNote(body, { name: head.origin, privateKey }) + cosigners.map((each) => cosign(body, each, BASE_SEEN)).join('');
}

/** The record itself: its header and disclosures as they stand in the file. */
function recordBytes({ streams }: Bundle): number {
  return streams
    .flatMap(({ records }) => records)
    .reduce((sum, record) => sum + ('header' in record ? JSON.stringify([record.header, record.disclosures]).length : 0), 0);
}
