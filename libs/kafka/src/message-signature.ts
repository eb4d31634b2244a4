import type { KeyObject } from 'node:crypto';
import { DomainError } from '@countersign/kernel';
import {
  decodeBase64Url,
  pinPublicKey,
  SIGNATURE_SIZE,
  signEd25519,
  verifyEd25519InPool,
  type PinnedPublicKey,
} from '@countersign/merkle';
import { headerText, type CloudEvent } from './cloud-event.js';
import type { IncomingHeaders } from './event-bus.js';
import { parseStrictJson } from './strict-json.js';

/** Header that carries the detached compact JWS. */
export const SIGNATURE_HEADER = 'signature';

/** The CloudEvents attributes that a signature over a binary-mode message covers; its value bytes do not hold them. */
export type SignedAttributes = Pick<CloudEvent, 'id' | 'source' | 'type'> & Partial<Pick<CloudEvent, 'subject' | 'time'>>;

/** Who signs with a key id; resolved from identity. */
export interface MessageSigner {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

const KEY_ID = /^[a-z0-9][a-z0-9-]{2,62}$/;
const COMPACT_LENGTH_MAX = 4_096;
const MEMBERS = new Set(['alg', 'kid', 'ce', 'typ']);
const ATTRIBUTES = ['id', 'source', 'type', 'subject', 'time'] as const;

/**
 * Signs a message: detached compact JWS (RFC 7515 appendix F), EdDSA, payload = the value bytes.
 *
 * @param kid principal id of the signer
 * @param attributes the CloudEvents attributes, REQUIRED for a binary-mode message: they stand in headers, which the payload does not cover
 */
export function signMessage(value: Uint8Array, kid: string, privateKey: KeyObject, attributes?: SignedAttributes): string {
  const header = Buffer.from(
    JSON.stringify({ alg: 'EdDSA', kid, ...(attributes === undefined ? {} : { ce: covered(attributes) }) }),
  ).toString('base64url');
  return `${header}..${signEd25519(privateKey, signingInput(header, value)).toString('base64url')}`;
}

/**
 * Verifies a message's signature. The algorithm is fixed; nothing in the JWS header selects a key but `kid`.
 *
 * @param resolve the principal of a key id, undefined if there is none or it may not sign any more; its failures pass through
 * @throws DomainError SIGNATURE_INVALID
 */
export async function verifyMessageSignature<Signer extends MessageSigner>(
  message: { readonly headers: IncomingHeaders; readonly value: Buffer | null },
  event: CloudEvent,
  resolve: (kid: string) => Promise<Signer | undefined>,
): Promise<Signer & { readonly principalId: string }> {
  const compact = readHeader(message.headers);
  const [header = '', payload, signature, ...rest] = compact.split('.');
  if (payload !== '' || signature === undefined || rest.length > 0) throw invalid('must be a detached compact JWS');
  const kid = readKeyId(header, event);
  const bytes = decodeSignature(signature);
  const signer = await resolve(kid);
  if (signer === undefined) throw invalid('must name a principal that may sign');
  const input = signingInput(header, message.value ?? Buffer.alloc(0));
  if (!(await verifyEd25519InPool(pinned(signer.publicKey), input, bytes))) {
    throw invalid('must be made by the key of the principal it names, over these bytes');
  }
  return { ...signer, principalId: kid };
}

const PINNED_KEYS_MAX = 1_024;
/** Keys that passed the checks, by hex; checking one costs more than verifying with it. */
const pinnedKeys = new Map<string, PinnedPublicKey>();

function pinned(raw: Uint8Array): PinnedPublicKey {
  const hex = Buffer.from(raw).toString('hex');
  const known = pinnedKeys.get(hex);
  if (known !== undefined) return known;
  const key = pinPublicKey(raw);
  if (pinnedKeys.size >= PINNED_KEYS_MAX) pinnedKeys.clear();
  pinnedKeys.set(hex, key);
  return key;
}

function readHeader(headers: IncomingHeaders): string {
  let text: string | undefined;
  try {
    text = headerText(headers, SIGNATURE_HEADER);
  } catch (error) {
    throw invalid('must be given once, as text', error);
  }
  if (text === undefined || text.length > COMPACT_LENGTH_MAX) throw invalid('must be given');
  return text;
}

function readKeyId(header: string, event: CloudEvent): string {
  const members = parseProtectedHeader(header);
  const { alg, kid, ce } = members;
  if (alg !== 'EdDSA') throw invalid('must use the algorithm EdDSA');
  if (typeof kid !== 'string' || !KEY_ID.test(kid)) throw invalid('must name its principal in kid');
  if (Object.keys(members).some((name) => !MEMBERS.has(name)))
    throw invalid('must not carry other header members than alg, kid, typ and ce');
  if (event.mode === 'binary' || ce !== undefined) requireAttributes(ce, event);
  return kid;
}

function parseProtectedHeader(header: string): Readonly<Record<string, unknown>> {
  const bytes = Buffer.from(header, 'base64url');
  if (bytes.toString('base64url') !== header) throw invalid('must be unpadded base64url');
  try {
    const members = parseStrictJson(bytes);
    if (typeof members === 'object' && members !== null && !Array.isArray(members)) return members as Record<string, unknown>;
  } catch (error) {
    throw invalid('must have a JSON header', error);
  }
  throw invalid('must have a JSON header');
}

/** Without this a recorded value could be sent again under a new event id, which deduplication would not catch. */
function requireAttributes(ce: unknown, event: CloudEvent): void {
  if (typeof ce !== 'object' || ce === null)
    throw invalid('must cover the attributes of a binary-mode message in header member ce');
  const signed = ce as Readonly<Record<string, unknown>>;
  if (ATTRIBUTES.some((name) => signed[name] !== event[name]))
    throw invalid('must cover the same attributes as the message carries');
}

function covered(attributes: SignedAttributes): Record<string, string> {
  const entries = ATTRIBUTES.map((name) => [name, attributes[name]] as const);
  return Object.fromEntries(
    entries.filter((entry): entry is readonly [(typeof ATTRIBUTES)[number], string] => entry[1] !== undefined),
  );
}

function decodeSignature(signature: string): Buffer {
  try {
    return decodeBase64Url(signature, SIGNATURE_SIZE, SIGNATURE_HEADER);
  } catch (error) {
    throw invalid('must be unpadded base64url of 64 bytes', error);
  }
}

function signingInput(header: string, value: Uint8Array): Buffer {
  return Buffer.from(`${header}.${Buffer.from(value).toString('base64url')}`, 'ascii');
}

function invalid(rule: string, cause?: unknown): DomainError {
  return new DomainError('SIGNATURE_INVALID', { field: SIGNATURE_HEADER, rule }, { cause });
}
