import { openCheckpoint, parseVerifierKey, type NoteKey } from '@countersign/merkle';
import { logIdOf, parseRegistration, type LogRegistration } from '@countersign/record';
import type { BundleLog } from './bundle.js';
import type { Checks } from './report.js';
import type { Trust } from './trust.js';

/** A log whose id, key and checkpoint are established; records are checked against its root. */
export interface TrustedLog {
  readonly origin: string;
  /** 64 hex digits. */
  readonly logId: string;
  readonly registration: LogRegistration;
  readonly size: number;
  readonly root: Uint8Array;
}

/** What the trust file pins, and the registration that agrees with it. */
interface Pinned {
  readonly logId: string;
  readonly registration: LogRegistration;
  readonly key: NoteKey;
}

interface Head {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Establishes one log of the bundle; undefined if nothing under it may be trusted. */
export function verifyLog(log: BundleLog, trust: Trust, checks: Checks): TrustedLog | undefined {
  const pinned = verifyPinned(log, trust, checks);
  if (pinned === undefined) return undefined;
  const { logId, registration } = pinned;
  const origin = registration.origin;
  const head = verifyCheckpoint(log, pinned, checks);
  if (head === undefined) return undefined;
  verifyWitnesses(head, origin, trust, checks);
  verifyChain(log, head, origin, trust, checks);
  return { origin, logId, registration, ...head };
}

function verifyPinned(log: BundleLog, trust: Trust, checks: Checks): Pinned | undefined {
  const logId = Buffer.from(log.logId, 'base64').toString('hex');
  const pin = trust.logs.find((entry) => entry.logId === logId);
  let pinned: Pinned | undefined;
  checks.attempt('log-pinned', pin?.origin ?? logId, 'UNKNOWN_KEY', () => {
    if (pin === undefined) throw new Error('the trust file does not pin this log');
    const bytes = Buffer.from(log.registration, 'utf8');
    if (logIdOf(bytes).toString('hex') !== logId) throw new Error('the registration does not hash to the log id');
    const registration = parseRegistration(bytes);
    if (registration.origin !== pin.origin) throw new Error('the registration names another origin than the trust file');
    const key = parseVerifierKey(pin.verifierKey);
    if (key.name !== registration.origin || !key.raw.equals(registration.logKey)) {
      throw new Error('the pinned key is not the key of the registration');
    }
    pinned = { logId, registration, key };
  });
  return pinned;
}

/** The key is the one pinned for this log id, never one that the trust file pins for something else. */
function verifyCheckpoint(log: BundleLog, { registration: { origin }, key }: Pinned, checks: Checks): Head | undefined {
  let head: Head | undefined;
  let unpinned = 0;
  checks.attempt('checkpoint-signature', origin, 'BAD_SIG', () => {
    const { size, root, signatures } = openCheckpoint(log.checkpoint, key);
    unpinned = signatures.filter(({ verified }) => !verified).length;
    head = { size, root };
  });
  if (unpinned > 0) {
    checks.notChecked('checkpoint-signature', origin, `${unpinned} further signatures are of keys that count for nothing here`);
  }
  return head;
}

function verifyWitnesses(head: Head, origin: string, trust: Trust, checks: Checks): void {
  if (trust.witnesses.quorum === 0) {
    checks.notChecked('witness-quorum', origin, `size ${head.size}: the trust file asks for no witnesses (quorum 0)`);
    return;
  }
  // Cosignatures (tlog-cosignature) are not part of bundles of version 1: a quorum above 0 fails closed.
  checks.fail('witness-quorum', origin, 'BAD_SIG', `0 of ${trust.witnesses.quorum} witnesses cosigned this checkpoint`);
}

/**
 * What the bundle says of the chain. It carries no signature or proof of the chain, so agreement is an assertion and never PASS;
 * disagreement is a contradiction within the evidence and fails.
 */
function verifyChain({ anchored }: BundleLog, head: Head, origin: string, trust: Trust, checks: Checks): void {
  if (anchored === undefined) {
    checks.notChecked('chain-head', origin, 'the bundle holds no head on chain for this checkpoint');
  } else if (anchored.chain !== trust.chain.identity) {
    checks.fail('chain-head', origin, 'FORKED', 'the head is from another chain than the trust file pins');
  } else if (Number(anchored.size) !== head.size || !Buffer.from(anchored.root, 'base64').equals(Buffer.from(head.root))) {
    checks.fail('chain-head', origin, 'FORKED', 'the head on chain is not this checkpoint');
  } else {
    const claim = `the bundle asserts this head at height ${anchored.height}, ${anchored.blockTime}`;
    checks.notChecked('chain-head', origin, `${claim}; nothing in it proves that. Check online with: countersign audit`);
  }
  checks.notChecked('chain-finality', origin, `${trust.chain.name}: it has no finality that could be checked offline`);
}
