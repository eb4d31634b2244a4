import type { MessageInitShape } from '@bufbuild/protobuf';
import type { LogRow, NaturalKey, OpenedRow } from '@countersign/event-log';
import { DomainError, isPersonalGroup } from '@countersign/kernel';
import type { evidenceV1 } from '@countersign/proto';

/** Kinds of natural keys that a search takes. */
export const KEY_KINDS = [
  'uii',
  'document-number',
  'piid',
  'tcn',
  'nsn',
  'organisation',
  'rtd-reference',
  'principal',
] as const satisfies readonly NaturalKey['kind'][];

/** Kinds that name a thing, and so few streams. */
export const THING_KINDS = [
  'uii',
  'document-number',
  'piid',
  'tcn',
  'rtd-reference',
] as const satisfies readonly NaturalKey['kind'][];

/**
 * @param field of the request that holds the keys
 * @throws DomainError CODE_UNKNOWN
 */
export function naturalKeys(
  keys: readonly evidenceV1.NaturalKey[],
  kinds: readonly NaturalKey['kind'][],
  field: string,
): readonly NaturalKey[] {
  return keys.map(({ kind, value }, index) => {
    const known = kinds.find((each) => each === kind);
    if (known === undefined) throw new DomainError('CODE_UNKNOWN', { field: `${field}[${index}].kind`, rule: kinds.join(', ') });
    return { kind: known, value };
  });
}

type StoredRecord = MessageInitShape<typeof evidenceV1.StoredRecordSchema>;

/** Numbers as the wire can carry them, even if somebody stored what it cannot. */
export function storedRecord({ position, sequence, header, entry }: LogRow): StoredRecord & object {
  return { position: BigInt.asUintN(64, position), sequence: BigInt.asUintN(64, sequence), header, entry };
}

/** This log never drops a ciphertext, so one that is missing was removed: told like one that was changed. */
export function openedRecord({ row, disclosures, altered, missing }: OpenedRow): StoredRecord {
  return {
    ...storedRecord(row),
    disclosures: disclosures.filter(({ group }) => !isPersonalGroup(group)).map(({ encoded }) => encoded),
    alteredDisclosures: [...altered, ...missing],
  };
}
