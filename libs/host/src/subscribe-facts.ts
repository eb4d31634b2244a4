import type { UnitKeyStore } from '@countersign/event-log';
import { DONE, runConsumer, WAIT, type Consumption, type EventBus, type IncomingMessage, type Outcome } from '@countersign/kafka';
import type { Upcaster } from '@countersign/kernel';
import { gauge, newCorrelationId, withCorrelation, type Logger } from '@countersign/observability';
import type { DataSource, EntityManager } from 'typeorm';

import { LIMITS } from './config.js';
import { IGNORED, workLanes } from './fact-lanes.js';
import { factVersions } from './fact-versions.js';
import { readFact, type Fact, type FactAddress } from './fact.js';
import { inboxProgress } from './inbox-progress.js';
import type { ServiceActor } from './service-actor.js';

/**
 * Turns a fact into commands of the own log. MUST hand `fact.inbox` to one `journal.execute(fact.envelope, decide, { inbox: fact.inbox })`,
 * or return `IGNORED`: otherwise the subject's next fact waits for ever. May run more than once for a fact.
 */
export type Reaction = (fact: Fact) => Promise<unknown>;

/**
 * Takes a fact into a read model. Everything written through the manager commits together with the inbox row: exactly once. May run
 * more than once if that transaction fails.
 */
export type FactProjection = (fact: Fact, manager: EntityManager) => Promise<void>;

/** A service takes each topic in one subscription only: how far a subject has come is kept once for the whole service. */
export interface FactSubscription {
  /** Topic names without prefix, e.g. `TOPICS.procurementOrder.name`. */
  readonly topics: readonly string[];
  /**
   * Reactions by event type; an event stands in `on`, in `project`, or is passed by. Each is named by the newest version that is read
   * here. A version that is newer than that holds its stream back until this service is replaced by one that reads it.
   */
  readonly on?: Readonly<Record<string, Reaction>>;
  /** Projections by event type. */
  readonly project?: Readonly<Record<string, FactProjection>>;
  /**
   * Earlier versions of these events: a topic keeps what was published years ago, and a stream goes on in a newer version. Their facts
   * come with `data` as the newest version has it; header, record and digest stay what they are. Each leads to one event. A field
   * that is withheld is missing here, too.
   */
  readonly upcasters?: readonly Upcaster[];
  /** Tells subscriptions of one service apart. Default `events`. A changed name reads everything again. */
  readonly name?: string;
}

export interface SubscriberOptions {
  readonly serviceName: string;
  readonly topicPrefix: string;
  readonly bus: EventBus;
  readonly dataSource: DataSource;
  readonly unitKeys: UnitKeyStore;
  readonly actor: ServiceActor;
  readonly logger: Logger;
}

/** Subscribes one service to facts of others; see `FactSubscription`. */
export type SubscribeEvents = (subscription: FactSubscription) => Promise<Consumption>;

/**
 * Facts are handled in order within their stream, side by side across streams: a gap waits, what is recorded already is dropped, a fact
 * that nobody can read goes to the dead letter topic while its neighbours go on.
 * @throws DomainError DEPENDENCY_UNAVAILABLE when the broker does not answer at the start
 */
export function createSubscriber(options: SubscriberOptions): SubscribeEvents {
  const { serviceName, topicPrefix, bus, logger } = options;
  const taken = new Set<string>();
  return async ({ topics, on = {}, project = {}, upcasters = [], name = 'events' }) => {
    const twice = Object.keys(on).find((type) => Object.hasOwn(project, type));
    if (twice !== undefined) throw new Error(`${twice} has a reaction and a projection`);
    const again = topics.find((topic) => taken.has(topic));
    if (again !== undefined) throw new Error(`${again} is in another subscription already`);
    const inbox = inboxProgress(options.dataSource.manager);
    const versions = factVersions([...Object.keys(on), ...Object.keys(project)], upcasters);
    const handle = (message: IncomingMessage, address: FactAddress): Promise<Outcome | typeof IGNORED> =>
      withCorrelation(address.correlationId ?? newCorrelationId(), async () => {
        const heldBack = versions.holdBack(address);
        if (heldBack !== undefined) return heldBack;
        const recorded = await readFact(message, options);
        const { type, data } = versions.newest(address.type, recorded.data);
        const fact = { ...recorded, data };
        const reaction = on[type];
        if (reaction !== undefined) return (await reaction(fact)) === IGNORED ? IGNORED : DONE;
        return projectOnce(options.dataSource, fact, project[type]);
      });
    const groupId = `${topicPrefix}countersign-${serviceName}-${name}`;
    const names = topics.map((topic) => topicPrefix + topic);
    const consumption = await runConsumer({
      bus,
      groupId,
      topics: names,
      handleBatch: (messages) => workLanes(messages, { inbox, isHandled: versions.isRead, handle, atOnce: LIMITS.factsAtOnce }),
      log: logger,
    });
    topics.forEach((topic) => taken.add(topic));
    const unread = gauge('consumerLagEvents', async () => sumOf(await bus.lag(groupId, names)), { group: groupId });
    return {
      isJoined: () => consumption.isJoined(),
      stop: () => {
        unread();
        return consumption.stop();
      },
    };
  };
}

async function projectOnce(dataSource: DataSource, fact: Fact, projection: FactProjection | undefined): Promise<Outcome> {
  return dataSource.transaction(async (manager) => {
    const [passage] = await inboxProgress(manager).pass([fact.inbox]);
    if (passage === 'gap') return WAIT;
    if (passage === 'passed') await projection?.(fact, manager);
    return DONE;
  });
}

function sumOf(lags: ReadonlyMap<string, bigint>): number {
  return Number([...lags.values()].reduce((sum, lag) => sum + lag, 0n));
}
