/** A record of this log that a command names, found by position and compared by digest. */
export interface NamedRecord {
  readonly streamId: string;
  readonly sequence: number;
  /** Decimal string: positions are 64 bits wide. */
  readonly position: string;
  /** base64url of 32 bytes. */
  readonly recordDigest: string;
}
