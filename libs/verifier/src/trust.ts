import { parseVerifierKey } from '@countersign/merkle';
import { isOrigin } from '@countersign/record';
import { z } from 'zod';
import { hasRepeatedMember } from './repeated-member.js';
import { breaksSchema, Unreadable } from './unreadable.js';

/** Largest trust file that is read, bytes. */
export const TRUST_BYTES_MAX = 1024 * 1024;

const pinnedLog = z.strictObject({
  origin: z.string().refine(isOrigin, 'must be a log origin'),
  /** 64 hex digits; commits to the registration and so to the log's keys. */
  logId: z.string().regex(/^[0-9a-f]{64}$/),
  /** C2SP verifier key of the log: `<name>+<key id>+<base64>`. */
  verifierKey: z.string().max(300).refine(isVerifierKey, 'must be the verifier key of an Ed25519 key'),
});

/** A witness may sign with a kind of key that this version does not read. */
const witnessKey = z.string().regex(/^[!-*,-~]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{1,200}={0,2}$/, 'must be a C2SP verifier key');

const trust = z.strictObject({
  version: z.literal(1),
  logs: z.array(pinnedLog).min(1).max(1000),
  witnesses: z.strictObject({
    /** How many pinned witnesses must have cosigned a checkpoint. 0 says openly that none is asked for. */
    quorum: z.int().min(0).max(100),
    verifierKeys: z.array(witnessKey).max(100),
  }),
  chain: z.strictObject({
    /** Chain identity that heads must name, e.g. `evm:31337:0x…`. */
    identity: z.string().min(1).max(200),
    name: z.string().min(1).max(100),
  }),
});

/** What an auditor pins before looking at any evidence. Never taken from a bundle. */
export type Trust = z.infer<typeof trust>;
export type PinnedLog = Trust['logs'][number];

/** @throws Unreadable if the bytes are not a trust file, or one that says two things about one log */
export function parseTrust(bytes: Uint8Array): Trust {
  if (bytes.length > TRUST_BYTES_MAX) throw new Unreadable(`a trust file has at most ${TRUST_BYTES_MAX} bytes`);
  const { text, value } = parse(bytes);
  const parsed = trust.safeParse(value);
  if (!parsed.success) throw breaksSchema('the trust file', parsed.error);
  if (hasRepeatedMember(text, parsed.data)) throw new Unreadable('the trust file holds a member twice');
  const { logs, witnesses } = parsed.data;
  // A checkpoint names its log by origin alone: two logs of one origin could be taken for each other.
  requireUnlike(
    'log id',
    logs.map(({ logId }) => logId),
  );
  requireUnlike(
    'origin',
    logs.map(({ origin }) => origin),
  );
  requireUnlike('witness', witnesses.verifierKeys);
  if (witnesses.quorum > witnesses.verifierKeys.length)
    throw new Unreadable('the trust file asks for more witnesses than it pins');
  return parsed.data;
}

function parse(bytes: Uint8Array): { readonly text: string; readonly value: unknown } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, value: JSON.parse(text) };
  } catch {
    throw new Unreadable('the trust file is not JSON in UTF-8');
  }
}

function requireUnlike(what: string, texts: readonly string[]): void {
  if (new Set(texts).size !== texts.length) throw new Unreadable(`the trust file names one ${what} twice`);
}

function isVerifierKey(text: string): boolean {
  try {
    parseVerifierKey(text);
    return true;
  } catch {
    return false; // parseVerifierKey throws for one reason only: the key is not acceptable.
  }
}
