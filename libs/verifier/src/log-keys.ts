import { noteKey, parseVerifierKey, verifyEd25519, type NoteKey } from '@countersign/merkle';
import {
  KEY_ROTATED,
  keyRotationMessage,
  logStreamId,
  parseHeader,
  type KeyRotation,
  type LogRegistration,
  type RecordHeader,
} from '@countersign/record';
import { secondsOf, wasSeenBefore, type Basis, type Head } from './basis.js';
import type { BundleStream } from './bundle.js';
import type { PinnedLog } from './trust.js';

/** One signed succession of keys, which the retired key itself made. */
interface Rotation {
  readonly leaf: number;
  readonly retired: NoteKey;
}

/** Keys of a log and of its heads log, first to current, none of which the bundle could make up (docs/bundle.md §3.1). */
export interface LogKeys {
  readonly log: readonly NoteKey[];
  readonly heads: readonly NoteKey[];
  readonly rotations: readonly Rotation[];
}

/** The registration's own keys. */
function registeredKeys({ origin, logKey, headsOrigin, headsKey }: LogRegistration): LogKeys {
  return { log: [noteKey(origin, logKey)], heads: [noteKey(headsOrigin, headsKey)], rotations: [] };
}

/**
 * Follows the rotations that the log's own stream holds. That those records stand in the log is for `inclusion` to say: what makes a new key
 * count is the retired one's signature.
 *
 * @param own the log's own stream, if the bundle has it
 * @throws Error if a rotation is not signed by the key that was current, or hands over to a key that has another duty
 */
export function followRotations(
  registration: LogRegistration,
  logId: Uint8Array,
  own: BundleStream | undefined,
  basis: Basis,
): LogKeys {
  const first = registeredKeys(registration);
  const keys = { log: [...first.log], heads: [...first.heads], rotations: [] as Rotation[] };
  for (const { leaf, header } of own === undefined ? [] : rotationRecords(registration, own)) {
    const fields = header.publicData as unknown as KeyRotation & { readonly signature?: string };
    const line = fields.keyUse === 'log' ? keys.log : keys.heads;
    const current = line.at(-1) as NoteKey;
    if (fields.retiredKey !== current.raw.toString('hex'))
      throw new Error(`leaf ${leaf} retires a key that is not the current one`);
    const signature = Buffer.from(fields.signature ?? '', 'hex');
    if (!verifyEd25519(current, keyRotationMessage(logId, fields), signature))
      throw new Error(`leaf ${leaf}: the retired key did not sign the new one`);
    requireOwnDuty(fields.newKey, basis);
    line.push(noteKey(current.name, Buffer.from(fields.newKey, 'hex')));
    keys.rotations.push({ leaf, retired: current });
  }
  return keys;
}

/** Records that say which key follows; one that cannot be read fails a check of its own. */
function rotationRecords(
  { predecessor }: LogRegistration,
  { records }: BundleStream,
): { readonly leaf: number; readonly header: RecordHeader }[] {
  return records.flatMap((record) => {
    if (!('header' in record)) return [];
    let header: RecordHeader;
    try {
      header = parseHeader(Buffer.from(record.header, 'utf8'), { continuesPredecessor: predecessor !== null });
    } catch {
      return [];
    }
    const use = header.publicData['keyUse'];
    const follows = header.type === KEY_ROTATED.type && (use === 'log' || use === 'heads');
    return follows ? [{ leaf: Number(record.index), header }] : [];
  });
}

function requireOwnDuty(key: string, { policies: { witnesses, mapCheckers } }: Basis): void {
  const cosigners = [...witnesses.witnesses, ...mapCheckers.witnesses];
  if (cosigners.some(({ key: { raw } }) => raw.toString('hex') === key)) throw new Error('the new key is that of a cosigner');
}

/** The log's own stream in this bundle: the first of that name. */
export function ownStream(streams: readonly BundleStream[], logId: string, origin: string): BundleStream | undefined {
  return streams.find((stream) => stream.logId === logId && stream.streamId === logStreamId(origin));
}

/** Since when others may use the key, in whole seconds; undefined if the trust file says nothing of it. */
export function compromisedAt(pin: PinnedLog, key: NoteKey): number | undefined {
  const found = pin.compromised?.find((entry) => entry.key === key.raw.toString('hex'));
  return found === undefined ? undefined : secondsOf(found.at);
}

/**
 * A key that was stolen at t still counts for what witnesses saw before t, and for nothing else.
 *
 * @param earlier earlier heads that hold, with what cosigned them
 * @throws Error naming what rests on a compromised key
 */
export function requireUncompromised(keys: LogKeys, pin: PinnedLog, base: Head, earlier: readonly Head[], basis: Basis): void {
  const current = keys.log.at(-1) as NoteKey;
  const since = compromisedAt(pin, current);
  if (since !== undefined && !wasSeenBefore(basis, base.cosigned, since))
    throw new Error('the key that signed the checkpoint is compromised, and no quorum of witnesses saw the checkpoint before');
  for (const { leaf, retired } of keys.rotations) {
    const stolen = compromisedAt(pin, retired);
    if (stolen === undefined) continue;
    const seen = [base, ...earlier].some(({ size, cosigned }) => size > leaf && wasSeenBefore(basis, cosigned, stolen));
    if (!seen)
      throw new Error(`leaf ${leaf}: the retired key is compromised, and no quorum of witnesses saw the rotation before`);
  }
}

/** The log's key as the trust file pins it. @throws Error if the registration has another */
export function requirePinnedKey(pin: PinnedLog, { origin, logKey }: LogRegistration): void {
  const key = parseVerifierKey(pin.verifierKey);
  if (key.name !== origin || !key.raw.equals(logKey)) throw new Error('the pinned key is not the key of the registration');
}
