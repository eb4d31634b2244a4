import { parsePolicy, parseVerifierKey, pinPublicKey, type WitnessPolicy } from '@countersign/merkle';
import { isOrigin } from '@countersign/record';
import { decimal, decimalFrom1, hex32, time, upTo } from './fields.js';
import { hasRepeatedMember } from './repeated-member.js';
import { exactly, list, object, optional, readAs, text, type Reader } from './strict-reader.js';
import { Unreadable } from './unreadable.js';

/** Largest trust file that is read, bytes. */
export const TRUST_BYTES_MAX = 1024 * 1024;

const pinnedLog = object({
  origin: text('must be a log origin', isOrigin),
  /** Commits to the registration and so to the log's keys. */
  logId: hex32,
  /** C2SP verifier key of the log as registered: `<name>+<key id>+<base64>`. */
  verifierKey: text('must be the verifier key of an Ed25519 key', isVerifierKey),
  /** A head that this auditor saw before; the log must extend it. */
  seen: optional(object({ size: decimalFrom1, root: hex32 })),
  /** Keys of this log that others may use since a time. */
  compromised: optional(
    list(object({ key: text('must be an Ed25519 public key in lower-case hex', isPublicKey), at: time }), 16, 1),
  ),
});

const policyText = upTo(65_536);
const named = (max: number): Reader<string> =>
  text(`must be 1 to ${max} characters`, (value) => value.length >= 1 && value.length <= max);

const trust = object({
  version: exactly(1),
  logs: list(pinnedLog, 1000, 1),
  /** C2SP tlog-policy for checkpoints. `quorum none` says openly that no witness is asked for. */
  policy: policyText,
  /** The same for map checkers on heads checkpoints. */
  mapPolicy: optional(policyText),
  /** How old a checkpoint may be. */
  maxAgeSeconds: optional(decimal),
  chain: object({
    /** Chain identity that heads must name, e.g. `evm:31337:0x…`. */
    identity: named(200),
    name: named(100),
  }),
});

/** What an auditor pins before looking at any evidence. Never taken from a bundle. */
export type Trust = ReturnType<typeof trust>;
export type PinnedLog = Trust['logs'][number];

/** Whose cosignatures count for what. */
export interface TrustedPolicies {
  readonly witnesses: WitnessPolicy;
  /** `quorum none` if the trust file has no map policy. */
  readonly mapCheckers: WitnessPolicy;
}

/** @throws Unreadable if the bytes are not a trust file, or one that says two things about one log */
export function parseTrust(bytes: Uint8Array): Trust {
  return readTrust(bytes).trust;
}

/** Like `parseTrust`, with the policies read. */
export function readTrust(bytes: Uint8Array): { readonly trust: Trust; readonly policies: TrustedPolicies } {
  if (bytes.length > TRUST_BYTES_MAX) throw new Unreadable(`a trust file has at most ${TRUST_BYTES_MAX} bytes`);
  const { source, value } = parse(bytes);
  const read = readAs(trust, value, 'the trust file');
  if (hasRepeatedMember(source, read)) throw new Unreadable('the trust file holds a member twice');
  // A checkpoint names its log by origin alone: two logs of one origin could be taken for each other.
  requireUnlike(
    'log id',
    read.logs.map(({ logId }) => logId),
  );
  requireUnlike(
    'origin',
    read.logs.map(({ origin }) => origin),
  );
  for (const { compromised = [] } of read.logs) {
    requireUnlike(
      'compromised key',
      compromised.map(({ key }) => key),
    );
  }
  const { policy, mapPolicy = 'quorum none\n' } = read;
  const policies = { witnesses: readPolicy(policy, 'policy'), mapCheckers: readPolicy(mapPolicy, 'mapPolicy') };
  requireOneDuty(read, policies);
  return { trust: read, policies };
}

/** The trust file pins logs itself: a second list could say otherwise. */
function readPolicy(policy: string, member: string): WitnessPolicy {
  let read: WitnessPolicy;
  try {
    read = parsePolicy(policy);
  } catch (error) {
    throw new Unreadable(`the ${member} of the trust file is none: ${(error as Error).message}`, { cause: error });
  }
  if (read.logs.length > 0) throw new Unreadable(`the ${member} of the trust file lists logs: the file pins them itself`);
  return read;
}

/** A cosignature does not say for what it was given: a key that did two things could be taken for having done the other. */
function requireOneDuty({ logs }: Trust, { witnesses, mapCheckers }: TrustedPolicies): void {
  requireUnlike('key for two duties', [
    ...new Set(logs.map(({ verifierKey }) => parseVerifierKey(verifierKey).raw.toString('hex'))),
    ...[...witnesses.witnesses, ...mapCheckers.witnesses].map(({ key }) => key.raw.toString('hex')),
  ]);
}

function parse(bytes: Uint8Array): { readonly source: string; readonly value: unknown } {
  try {
    const source = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { source, value: JSON.parse(source) };
  } catch {
    throw new Unreadable('the trust file is not JSON in UTF-8');
  }
}

function requireUnlike(what: string, texts: readonly string[]): void {
  if (new Set(texts).size !== texts.length) throw new Unreadable(`the trust file names one ${what} twice`);
}

function isVerifierKey(value: string): boolean {
  if (value.length > 300) return false;
  try {
    parseVerifierKey(value);
    return true;
  } catch {
    return false; // parseVerifierKey throws for one reason only: the key is not acceptable.
  }
}

/** A key that was mistyped would call no key compromised. */
function isPublicKey(value: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(value)) return false;
  try {
    pinPublicKey(Buffer.from(value, 'hex'));
    return true;
  } catch {
    return false; // pinPublicKey throws for one reason only: the key is not acceptable.
  }
}
