import {
  leafHash,
  openUnderPolicy,
  sameBytes,
  verifyInclusion,
  type NoteKey,
  type WitnessedCheckpoint,
} from '@countersign/merkle';
import { parseHeadsEntry } from '@countersign/record';
import { reportUnpinned, type Basis, type Head } from './basis.js';
import type { BundleLog } from './bundle.js';
import { decoded } from './fields.js';
import { compromisedAt } from './log-keys.js';
import { Fault } from './report.js';
import type { PinnedLog } from './trust.js';

/** The map over all items of a log, as its heads log says. */
export interface ItemMap {
  readonly root: Uint8Array;
  /** Whether somebody whom the trust file pins for it recomputed the map. */
  readonly isChecked: boolean;
}

type Heads = NonNullable<BundleLog['heads']>;

/** Establishes the item map of exactly this base checkpoint (docs/bundle.md §3.4). */
export function verifyHeads(
  heads: Heads | undefined,
  pin: PinnedLog,
  key: NoteKey,
  base: Head,
  basis: Basis,
): ItemMap | undefined {
  const { checks } = basis;
  if (heads === undefined) {
    checks.notChecked('item-heads', pin.origin, 'head not yet published: the bundle holds no heads entry for this checkpoint');
    return undefined;
  }
  const found = checks.attempt('item-heads', pin.origin, 'BAD_SIG', () => {
    const opened = openHeads(heads, pin, key, basis);
    return { opened, root: mapRootOf(heads, opened, base) };
  });
  if (found === undefined) return undefined;
  reportUnpinned(checks, 'item-heads', pin.origin, found.opened.signatures);
  return { root: found.root, isChecked: verifyMapCheckers(found.opened, pin, basis) };
}

function openHeads({ checkpoint }: Heads, pin: PinnedLog, key: NoteKey, { policies }: Basis): WitnessedCheckpoint {
  // Nobody's cosignature dates a heads checkpoint: what a stolen key signed before cannot be told from what it signed after.
  if (compromisedAt(pin, key) !== undefined) throw new Fault('BAD_SIG', 'the key of the heads log is compromised');
  return openUnderPolicy(checkpoint, key, policies.mapCheckers);
}

/** @throws Fault */
function mapRootOf({ index, entry, path }: Heads, { size, root }: WitnessedCheckpoint, base: Head): Uint8Array {
  const bytes = decoded(entry);
  const { baseSize, baseRoot, mapRoot } = altered(() => {
    verifyInclusion({ leafHash: leafHash(bytes), index: Number(index), size, proof: path.map(decoded), root });
    return parseHeadsEntry(bytes);
  });
  if (baseSize !== BigInt(base.size))
    throw new Fault('ALTERED', `the heads entry is of size ${baseSize}, the checkpoint of size ${base.size}`);
  if (!sameBytes(baseRoot, base.root)) throw new Fault('FORKED', 'the heads log names another root for this size');
  return mapRoot;
}

function altered<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Fault('ALTERED', (error as Error).message);
  }
}

function verifyMapCheckers(opened: WitnessedCheckpoint, { origin }: PinnedLog, { trust, policies, checks }: Basis): boolean {
  const { quorum } = policies.mapCheckers;
  if (trust.mapPolicy === undefined || quorum === undefined) {
    checks.notChecked('map-quorum', origin, 'the trust file asks for no map checkers');
  } else if (opened.isWitnessed) {
    checks.pass('map-quorum', origin);
    return true;
  } else {
    checks.notChecked('map-quorum', origin, `the map checkers that cosigned do not meet the map policy: it asks for ${quorum}`);
  }
  return false;
}
