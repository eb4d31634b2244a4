import { meetsQuorum, openUnderPolicy, type NoteKey } from '@countersign/merkle';
import { logIdOf, parseRegistration, type LogRegistration } from '@countersign/record';
import { reportUnpinned, type Basis, type Head } from './basis.js';
import type { BundleLog, BundleStream } from './bundle.js';
import { decoded } from './fields.js';
import { followRotations, ownStream, requirePinnedKey, requireUncompromised, type LogKeys } from './log-keys.js';
import type { PinnedLog } from './trust.js';
import { verifyEarlier } from './verify-earlier.js';
import { verifyHeads, type ItemMap } from './verify-heads.js';

/** A log whose id, keys and checkpoint are established; records are checked against its root. */
export interface TrustedLog {
  readonly origin: string;
  /** 64 hex digits. */
  readonly logId: string;
  readonly registration: LogRegistration;
  readonly size: number;
  readonly root: Uint8Array;
  /** What the heads log says of this checkpoint; undefined before it does. */
  readonly itemMap?: ItemMap;
  /** Whether enough pinned witnesses cosigned the checkpoint. */
  readonly isVouched: boolean;
}

/** What the trust file pins, and the registration that agrees with it. */
interface Pinned {
  readonly pin: PinnedLog;
  readonly logId: Buffer;
  readonly registration: LogRegistration;
}

/** Establishes one log of the bundle; undefined if nothing under it may be trusted. */
export function verifyLog(log: BundleLog, streams: readonly BundleStream[], basis: Basis): TrustedLog | undefined {
  const pinned = verifyPinned(log, basis);
  if (pinned === undefined) return undefined;
  const { pin, logId, registration } = pinned;
  const keys = followKeys(pinned, ownStream(streams, log.logId, pin.origin), basis);
  if (keys === undefined) return undefined;
  const base = verifyCheckpoint(log, pin, keys.log.at(-1) as NoteKey, basis);
  if (base === undefined) return undefined;
  const isVouched = verifyWitnesses(base, pin, basis);
  verifyAge(base, pin, basis);
  const earlier = verifyEarlier(log, pin, keys, base, basis);
  if (!verifyKeys(keys, pin, base, earlier, basis)) return undefined;
  verifyChain(log, base, pin, basis);
  const itemMap = verifyHeads(log.heads, pin, keys.heads.at(-1) as NoteKey, base, basis);
  return { origin: pin.origin, logId: logId.toString('hex'), registration, size: base.size, root: base.root, itemMap, isVouched };
}

/** How reports name a log: by the origin that the trust file pins, or else by its id. */
export function logSubject(logId: string, { trust }: Basis): string {
  const id = decoded(logId).toString('hex');
  return trust.logs.find((entry) => entry.logId === id)?.origin ?? id;
}

function verifyPinned(log: BundleLog, basis: Basis): Pinned | undefined {
  const logId = decoded(log.logId);
  const pin = basis.trust.logs.find((entry) => entry.logId === logId.toString('hex'));
  return basis.checks.attempt('log-pinned', logSubject(log.logId, basis), 'UNKNOWN_KEY', () => {
    if (pin === undefined) throw new Error('the trust file does not pin this log');
    const bytes = Buffer.from(log.registration, 'utf8');
    if (!logIdOf(bytes).equals(logId)) throw new Error('the registration does not hash to the log id');
    const registration = parseRegistration(bytes);
    if (registration.origin !== pin.origin) throw new Error('the registration names another origin than the trust file');
    requirePinnedKey(pin, registration);
    return { pin, logId, registration };
  });
}

function followKeys({ pin, logId, registration }: Pinned, own: BundleStream | undefined, basis: Basis): LogKeys | undefined {
  try {
    return followRotations(registration, logId, own, basis);
  } catch (error) {
    basis.checks.fail('key-history', pin.origin, 'BAD_SIG', (error as Error).message);
    return undefined;
  }
}

/** The key is the one pinned for this log id or a successor that it signed, never one that the trust file pins for something else. */
function verifyCheckpoint(log: BundleLog, { origin }: PinnedLog, key: NoteKey, { policies, checks }: Basis): Head | undefined {
  const opened = checks.attempt('checkpoint-signature', origin, 'BAD_SIG', () =>
    openUnderPolicy(log.checkpoint, key, policies.witnesses),
  );
  if (opened !== undefined) reportUnpinned(checks, 'checkpoint-signature', origin, opened.signatures);
  return opened;
}

function verifyWitnesses(base: Head, { origin }: PinnedLog, { policies: { witnesses }, checks }: Basis): boolean {
  if (witnesses.quorum === undefined) {
    checks.notChecked('witness-quorum', origin, `size ${base.size}: the trust file asks for no witnesses (quorum none)`);
    return false;
  }
  const names = new Set(base.cosigned.keys());
  if (meetsQuorum(witnesses, names)) {
    checks.pass('witness-quorum', origin);
    return true;
  }
  const who = names.size === 0 ? 'no pinned witness' : `only ${[...names].join(', ')}`;
  checks.fail('witness-quorum', origin, 'BAD_SIG', `${who} cosigned this checkpoint: the policy asks for ${witnesses.quorum}`);
  return false;
}

function verifyAge(base: Head, { origin }: PinnedLog, { trust: { maxAgeSeconds }, at, checks }: Basis): void {
  if (maxAgeSeconds === undefined) return checks.notChecked('freshness', origin, 'the trust file sets no bound on age');
  if (at === undefined) return checks.notChecked('freshness', origin, 'no time to judge by: name one with --at <time>');
  const newest = Math.max(-Infinity, ...base.cosigned.values());
  if (newest >= at - Number(maxAgeSeconds)) return checks.pass('freshness', origin);
  const age =
    newest === -Infinity ? 'no pinned witness says when it saw the checkpoint' : `witnesses saw it ${at - newest} s before`;
  checks.fail('freshness', origin, 'STALE', `${age}: the trust file allows ${maxAgeSeconds} s`);
}

/** Says nothing where there is nothing to say: the pinned key itself signed, and nobody calls it compromised. */
function verifyKeys(keys: LogKeys, pin: PinnedLog, base: Head, earlier: readonly Head[], basis: Basis): boolean {
  if (keys.rotations.length === 0 && pin.compromised === undefined) return true;
  const hold = basis.checks.attempt('key-history', pin.origin, 'BAD_SIG', () => {
    requireUncompromised(keys, pin, base, earlier, basis);
    return true;
  });
  return hold === true;
}

/**
 * What the bundle says of the chain. It carries no signature or proof of the chain, so agreement is an assertion and never PASS;
 * disagreement is a contradiction within the evidence and fails.
 */
function verifyChain({ anchored }: BundleLog, head: Head, { origin }: PinnedLog, { trust: { chain }, checks }: Basis): void {
  if (anchored === undefined) {
    checks.notChecked('chain-head', origin, 'the bundle holds no head on chain for this checkpoint');
  } else if (anchored.chain !== chain.identity) {
    checks.fail('chain-head', origin, 'FORKED', 'the head is from another chain than the trust file pins');
  } else if (Number(anchored.size) !== head.size || !decoded(anchored.root).equals(head.root)) {
    checks.fail('chain-head', origin, 'FORKED', 'the head on chain is not this checkpoint');
  } else {
    const claim = `the bundle asserts this head at height ${anchored.height}, ${anchored.blockTime}`;
    checks.notChecked('chain-head', origin, `${claim}; nothing in it proves that. Check online with: countersign audit`);
  }
  const kind = anchored?.evidence?.kind;
  const why =
    kind === undefined ? 'it has no finality that could be checked offline' : `evidence of kind ${kind} is not known here`;
  checks.notChecked('chain-finality', origin, `${chain.name}: ${why}. Check online with: countersign audit`);
}
