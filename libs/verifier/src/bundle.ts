import { HEADER_BYTES_MAX, isStreamId, isTimestamp } from '@countersign/record';
import { z } from 'zod';
import { listOf } from './list-of.js';

/** base64 (RFC 4648 §4, padded) of 32 bytes that re-encodes to the same text. */
const hash = z.string().refine(isHashText, 'must be canonical base64 of 32 bytes');

/** Unsigned integer in decimal, no leading zero, small enough to be exact. */
const decimal = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a decimal integer without leading zeros')
  .refine((text) => Number.isSafeInteger(Number(text)), 'must be below 2^53');

/** What is printed for people holds nothing that a terminal would act on. */
const printable = (max: number): z.ZodString => z.string().regex(new RegExp(`^[ -~]{1,${max}}$`), 'must be printable ASCII');
const time = z.string().refine(isTimestamp, 'must be an RFC 3339 time with an offset');

const anchoredHead = z.strictObject({
  /** Chain identity, e.g. `evm:31337:0x…`. */
  chain: printable(200),
  size: decimal,
  root: hash,
  height: decimal,
  blockTime: time,
  finality: printable(200),
});

const log = z.strictObject({
  logId: hash,
  /** Canonical JSON bytes of the registration, as a string. */
  registration: z.string().max(8192),
  /** C2SP signed note. */
  checkpoint: z.string().max(16_384),
  /** The chain's stored head of exactly this checkpoint; absent while it is not on chain. */
  anchored: anchoredHead.optional(),
});

const record = z.strictObject({
  index: decimal,
  /** Header bytes as stored, as a string. */
  header: z.string().max(HEADER_BYTES_MAX),
  /** Opened SD-JWT disclosures. */
  disclosures: listOf(z.string().max(524_288), 2_000),
  /** RFC 6962 inclusion path under the log's checkpoint. */
  path: listOf(hash, 64),
  /** Block time of the first anchored head that covered the record; asserted, see docs/bundle.md. */
  anchoredTime: time.optional(),
});

const stream = z.strictObject({
  logId: hash,
  streamId: z.string().refine(isStreamId, 'must be a stream id'),
  bucketSecret: hash,
  bucketProof: listOf(hash, 16, 16),
  records: listOf(record, 100_000),
});

const bundle = z.strictObject({
  version: z.literal(1),
  /** A label for people; visible ASCII like every natural key. */
  item: z.strictObject({ kind: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), value: z.string().regex(/^[!-~]{1,128}$/) }),
  logs: listOf(log, 64, 1),
  streams: listOf(stream, 10_000),
});

/** What stands in a bundle file; every limit is also in docs/bundle.md. */
export const bundleFile = z.strictObject({ bundle, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

export type Bundle = z.infer<typeof bundle>;
export type BundleLog = z.infer<typeof log>;
export type BundleStream = z.infer<typeof stream>;
export type BundleRecord = z.infer<typeof record>;

function isHashText(text: string): boolean {
  if (text.length !== 44) return false;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 && bytes.toString('base64') === text;
}
