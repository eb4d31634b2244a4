import type { JournalLimits } from '../config.js';
import type { LogIdentity } from '../identity.js';
import type { Journal } from '../journal.js';
import { LogJournal } from '../log-journal.js';
import { logOpening } from '../log-opening.js';
import type { LogReader } from '../log-reader.js';
import { rowOpener } from '../row-opening.js';
import { recordSealer } from '../sealing.js';
import { createMemoryUnitKeys, type UnitKeyStore } from '../unit-keys.js';
import { createMemoryIdentity } from './memory-identity.js';
import { MemoryStore } from './memory-store.js';

export interface MemoryJournalOptions {
  /** Default: fresh keys. */
  readonly identity?: LogIdentity;
  /** Default: in memory. */
  readonly unitKeys?: UnitKeyStore;
  /** Recorded time; default: the system's. */
  readonly clock?: () => Date;
  readonly limits?: Partial<JournalLimits>;
}

/** A journal and its log without a database. */
export interface MemoryJournal extends Journal, LogReader {
  readonly identity: LogIdentity;
  /** Another journal on the same log, with nothing cached: what another process would be. */
  another(limits?: Partial<JournalLimits>): Journal;
}

/** For tests of handlers: real records and the same rules as on PostgreSQL, in memory. Position 0 is `LogOpened`. */
export function createMemoryJournal(options: MemoryJournalOptions = {}): MemoryJournal {
  const { identity = createMemoryIdentity(), unitKeys = createMemoryUnitKeys(), clock = () => new Date(), limits } = options;
  const store = new MemoryStore();
  const sealer = recordSealer({ identity, label: 'UNCLASSIFIED', policy: 'test' });
  store.settle(logOpening(identity, sealer, { pseudonym: 'memory', actingFor: 'memory' }, clock()));
  const journalWith = (own: Partial<JournalLimits> = {}): Journal =>
    new LogJournal({ store, sealer, unitKeys, requestDigestKey: identity.requestDigestKey, clock, limits: own });
  const journal = journalWith(limits);
  return {
    identity,
    execute: (envelope, decide, inbox) => journal.execute(envelope, decide, inbox),
    read: (definition, key) => journal.read(definition, key),
    mayRead: (streamId, organisationId) => journal.mayRead(streamId, organisationId),
    another: journalWith,
    ...store.rows,
    ...rowOpener(sealer, unitKeys),
  };
}
