import { createHash } from 'node:crypto';
import { canonicalJson } from '@countersign/record';
import { z } from 'zod';
import { Unreadable } from './unreadable.js';

/** Largest bundle that is read at all, bytes. */
export const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;

const BUNDLE_PREFIX = Buffer.from('countersign/bundle/v1\0', 'latin1');

/** base64 (RFC 4648 §4, padded) that re-encodes to the same text. */
function base64(bytes?: number): z.ZodString {
  return z.string().refine(
    (text) => {
      const decoded = Buffer.from(text, 'base64');
      return decoded.toString('base64') === text && (bytes === undefined || decoded.length === bytes);
    },
    bytes === undefined ? 'must be canonical base64' : `must be canonical base64 of ${bytes} bytes`,
  );
}

/** Unsigned integer in decimal, no leading zero, small enough to be exact. */
const decimal = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a decimal integer without leading zeros')
  .refine((text) => Number.isSafeInteger(Number(text)), 'must be below 2^53');

const hash = base64(32);
const path = z.array(hash).max(64);

const anchoredHead = z.strictObject({
  /** Chain identity, e.g. `evm:31337:0x…`. */
  chain: z.string().min(1).max(200),
  size: decimal,
  root: hash,
  height: decimal,
  blockTime: z.string().max(40),
  finality: z.string().max(200),
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
  header: z.string().max(61_440),
  /** Opened SD-JWT disclosures. */
  disclosures: z.array(z.string().max(65_536)).max(64),
  /** RFC 6962 inclusion path under the log's checkpoint. */
  path,
  /** Block time of the first anchored head that covered the record; asserted, see docs/bundle.md. */
  anchoredTime: z.string().max(40).optional(),
});

const stream = z.strictObject({
  logId: hash,
  streamId: z.string().min(1).max(200),
  bucketSecret: hash,
  bucketProof: z.array(hash).length(16),
  records: z.array(record).max(100_000),
});

const bundle = z.strictObject({
  version: z.literal(1),
  item: z.strictObject({ kind: z.string().max(32), value: z.string().max(128) }),
  logs: z.array(log).min(1).max(64),
  streams: z.array(stream).max(10_000),
});

const file = z.strictObject({ bundle, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

export type Bundle = z.infer<typeof bundle>;
export type BundleLog = z.infer<typeof log>;
export type BundleStream = z.infer<typeof stream>;
export type BundleRecord = z.infer<typeof record>;

function sealOf(content: Bundle): string {
  return createHash('sha256').update(BUNDLE_PREFIX).update(canonicalJson(content)).digest('hex');
}

/** The bundle file: canonical JSON of `{bundle, sha256}`; every byte of it is covered by the seal (formats §10). */
export function sealBundle(content: Bundle): Buffer {
  return canonicalJson({ bundle: content, sha256: sealOf(content) });
}

/**
 * Reads a bundle file.
 * @returns the content, and whether its seal holds
 * @throws Unreadable if the bytes are not the canonical JSON of a bundle
 */
export function openBundle(bytes: Uint8Array): { readonly content: Bundle; readonly sealed: boolean } {
  if (bytes.length > BUNDLE_BYTES_MAX) throw new Unreadable(`a bundle has at most ${BUNDLE_BYTES_MAX} bytes`);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(buffer));
  } catch {
    throw new Unreadable('the bundle is not JSON in UTF-8');
  }
  const parsed = file.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Unreadable(`the bundle breaks its schema at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? 'unknown'}`);
  }
  // One accepted encoding: duplicate members, white space, other escapes or number forms all change the bytes (T30).
  if (!canonicalJson(parsed.data).equals(buffer)) throw new Unreadable('the bundle is not in canonical JSON form (RFC 8785)');
  return { content: parsed.data.bundle, sealed: sealOf(parsed.data.bundle) === parsed.data.sha256 };
}
