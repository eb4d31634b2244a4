import { DomainError } from '@countersign/kernel';
import { asBuffer } from '../encoding.js';
import { TILE_WIDTH } from './tile-address.js';

/** An entry's length is a uint16 (C2SP tlog-tiles). */
const LENGTH_BYTES = 2;
const ENTRY_BYTES_MAX = 2 ** 16 - 1;

/** Largest entry bundle, bytes. */
export const ENTRY_BUNDLE_BYTES_MAX = TILE_WIDTH * (LENGTH_BYTES + ENTRY_BYTES_MAX);

/**
 * An entry bundle (C2SP tlog-tiles): each entry after its length as a big-endian uint16.
 *
 * @throws DomainError FIELD_INVALID if these are not 1 to 256 entries of at most 65,535 bytes
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Buffer {
  requireWidth(entries.length);
  const bundle = Buffer.alloc(entries.reduce((bytes, entry) => bytes + LENGTH_BYTES + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX) throw invalid(`an entry has at most ${ENTRY_BYTES_MAX} bytes`);
    bundle.writeUInt16BE(entry.length, at);
    bundle.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bundle;
}

/**
 * The entries of a bundle, as views of its bytes.
 *
 * @param width how many it must hold; more, fewer, or left-over bytes are refused
 * @throws DomainError FIELD_INVALID
 */
export function decodeEntryBundle(bytes: Uint8Array, width: number): Buffer[] {
  requireWidth(width);
  const bundle = asBuffer(bytes);
  const entries: Buffer[] = [];
  let at = 0;
  while (entries.length < width) {
    if (bundle.length - at < LENGTH_BYTES) throw invalid(`holds ${width} entries`);
    const from = at + LENGTH_BYTES;
    at = from + bundle.readUInt16BE(at);
    if (at > bundle.length) throw invalid('the last entry is cut off');
    entries.push(bundle.subarray(from, at));
  }
  if (at !== bundle.length) throw invalid('holds nothing after its entries');
  return entries;
}

function requireWidth(width: number): void {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) throw invalid(`holds 1 to ${TILE_WIDTH} entries`);
}

function invalid(rule: string): DomainError {
  return new DomainError('FIELD_INVALID', { field: 'entry bundle', rule });
}
