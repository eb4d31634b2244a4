export type { CommandOutcome, InboxEntry, Journal, OpenStream, RecordedEvent, UnitOfWork } from './journal.js';
export type { FoundStream, LogReader, LogRow, NaturalKey, OpenedRow, ReadScope } from './log-reader.js';
export type { LogIdentity } from './identity.js';
export type { LogOpener } from './log-opening.js';
export type { RecordTerms } from './sealing.js';
export type { GroupCommitStats } from './group-commit.js';
export { openEventLog, type EventLog, type EventLogOptions } from './event-log.js';
export { openLogStore, type OpenLogStore } from './log-store-opening.js';
export type { AppendOutcome, LogStore, NewEvent, PreparedCommand, StreamGuard } from './log-store.js';
export { eventLogMigrations, type MigrationClass } from './postgres/migrations.js';
export { createLogDataSource, type LogDataSourceOptions } from './postgres/data-source.js';
export { startRelay, type Relay, type RelayOptions, type RelaySink, type RelayStatus } from './relay.js';
export type {
  GenerationScope,
  ProjectedEvent,
  ProjectedStream,
  ProjectionDefinition,
  ReadModelRow,
} from './projection/definition.js';
export { changeRows, type RowChange, type RowContent } from './projection/row-changes.js';
export type { Comparison, ColumnDifference, RowDifference } from './projection/comparison.js';
export {
  createProjectionReader,
  type ProjectionAnswer,
  type ProjectionReader,
  type ReadingTerms,
} from './projection/projection-reader.js';
export {
  startProjections,
  type CompareStep,
  type ProjectionState,
  type ProjectionStatus,
  type Projections,
  type ProjectionsOptions,
  type RebuildStep,
} from './projection/projections.js';
export { eventsOf } from './events-of.js';
export {
  declaredDefinitions,
  goldenSamples,
  openGoldenRecords,
  type GoldenRecords,
  type GoldenRecordsOptions,
} from './golden/golden-records.js';
export { WakeUp } from './wake-up.js';
export { isIntact, requireIntact, type IntactRow } from './row-opening.js';
export { createMemoryUnitKeys, type MemoryUnitKeys, type UnitKeyStore } from './unit-keys.js';
export { createMemoryIdentity, type MemoryIdentityOptions } from './memory/memory-identity.js';
export { createMemoryJournal, type MemoryJournal, type MemoryJournalOptions } from './memory/memory-journal.js';
export type { AppendLimits, FollowLimits, JournalLimits, ProjectionLimits, RelayLimits } from './config.js';
