import type { JsonObject, Link } from '@countersign/kernel';
import type { Disclosure, RecordHeader } from '@countersign/record';

/** One event as stored. The bytes are never re-serialised: they are what was hashed. */
export interface LogRow {
  /** From 0, dense within the log; the leaf index. */
  readonly position: bigint;
  /** `<category>/<key>` */
  readonly streamId: string;
  /** From 0, dense within the stream. */
  readonly sequence: bigint;
  /** UUIDv7 */
  readonly eventId: string;
  /** `countersign.<context>.<Event>.v<n>` */
  readonly type: string;
  /** CloudEvents JSON, canonical (formats §2). */
  readonly header: Uint8Array;
  /** 105 bytes (formats §5). */
  readonly entry: Uint8Array;
  /** Encrypted disclosure envelopes, framed by `encodeDisclosures` of `@countersign/record`. */
  readonly disclosures: Uint8Array;
}

/** A natural key to look for. */
export interface NaturalKey {
  readonly kind: Link['kind'];
  readonly value: string;
}

/** Who asks: one organisation sees the streams it may read; `all` is for auditors and the service itself. */
export type ReadScope = { readonly organisationId: string } | 'all';

/** A stream that names one of the keys asked for. */
export interface FoundStream {
  readonly streamId: string;
  /** True if one of the keys identifies the stream; false if the stream only mentions it. */
  readonly identified: boolean;
  /** All natural keys the stream names. */
  readonly keys: readonly (NaturalKey & { readonly role: Link['role'] })[];
}

/**
 * A row with its content opened as far as the keys allow. Never act on content unless `isIntact`: anything else is a record
 * that somebody changed.
 */
export interface OpenedRow {
  readonly row: LogRow;
  /** Over the header bytes as stored. */
  readonly recordDigest: Uint8Array;
  /** Undefined if the stored bytes are no record header. */
  readonly header: RecordHeader | undefined;
  /** Whether header, entry and the columns beside them tell the same. */
  readonly consistent: boolean;
  /** Public fields and the fields of every opened disclosure. */
  readonly data: JsonObject;
  /** `encoded` is the base64url SD-JWT disclosure (RFC 9901), as a bundle carries it. */
  readonly disclosures: readonly Disclosure[];
  /** base64url digests whose ciphertext is stored but does not open or does not belong here: evidence of tampering. */
  readonly altered: readonly string[];
  /** Disclosures whose key this service was not given (withheld or destroyed): base64url digest, hex key id. */
  readonly withheld: readonly { readonly digest: string; readonly keyId: string }[];
  /** base64url digests the header names but no ciphertext is stored for; this log never drops any. */
  readonly missing: readonly string[];
}

/** Reading the log: rows exactly as stored, and their content. */
export interface LogReader {
  /** Number of records stored; the position of the next one. */
  size(): Promise<bigint>;
  /** Up to `limit` rows from a position on, in position order. Gap-free: position order is commit order. */
  readLog(from: bigint, limit: number): Promise<readonly LogRow[]>;
  /** Every row of a stream in sequence order; empty if there is none. */
  readStreamRows(streamId: string): Promise<readonly LogRow[]>;
  /** Streams that name one of the keys and lie within the scope, in the order in which they began. */
  findStreams(keys: readonly NaturalKey[], scope: ReadScope): Promise<readonly FoundStream[]>;
  /**
   * Opens rows with the unit keys this service may draw. Never throws for a row that somebody altered.
   *
   * @param mayOpen given the hex id of a key: whether it is wanted; disclosures under other keys come out withheld. Default: all are
   */
  openRows(rows: readonly LogRow[], mayOpen?: (keyId: string) => boolean): Promise<readonly OpenedRow[]>;
  openRow(row: LogRow): Promise<OpenedRow>;
}
