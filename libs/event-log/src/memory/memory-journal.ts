import { randomBytes } from 'node:crypto';
import type { JournalLimits } from '../config.js';
import type { Journal } from '../journal.js';
import { LogJournal } from '../log-journal.js';
import type { LogReader } from '../log-reader.js';
import { rowOpener } from '../row-opening.js';
import { createMemoryUnitKeys, type UnitKeyStore } from '../unit-keys.js';
import { MemoryStore } from './memory-store.js';
import { plainSealer } from './plain-sealer.js';

export interface MemoryJournalOptions {
  /** Where unit keys come from; default: in memory. */
  readonly unitKeys?: UnitKeyStore;
  /** Recorded time; default: the system's. */
  readonly clock?: () => Date;
  readonly limits?: Partial<JournalLimits>;
}

/** A journal and its log without a database. */
export interface MemoryJournal extends Journal, LogReader {}

/** The journal for tests of handlers: real records and the same rules as on PostgreSQL, in memory. */
export function createMemoryJournal(options: MemoryJournalOptions = {}): MemoryJournal {
  const store = new MemoryStore();
  const unitKeys = options.unitKeys ?? createMemoryUnitKeys();
  const sealer = plainSealer();
  const journal = new LogJournal({
    store,
    sealer,
    unitKeys,
    requestDigestKey: randomBytes(32),
    clock: options.clock ?? (() => new Date()),
    ...(options.limits && { limits: options.limits }),
  });
  return {
    execute: (envelope, decide, inbox) => journal.execute(envelope, decide, inbox),
    read: (definition, key) => journal.read(definition, key),
    mayRead: (streamId, organisationId) => journal.mayRead(streamId, organisationId),
    ...store.rows,
    ...rowOpener(sealer, unitKeys),
  };
}
