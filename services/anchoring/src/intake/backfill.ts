import { randomUUID } from 'node:crypto';
import type { EventBus } from '@countersign/kafka';
import type { Logger } from '@countersign/observability';
import { alarm } from '../alarm.js';
import { LIMITS } from '../config.js';
import type { LiveLog } from '../log/live-log.js';
import type { LeavesIntake } from './leaves-intake.js';

export interface BackfillParts {
  readonly bus: EventBus;
  readonly intake: LeavesIntake;
  readonly logger: Logger;
  /** Full name of the log's topic. */
  readonly topicOf: (live: LiveLog) => string;
  readonly pauseMs?: number;
}

/**
 * Fills the gap before a message by reading its topic once more from the beginning, under a group of its own: needed when this
 * database was set back behind the group's position. If the topic does not hold the entries any more, the log waits, with an alarm.
 */
export class Backfill {
  readonly #running = new Map<LiveLog, Promise<void>>();
  readonly #lastEndMs = new Map<LiveLog, number>();
  #isStopped = false;

  constructor(private readonly parts: BackfillParts) {}

  /** Begins unless one runs or ended a moment ago. Does not wait for it. */
  begin(live: LiveLog, gapBefore: number): void {
    const rested = Date.now() - (this.#lastEndMs.get(live) ?? 0) >= (this.parts.pauseMs ?? LIMITS.backfillPauseMs);
    if (this.#isStopped || !rested || this.#running.has(live)) return;
    const run = this.#fill(live, gapBefore)
      .catch((error: unknown) => this.parts.logger.warn('backfill-failed', { origin: live.log.origin, error }))
      .finally(() => {
        this.#lastEndMs.set(live, Date.now());
        this.#running.delete(live);
      });
    this.#running.set(live, run);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running.values());
  }

  async #fill(live: LiveLog, gapBefore: number): Promise<void> {
    const { bus, intake, logger, topicOf } = this.parts;
    const from = live.received;
    logger.warn('backfill-began', { origin: live.log.origin, from, to: gapBefore });
    let end: (isFilled: boolean) => void = () => undefined;
    const ended = new Promise<boolean>((resolve) => {
      end = resolve;
    });
    const groupId = `countersign-anchoring-backfill-${randomUUID()}`;
    const consumption = await bus.consume({ groupId, topics: [topicOf(live)] }, async ({ messages }) => {
      const taken = await intake.take(live, messages);
      // What is missing even from the beginning on is not in the topic; and at the gap itself the work is done.
      if (live.received >= gapBefore) end(true);
      else if (this.#isStopped || taken.some(({ kind }) => kind !== 'settled')) end(false);
      return { next: (messages.at(-1)?.offset ?? -1n) + 1n };
    });
    const isFilled = await ended;
    await consumption.stop();
    if (isFilled) logger.info('backfill-ended', { origin: live.log.origin, size: live.received });
    else if (!this.#isStopped) alarm(logger, 'leaves-missing', live.log.origin, { from: live.received, to: gapBefore });
  }
}
