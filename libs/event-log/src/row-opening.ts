import { setImmediate as turn } from 'node:timers/promises';
import { DomainError } from '@countersign/kernel';
import { READ_LIMITS } from './config.js';
import type { LogReader, OpenedRow } from './log-reader.js';
import type { RecordSealer } from './sealing.js';
import { keyIdsOf } from './stored-row.js';
import type { UnitKeyStore } from './unit-keys.js';

/** An opened row whose header is readable. */
export type IntactRow = OpenedRow & { readonly header: NonNullable<OpenedRow['header']> };

/** Whether every check on the stored row passed. Says nothing about withheld disclosures. */
export function isIntact(opened: OpenedRow): opened is IntactRow {
  return opened.header !== undefined && opened.consistent && opened.altered.length === 0 && opened.missing.length === 0;
}

/**
 * For callers that act on content.
 *
 * @throws DomainError RECORD_ALTERED
 */
export function requireIntact(opened: OpenedRow): IntactRow {
  if (isIntact(opened)) return opened;
  const { position, streamId, sequence } = opened.row;
  throw new DomainError('RECORD_ALTERED', { context: { position: String(position), streamId, sequence: String(sequence) } });
}

/** Opens rows of any stream, all groups whose keys the key service still gives. */
export function rowOpener(sealer: RecordSealer, unitKeys: UnitKeyStore): Pick<LogReader, 'openRows' | 'openRow'> {
  const openRows: LogReader['openRows'] = async (rows, mayOpen = () => true) => {
    const named = new Map(rows.flatMap(keyIdsOf).map((keyId) => [Buffer.from(keyId).toString('hex'), keyId]));
    const keys = await unitKeys.get([...named].filter(([id]) => mayOpen(id)).map(([, keyId]) => keyId));
    const opened: OpenedRow[] = [];
    for (const [index, row] of rows.entries()) {
      // Opening is work of the processor: commands of the same process have to get in between.
      if (index > 0 && index % READ_LIMITS.openedAtOnce === 0) await turn();
      opened.push(sealer.open(row, keys));
    }
    return opened;
  };
  return {
    openRows,
    openRow: async (row) => {
      const [opened] = await openRows([row]);
      if (!opened) throw new DomainError('INTERNAL');
      return opened;
    },
  };
}
