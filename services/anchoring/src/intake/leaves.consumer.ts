import { runConsumer, WAIT, type Consumption, type EventBus, type IncomingMessage, type Outcome } from '@countersign/kafka';
import type { Logger } from '@countersign/observability';
import type { LiveLog } from '../log/live-log.js';
import { Backfill } from './backfill.js';
import { outcomeOfIntake, type LeavesIntake } from './leaves-intake.js';

export interface LeavesConsumerOptions {
  readonly bus: EventBus;
  readonly intake: LeavesIntake;
  readonly lives: readonly LiveLog[];
  readonly logger: Logger;
  readonly topicPrefix: string;
  readonly groupId: string;
  /** Least time between two backfills of a log. */
  readonly backfillPauseMs?: number;
}

/** A log has no second source: its messages are tried until they are taken, however long the database is away. */
const NEVER_GIVE_UP = { unavailableAttemptsMax: Number.MAX_SAFE_INTEGER, waitsMax: Number.MAX_SAFE_INTEGER };

/**
 * Consumes the leaves topics of all logs.
 *
 * @throws DomainError DEPENDENCY_UNAVAILABLE when the broker does not answer at the start
 */
export async function consumeLeaves(options: LeavesConsumerOptions): Promise<Pick<Consumption, 'stop' | 'isJoined'>> {
  const { bus, intake, lives, logger, topicPrefix, groupId } = options;
  const byTopic = new Map(lives.map((live) => [topicPrefix + live.log.topic, live]));
  const topicOf = ({ log }: LiveLog): string => topicPrefix + log.topic;
  const backfill = new Backfill({ bus, intake, logger, topicOf, pauseMs: options.backfillPauseMs });

  const handleBatch = async (messages: readonly IncomingMessage[]): Promise<Outcome[]> => {
    const live = byTopic.get(messages[0]?.topic ?? '');
    if (live === undefined) return messages.map(() => WAIT);
    const taken = await intake.take(live, messages);
    for (const one of taken) if (one.kind === 'gap') backfill.begin(live, one.firstPosition);
    // Positions keep the order, not the deliveries: what waits for a gap holds up nothing that may fill it.
    return taken.map(outcomeOfIntake);
  };
  const topics = [...byTopic.keys()];
  const consumption = await runConsumer({
    bus,
    groupId,
    topics,
    handleBatch,
    partitionsAtOnce: topics.length,
    limits: NEVER_GIVE_UP,
    log: logger,
  });
  return {
    isJoined: () => consumption.isJoined(),
    stop: async () => {
      await Promise.all([consumption.stop(), backfill.stop()]);
    },
  };
}
