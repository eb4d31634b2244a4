import { createHash } from 'node:crypto';
import { canonicalJson } from '@countersign/record';
import { bundleFile, type Bundle } from './bundle.js';
import { exceedsLimits } from './json-cost.js';
import { readAs } from './strict-reader.js';
import { Unreadable } from './unreadable.js';

/** Largest bundle that is read at all, bytes. */
export const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;

/** A bundle's deepest values are path hashes; a record takes hundreds of bytes, so no bundle comes near that many parts. */
const LIMITS = { depthMax: 7, partsMax: 2 ** 21 };

const PREFIX = Buffer.from('countersign/bundle/v1\0', 'latin1');

function sealOf(content: Bundle): string {
  return createHash('sha256').update(PREFIX).update(canonicalJson(content)).digest('hex');
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
  if (exceedsLimits(bytes, LIMITS)) throw new Unreadable('the bundle holds more parts than a bundle can');
  const file = readAs(bundleFile, parse(bytes), 'the bundle');
  requireCanonical(file, bytes);
  for (const { earlier = [] } of file.bundle.logs) requireRising(earlier);
  return { content: file.bundle, sealed: sealOf(file.bundle) === file.sha256 };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new Unreadable('the bundle is not JSON in UTF-8');
  }
}

/** One accepted encoding: duplicate members, white space, other escapes or number forms all change the bytes (T30). */
function requireCanonical(file: { readonly bundle: Bundle; readonly sha256: string }, bytes: Uint8Array): void {
  let canonical: Buffer | undefined;
  try {
    canonical = canonicalJson(file);
  } catch {
    // A lone surrogate: the only thing a text can hold that has no canonical form.
  }
  if (canonical?.equals(bytes) !== true) throw new Unreadable('the bundle is not in canonical JSON form (RFC 8785)');
}

/** One place for the proof from each size. */
function requireRising(earlier: readonly { readonly size: string }[]): void {
  for (const [at, { size }] of earlier.entries()) {
    if (at > 0 && Number(size) <= Number(earlier[at - 1]?.size))
      throw new Unreadable('the bundle lists earlier heads out of order');
  }
}
