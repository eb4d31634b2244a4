import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { rawPublicKey, sha256 } from '@countersign/merkle';
import { encodeEntry, encodeLeavesMessage, registrationBytes, SUITE } from '@countersign/record';
import { knownLog, type KnownLog, type LogKeys } from '../log/known-log.js';

/** A log for tests, with the private key of its source service. */
export interface SampleLog {
  readonly log: KnownLog;
  readonly leavesKey: KeyObject;
  readonly keys: LogKeys & { readonly headsKey: KeyObject };
  /** A signed leaves message of these entries. */
  message(firstPosition: number, entries: readonly Uint8Array[], by?: KeyObject): Buffer;
}

export function sampleLog(logNo: number, service = ['identity', 'inventory', 'procurement'][logNo] ?? 'identity'): SampleLog {
  const [logKey, headsKey, leavesKey] = [0, 1, 2].map(() => generateKeyPairSync('ed25519')) as [Pair, Pair, Pair];
  const origin = `countersign.example/${service}`;
  const registration = registrationBytes({
    origin,
    suite: SUITE,
    logKey: rawPublicKey(logKey.publicKey),
    headsOrigin: `${origin}/heads`,
    headsKey: rawPublicKey(headsKey.publicKey),
    itemCommitment: sha256(Buffer.from('items')),
    organisation: 'operator',
    predecessor: null,
  });
  const keys = { registration, logKey: logKey.privateKey, sourceKey: leavesKey.publicKey, headsKey: headsKey.privateKey };
  const log = knownLog(logNo, keys);
  return {
    log,
    keys,
    leavesKey: leavesKey.privateKey,
    message: (firstPosition, entries, privateKey = leavesKey.privateKey) =>
      encodeLeavesMessage({ logId: log.logId, firstPosition: BigInt(firstPosition), entries, privateKey }),
  };
}

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Item keys of the sample entries, in the order of their first ones. */
export const SAMPLE_ITEMS = Array.from({ length: 40 }, (_, number) => sha256(Buffer.from(`item ${number}`)));

/** Entries of a log that nobody else has. */
export function sampleEntries(from: number, to: number, salt = ''): Buffer[] {
  return Array.from({ length: to - from }, (_, index) =>
    encodeEntry({
      itemKey: SAMPLE_ITEMS[(from + index) % SAMPLE_ITEMS.length] ?? Buffer.alloc(32),
      sequence: BigInt(Math.floor((from + index) / SAMPLE_ITEMS.length)),
      recordDigest: sha256(Buffer.from(`record ${from + index}${salt}`)),
    }),
  );
}
