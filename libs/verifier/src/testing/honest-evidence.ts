import { keyOf, signed, trustIn, type Writable } from '../bundle.builders.js';
import type { Bundle } from '../bundle.js';
import { buildEvidence, by, EARLIER_SEEN, logKey2, WITNESSES } from '../evidence.builders.js';
import type { Trust } from '../trust.js';

/** What the cases start from, and what several of them change. */
export const stranger = keyOf('a key that nobody pinned');
const evidence = buildEvidence();
export const log = evidence.log;
export const base = evidence.bundle.logs[0]!;

export function forgetAll(trust: Writable<Trust>): void {
  Object.assign(trust, trustIn(log));
  delete trust.mapPolicy;
  delete trust.maxAgeSeconds;
}

export function compromise(trust: Writable<Trust>, key: string, at: string): void {
  trust.logs[0]!.compromised = [{ key, at }];
}

export function anchoredHead(): NonNullable<Bundle['logs'][number]['anchored']> {
  const [, size = '', root = ''] = base.checkpoint.split('\n');
  const { chain } = trustIn(log);
  return { chain: chain.identity, size, root, height: '12', blockTime: '2026-11-10T00:00:01Z', finality: 'NOT_CHECKED' };
}

export function earlierNote(size: number, leaves: readonly Uint8Array[] = log.leaves): string {
  return signed(log.origin, leaves.slice(0, size), { key: logKey2, cosigned: by(WITNESSES.slice(1), EARLIER_SEEN) });
}
