import type pg from 'pg';
import { READ_LIMITS, type AppendLimits } from '../config.js';
import { coalesce } from '../coalesce.js';
import { GroupCommit, type CommitBatch, type GroupCommitStats } from '../group-commit.js';
import type { LogReader } from '../log-reader.js';
import type { AppendOutcome, CommandKey, LoadedStream, LogStore, PreparedCommand, StoredCommand } from '../log-store.js';
import { AppendConnection } from './append-connection.js';
import { requireGuarded } from './append-statement.js';
import { lookUpCommands } from './command-lookup.js';
import { isStorable, queryRows } from './connections.js';
import { logQueries } from './log-queries.js';
import { lookUpReaders, type ReaderKey } from './reader-lookup.js';
import { lookUpStreams, type StreamKey } from './stream-lookup.js';

const NEXT_OF_SUBJECT = {
  name: 'event-log-inbox-subject',
  text: 'SELECT s.last_sequence + 1 AS next FROM event_log.inbox_subject s WHERE s.source = $1 AND s.subject = $2',
};

/** While the database settles one batch, this process takes the one before apart and sends the next. A third would only wait. */
const BATCHES_UNDER_WAY = 2;

/** The log on PostgreSQL. */
export class PostgresStore implements LogStore {
  readonly rows: Pick<LogReader, 'size' | 'readLog' | 'readStreamRows' | 'findStreams'>;
  readonly #connection: AppendConnection;
  readonly #writer: GroupCommit;
  readonly #findCommand: (key: CommandKey) => Promise<StoredCommand | undefined>;
  readonly #loadStream: (key: StreamKey) => Promise<LoadedStream>;
  readonly #mayRead: (key: ReaderKey) => Promise<boolean>;

  constructor(
    private readonly pool: pg.Pool,
    limits: AppendLimits,
  ) {
    this.rows = logQueries(pool);
    this.#connection = new AppendConnection(pool, limits);
    const commit: CommitBatch = (batch) => this.#connection.commit(batch);
    this.#writer = new GroupCommit(Array<CommitBatch>(BATCHES_UNDER_WAY).fill(commit), limits);
    this.#findCommand = coalesce((keys) => lookUpCommands(pool, keys), READ_LIMITS);
    this.#loadStream = coalesce((keys) => lookUpStreams(pool, keys), READ_LIMITS);
    this.#mayRead = coalesce((keys) => lookUpReaders(pool, keys), READ_LIMITS);
  }

  findCommand(key: CommandKey): Promise<StoredCommand | undefined> {
    return this.#findCommand(key);
  }

  loadStream(streamId: string, fromSequence: bigint): Promise<LoadedStream> {
    return this.#loadStream({ streamId, fromSequence });
  }

  mayRead(streamId: string, organisationId: string): Promise<boolean> {
    return this.#mayRead({ streamId, organisationId });
  }

  async nextInboxSequence(source: string, subject: string): Promise<bigint> {
    if (!isStorable(source, subject)) return 0n;
    const [row] = await queryRows<{ next: string }>(this.pool, NEXT_OF_SUBJECT, [source, subject]);
    return BigInt(row?.next ?? 0);
  }

  async append(command: PreparedCommand): Promise<AppendOutcome> {
    requireGuarded(command);
    return this.#writer.append(command);
  }

  get stats(): GroupCommitStats {
    return this.#writer.stats;
  }

  /** Refuses new commands, settles the queued ones, then gives the connection up. */
  async close(): Promise<void> {
    await this.#writer.close();
    this.#connection.close();
  }
}
