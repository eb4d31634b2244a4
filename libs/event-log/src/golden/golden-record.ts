import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import type { EventSchema, JsonObject } from '@countersign/kernel';
import { ItemKeys } from '@countersign/record';
import type { LogIdentity } from '../identity.js';
import { createMemoryIdentity } from '../memory/memory-identity.js';
import type { UnitKeyStore } from '../unit-keys.js';

/**
 * One sealed record of one version of one event type, as it was written when that version was new. Such a file is never changed:
 * whatever is built later has to read it.
 */
export interface GoldenRecord {
  readonly type: EventSchema['type'];
  /** Stream id; the record is the stream's first. */
  readonly stream: string;
  /** Where each field was published: `public`, or its release group. */
  readonly fields: EventSchema['fields'];
  /** What was sealed, all groups. */
  readonly data: JsonObject;
  readonly record: {
    /** Text of the header's bytes. */
    readonly header: string;
    /** Hex, like all that follows. */
    readonly digest: string;
    readonly entry: string;
    readonly leaf: string;
    /** Framed envelopes, as at rest. */
    readonly disclosures: string;
  };
  /** Unit keys of the record's groups. For this record only. */
  readonly unitKeys: readonly { readonly group: string; readonly keyId: string; readonly key: string }[];
}

/** The log that the golden records of a service are of. Its item keys come from a public text. */
export function goldenIdentity(service: string): LogIdentity {
  const secret = createHash('sha256').update(`countersign golden records of ${service}`).digest();
  return { ...createMemoryIdentity({ origin: `countersign.example/${service}` }), itemKeys: new ItemKeys(secret) };
}

/** The unit keys of a golden record, without those of some groups. */
export function goldenKeys({ unitKeys }: GoldenRecord, destroyed: ReadonlySet<string> = new Set()): UnitKeyStore {
  const keys = new Map<string, KeyObject>(
    unitKeys
      .filter(({ group }) => !destroyed.has(group))
      .map(({ keyId, key }) => [keyId, createSecretKey(Buffer.from(key, 'hex'))]),
  );
  return {
    fresh: () => Promise.reject(new Error('golden records are only read')),
    get: (keyIds) => Promise.resolve(new Map([...keys].filter(([id]) => keyIds.some((asked) => hexOf(asked) === id)))),
  };
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
