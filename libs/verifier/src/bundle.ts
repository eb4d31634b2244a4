import { ENTRY_SIZE, HEADER_BYTES_MAX, isStreamId } from '@countersign/record';
import { bytesOf, bytesUpTo, decimal, decimalFrom1, hash, matching, path, printable, time, upTo } from './fields.js';
import { byMember, exactly, list, object, optional, text, type Reader } from './strict-reader.js';

const NOTE_CHARACTERS_MAX = 16_384;
const PROOF_CHARACTERS_MAX = 16_384;
const HEADS_ENTRY_SIZE = 73;

const anchoredHead = object({
  /** Chain identity, e.g. `evm:31337:0x…`. */
  chain: printable(200),
  size: decimal,
  root: hash,
  height: decimal,
  blockTime: time,
  finality: printable(200),
  /** Reserved for what proves the chain's finality offline. */
  evidence: optional(object({ kind: matching(/^[a-z][a-z0-9-]{0,31}$/), data: bytesUpTo(1_048_576) })),
});

const earlierHead = object({
  size: decimalFrom1,
  /** RFC 6962 consistency proof from `size` to the base checkpoint. */
  path,
  checkpoint: optional(upTo(NOTE_CHARACTERS_MAX)),
});

const heads = object({
  checkpoint: upTo(NOTE_CHARACTERS_MAX),
  index: decimal,
  entry: bytesOf(HEADS_ENTRY_SIZE),
  path,
});

const log = object({
  logId: hash,
  /** Canonical JSON bytes of the registration, as a string. */
  registration: upTo(8192),
  /** The base checkpoint: C2SP signed note with cosignatures. */
  checkpoint: upTo(NOTE_CHARACTERS_MAX),
  /** The chain's stored head of exactly this checkpoint; absent while it is not on chain. */
  anchored: optional(anchoredHead),
  /** In rising order of size. */
  earlier: optional(list(earlierHead, 16, 1)),
  /** What the heads log says of the base checkpoint; absent before it does. */
  heads: optional(heads),
});

const fullRecord = object({
  index: decimal,
  /** Header bytes as stored, as a string. */
  header: upTo(HEADER_BYTES_MAX),
  /** Opened SD-JWT disclosures. */
  disclosures: list(upTo(524_288), 2_000),
  /** RFC 6962 inclusion path under the base checkpoint. */
  path,
  /** Block time of the first anchored head that covered the record; asserted, see docs/bundle.md. */
  anchoredTime: optional(time),
});

/** A record that is withheld as a whole: its place and digest only. */
const bareRecord = object({ index: decimal, entry: bytesOf(ENTRY_SIZE), path });

const streamKey = {
  logId: hash,
  streamId: text('must be a stream id', isStreamId),
  bucketSecret: hash,
  bucketProof: list(hash, 16, 16),
};

const proof = bytesUpTo(PROOF_CHARACTERS_MAX);

const stream = object({
  ...streamKey,
  records: list(byMember('header', fullRecord, bareRecord), 100_000),
  /** The item's head in the map, with its presence proof. */
  head: optional(object({ count: decimal, chain: hash, proof })),
});

const absence = object({ ...streamKey, proof });

const bundle = object({
  version: exactly(1),
  /** A label for people; visible ASCII like every natural key. */
  item: object({ kind: matching(/^[a-z][a-z0-9-]{0,31}$/), value: matching(/^[!-~]{1,128}$/) }),
  logs: list(log, 64, 1),
  streams: list(stream, 10_000),
  absences: optional(list(absence, 10_000, 1)),
});

type Read<R> = R extends Reader<infer T> ? T : never;

export type Bundle = Read<typeof bundle>;
export type BundleLog = Read<typeof log>;
export type BundleStream = Read<typeof stream>;
export type BundleAbsence = Read<typeof absence>;
export type FullRecord = Read<typeof fullRecord>;
export type BareRecord = Read<typeof bareRecord>;
export type BundleRecord = FullRecord | BareRecord;

/** What stands in a bundle file; every limit is also in docs/bundle.md. */
export const bundleFile = object({ bundle, sha256: matching(/^[0-9a-f]{64}$/) });
