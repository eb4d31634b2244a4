import { openCheckpoint, parseVerifierKey } from '@countersign/merkle';
import { logIdOf, parseRegistration, type LogRegistration } from '@countersign/record';
import type { BundleLog } from './bundle.js';
import type { Checks } from './report.js';
import type { Trust } from './trust.js';

/** A log whose id, key and checkpoint are established; records are checked against its root. */
export interface TrustedLog {
  readonly origin: string;
  readonly registration: LogRegistration;
  readonly size: number;
  readonly root: Uint8Array;
}

/** Establishes one log of the bundle; undefined if nothing under it may be trusted. */
export function verifyLog(log: BundleLog, trust: Trust, checks: Checks): TrustedLog | undefined {
  const registration = verifyPinned(log, trust, checks);
  if (registration === undefined) return undefined;
  const origin = registration.origin;
  const head = verifyCheckpoint(log, registration, trust, checks);
  if (head === undefined) return undefined;
  verifyWitnesses(log, head, origin, trust, checks);
  verifyChain(log, head, origin, trust, checks);
  return { origin, registration, ...head };
}

function verifyPinned(log: BundleLog, trust: Trust, checks: Checks): LogRegistration | undefined {
  const logId = Buffer.from(log.logId, 'base64').toString('hex');
  const pinned = trust.logs.find((entry) => entry.logId === logId);
  let registration: LogRegistration | undefined;
  checks.attempt('log-pinned', pinned?.origin ?? logId, 'UNKNOWN_KEY', () => {
    if (pinned === undefined) throw new Error('the trust file does not pin this log');
    const bytes = Buffer.from(log.registration, 'utf8');
    if (Buffer.from(logIdOf(bytes)).toString('hex') !== logId) throw new Error('the registration does not hash to the log id');
    const parsed = parseRegistration(bytes);
    if (parsed.origin !== pinned.origin) throw new Error('the registration names another origin than the trust file');
    const key = parseVerifierKey(pinned.verifierKey);
    if (key.name !== parsed.origin || !key.raw.equals(Buffer.from(parsed.logKey))) {
      throw new Error('the pinned key is not the key of the registration');
    }
    registration = parsed;
  });
  return registration;
}

function verifyCheckpoint(
  log: BundleLog,
  registration: LogRegistration,
  trust: Trust,
  checks: Checks,
): { size: number; root: Uint8Array } | undefined {
  const pinned = trust.logs.find((entry) => entry.origin === registration.origin);
  let head: { size: number; root: Uint8Array } | undefined;
  checks.attempt('checkpoint-signature', registration.origin, 'BAD_SIG', () => {
    const checkpoint = openCheckpoint(log.checkpoint, parseVerifierKey(pinned?.verifierKey ?? ''));
    head = { size: checkpoint.size, root: checkpoint.root };
  });
  return head;
}

function verifyWitnesses(log: BundleLog, head: { size: number }, origin: string, trust: Trust, checks: Checks): void {
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
function verifyChain(
  log: BundleLog,
  head: { size: number; root: Uint8Array },
  origin: string,
  trust: Trust,
  checks: Checks,
): void {
  const { anchored } = log;
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
