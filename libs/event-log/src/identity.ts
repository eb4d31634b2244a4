import type { KeyObject } from 'node:crypto';
import type { ItemKeys } from '@countersign/record';

/** What makes a log this log: its registration, and the secrets that only its own service holds. */
export interface LogIdentity {
  /** `source` of every record, e.g. `countersign.example/inventory`. */
  readonly origin: string;
  /** 32 bytes, formats §6. */
  readonly logId: Uint8Array;
  /** Log registration, canonical JSON bytes. */
  readonly registration: Uint8Array;
  readonly itemKeys: ItemKeys;
  /** Ed25519 private key that signs leaves messages (formats §5). */
  readonly leavesKey: KeyObject;
  /** 32 bytes; keys the digests of requests, which never leave the database (formats §2). */
  readonly requestDigestKey: Uint8Array;
}
