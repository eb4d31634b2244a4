import { openUnderPolicy, parseNote, verifyConsistency, type NoteKey, type WitnessedCheckpoint } from '@countersign/merkle';
import { reportUnpinned, type Basis, type Head } from './basis.js';
import type { BundleLog } from './bundle.js';
import { decoded } from './fields.js';
import type { LogKeys } from './log-keys.js';
import { Fault } from './report.js';
import type { PinnedLog } from './trust.js';

type Earlier = NonNullable<BundleLog['earlier']>[number];

/**
 * Holds the base checkpoint against the head that the trust file remembers, and against every earlier checkpoint of the bundle.
 *
 * @returns the earlier checkpoints that hold
 */
export function verifyEarlier(log: BundleLog, pin: PinnedLog, keys: LogKeys, base: Head, basis: Basis): Head[] {
  const { checks } = basis;
  const { earlier = [] } = log;
  verifySeen(pin, earlier, base, basis);
  const found: Head[] = [];
  for (const head of earlier) {
    const { checkpoint, size } = head;
    if (checkpoint === undefined) {
      if (size !== pin.seen?.size)
        checks.notChecked('consistency', pin.origin, `size ${size} is not one that the trust file remembers`);
      continue;
    }
    const opened = checks.attempt('consistency', pin.origin, 'BAD_SIG', () => openEarlier(checkpoint, head, keys, base, basis));
    if (opened === undefined) continue;
    reportUnpinned(checks, 'consistency', pin.origin, opened.signatures);
    found.push(opened);
  }
  return found;
}

function verifySeen({ origin, seen }: PinnedLog, earlier: readonly Earlier[], base: Head, { checks }: Basis): void {
  if (seen === undefined) {
    checks.notChecked('consistency', origin, 'the trust file remembers no earlier head of this log');
    return;
  }
  const size = Number(seen.size);
  const root = Buffer.from(seen.root, 'hex');
  checks.attempt('consistency', origin, 'FORKED', () => {
    if (size > base.size)
      throw new Fault('ROLLED_BACK', `the trust file remembers ${size} entries, the checkpoint has ${base.size}`);
    const path = size === base.size ? [] : earlier.find((head) => head.size === seen.size)?.path;
    if (path === undefined) throw new Error(`the bundle holds no proof that the log extends the remembered head of size ${size}`);
    requireExtension({ size, root }, path, base);
  });
}

/** @throws Fault, DomainError */
function openEarlier(text: string, { size, path }: Earlier, keys: LogKeys, base: Head, { policies }: Basis): WitnessedCheckpoint {
  const opened = openByOneOf(text, keys.log, policies.witnesses);
  if (String(opened.size) !== size) throw new Fault('ALTERED', `the earlier checkpoint is not of size ${size}`);
  if (opened.size > base.size)
    throw new Fault('ROLLED_BACK', `the log had ${size} entries before, the checkpoint has ${base.size}`);
  try {
    requireExtension(opened, path, base);
  } catch (error) {
    throw new Fault('FORKED', `the checkpoint does not extend that of size ${size}: ${(error as Error).message}`);
  }
  return opened;
}

/** An earlier checkpoint is signed by the key of its time. A log may have had thousands of keys: only those are tried that a line names. */
function openByOneOf(text: string, keys: readonly NoteKey[], policy: Basis['policies']['witnesses']): WitnessedCheckpoint {
  const named = new Set(parseNote(text).signatures.map(({ name, keyId }) => `${keyId} ${name}`));
  let refusal: unknown = new Fault('BAD_SIG', 'no key of this log signed the earlier checkpoint');
  for (const key of keys) {
    if (!named.has(`${key.id} ${key.name}`)) continue;
    try {
      return openUnderPolicy(text, key, policy);
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

function requireExtension(from: Pick<Head, 'size' | 'root'>, path: readonly string[], to: Head): void {
  verifyConsistency({ fromSize: from.size, fromRoot: from.root, toSize: to.size, toRoot: to.root, proof: path.map(decoded) });
}
