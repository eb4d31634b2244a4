export type { CommandOutcome, InboxEntry, Journal, OpenStream, RecordedEvent, UnitOfWork } from './journal.js';
export type { FoundStream, LogReader, LogRow, NaturalKey, OpenedRow, ReadScope } from './log-reader.js';
export type { LogIdentity } from './identity.js';
export type { RelaySink } from './relay-sink.js';
export { isIntact, requireIntact, type IntactRow } from './row-opening.js';
export { createMemoryUnitKeys, type MemoryUnitKeys, type UnitKeyStore } from './unit-keys.js';
export { createMemoryIdentity, type MemoryIdentityOptions } from './memory/memory-identity.js';
export { createMemoryJournal, type MemoryJournal, type MemoryJournalOptions } from './memory/memory-journal.js';
export { JOURNAL_LIMITS, type JournalLimits } from './config.js';
