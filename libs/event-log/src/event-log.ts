import { DomainError } from '@countersign/kernel';
import type { DataSource } from 'typeorm';
import { APPEND_LIMITS, type AppendLimits, type JournalLimits } from './config.js';
import type { GroupCommitStats } from './group-commit.js';
import type { LogIdentity } from './identity.js';
import type { Journal } from './journal.js';
import { LogJournal } from './log-journal.js';
import { logOpening, type LogOpener } from './log-opening.js';
import type { LogReader } from './log-reader.js';
import type { LogStore } from './log-store.js';
import { poolOf } from './postgres/connections.js';
import { LogListener } from './postgres/log-listener.js';
import { PostgresStore } from './postgres/postgres-store.js';
import { requireSafeStorage } from './postgres/storage-safety.js';
import { RecentRows } from './recent-rows.js';
import { requireIntact, rowOpener } from './row-opening.js';
import { recordSealer, type RecordSealer, type RecordTerms } from './sealing.js';
import type { UnitKeyStore } from './unit-keys.js';

export interface EventLogOptions extends RecordTerms {
  /** Initialised, connected as the app role, migrated (`eventLogMigrations`). */
  readonly dataSource: DataSource;
  readonly identity: LogIdentity;
  readonly unitKeys: UnitKeyStore;
  /** Who opens the log, should it be empty. */
  readonly opener: LogOpener;
  /** Recorded time; default: the system's. */
  readonly clock?: () => Date;
  readonly limits?: Partial<JournalLimits & AppendLimits>;
  /** An alarm: a state kept in memory was not what its records fold to. It was dropped; what was decided on it stands. */
  readonly onFoldDiverged?: (error: DomainError) => void;
}

/** A service's event log. */
export interface EventLog extends LogReader {
  readonly identity: LogIdentity;
  readonly journal: Journal;
  readonly dataSource: DataSource;
  /**
   * To be called at start with the size of the last head that the anchoring side holds, before the first command: a log that
   * is behind it was rewound (a restored backup) and would give anchored positions to other records. Refuses every command from then on.
   *
   * @throws DomainError LOG_BEHIND_ANCHOR
   */
  assertNotBehind(anchoredSize: bigint): Promise<void>;
  /**
   * Calls back after records were appended, by any process, with the size of the log if it is known. A hint that may be missed:
   * poll besides. Returns how to end it.
   */
  onAppended(listener: (size?: bigint) => void): () => void;
  /** What this process appended last, without a look into the database. */
  readonly recent: RecentRows;
  /** The writer's counters, for metrics. */
  stats(): GroupCommitStats;
  /** Settles the commands under way and gives the connections up; the data source stays open. Stop relays and projections before. */
  close(): Promise<void>;
}

/**
 * Opens a log: checks that the database keeps what it commits, and that it holds this log (writing leaf 0, `LogOpened`, if it is empty).
 *
 * @throws DomainError STORAGE_UNSAFE, LOG_MISMATCH, RECORD_ALTERED, DEPENDENCY_UNAVAILABLE
 */
export async function openEventLog(options: EventLogOptions): Promise<EventLog> {
  const { dataSource, identity, unitKeys, opener, clock = () => new Date(), limits } = options;
  const pool = poolOf(dataSource);
  await requireSafeStorage(pool);
  const store = new PostgresStore(pool, { ...APPEND_LIMITS, ...limits });
  const sealer = recordSealer(options);
  await requireOwnLog(store, sealer, identity, () => logOpening(identity, sealer, opener, clock()));
  const listener = new LogListener(pool);
  const recent = new RecentRows();
  let fence: DomainError | undefined;
  const requireOpen = (): void => {
    if (fence) throw fence;
  };
  return {
    identity,
    dataSource,
    journal: new LogJournal({
      store,
      sealer,
      unitKeys,
      requestDigestKey: identity.requestDigestKey,
      clock,
      onRecorded: (firstPosition, events) => recent.add(firstPosition, events),
      requireOpen,
      onFoldDiverged: options.onFoldDiverged,
      ...(limits && { limits }),
    }),
    ...store.rows,
    ...rowOpener(sealer, unitKeys),
    assertNotBehind: async (anchoredSize) => {
      const size = await store.rows.size();
      if (size >= anchoredSize) return;
      fence = new DomainError('LOG_BEHIND_ANCHOR', { context: { size: String(size), anchoredSize: String(anchoredSize) } });
      throw fence;
    },
    onAppended: (callback) => listener.subscribe(callback),
    recent,
    stats: () => store.stats,
    close: async () => {
      await Promise.all([store.close(), listener.close()]);
    },
  };
}

/** Leaf 0 says whose log this is; several processes may find it missing at once, and the append lets one of them write it. */
async function requireOwnLog(
  store: LogStore,
  sealer: RecordSealer,
  identity: LogIdentity,
  opening: () => Parameters<LogStore['append']>[0],
): Promise<void> {
  if ((await store.rows.size()) === 0n) await store.append(opening());
  const [first] = await store.rows.readLog(0n, 1);
  if (!first) throw new DomainError('INTERNAL', { rule: 'the log could not be opened' });
  const opened = sealer.open(first, new Map());
  if (opened.header && opened.data['logId'] !== Buffer.from(identity.logId).toString('hex')) {
    throw new DomainError('LOG_MISMATCH', { context: { origin: identity.origin } });
  }
  requireIntact(opened);
}
