import type { Journal, LogReader } from '@countersign/event-log';
import { DomainError, type Actor } from '@countersign/kernel';
import { recordDigest } from '@countersign/record';
import { requireParty } from '../visibility.js';
import { CUSTODY, custodyKey, type ExistingCustody, type OpenOffer } from './custody.js';
import type { UnitName } from './open-custody.js';

export interface CustodyView {
  readonly custody: ExistingCustody;
  /** The open offer with the record its answer must name; null unless one is open. */
  readonly offer: (OpenOffer & { readonly position: bigint; readonly recordDigest: Uint8Array }) | null;
}

/** @throws DomainError NOT_FOUND */
export async function getCustody(
  journal: Journal,
  log: Pick<LogReader, 'readStreamRows'>,
  name: UnitName,
  actor: Actor,
): Promise<CustodyView> {
  const key = custodyKey(name.tcn, name.piece);
  const streamId = `${CUSTODY.category}/${key}`;
  await requireParty(journal, streamId, actor);
  const custody = await journal.read(CUSTODY, key);
  if (custody === undefined || custody.status === 'NONE') throw new DomainError('NOT_FOUND');
  if (custody.status !== 'OFFERED') return { custody, offer: null };
  const rows = await log.readStreamRows(streamId);
  const row = rows.find(({ sequence }) => sequence === BigInt(custody.offer.sequence));
  if (row === undefined) throw new DomainError('INTERNAL', { context: { streamId } });
  return { custody, offer: { ...custody.offer, position: row.position, recordDigest: recordDigest(row.header) } };
}
