import { DomainError } from '@countersign/kernel';
import { openCheckpoint, sameBytes } from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import { alarm } from '../alarm.js';
import type { TreeLog } from '../log/known-log.js';
import type { LiveLog } from '../log/live-log.js';
import type { TreeHead } from '../storage/stores.js';

/**
 * The stored head is the one that the log signed.
 *
 * @throws DomainError RECORD_ALTERED, SIGNATURE_INVALID, NOTE_MALFORMED
 */
export function requireSigned({ log }: LiveLog<TreeLog>, checkpoint: TreeHead): void {
  const { size, root } = openCheckpoint(checkpoint.note, log.noteKey);
  if (size !== checkpoint.size || !sameBytes(root, checkpoint.root)) {
    throw new DomainError('RECORD_ALTERED', { field: 'checkpoint', rule: 'the stored head is the one that was signed' });
  }
}

/**
 * A proof that does not verify here is never returned; somebody is called.
 *
 * @throws DomainError as the proof's making, of kind broken proof or unavailable
 */
export async function provenOrAlarm<Result>(
  logger: Logger,
  { log }: LiveLog<TreeLog>,
  prove: () => Promise<Result>,
): Promise<Result> {
  try {
    return await prove();
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
    alarm(logger, 'proof-broken', log.origin, { code: error.code, field: error.detail.field });
    throw error.kind === 'broken-proof' ? error : new DomainError('PROOF_BROKEN', { rule: error.detail.rule }, { cause: error });
  }
}
