import { hasRole } from '@countersign/access';
import type { Journal, LogIdentity, ReadScope } from '@countersign/event-log';
import type { RpcCall } from '@countersign/grpc';
import { DomainError, type Actor } from '@countersign/kernel';
import type { evidenceV1 } from '@countersign/proto';

import { SUBSCRIPTION_LIMITS } from './config.js';
import { recordFilter } from './subscription-filter.js';
import { LogPages } from './subscription-pages.js';
import { SubscriptionSlots, type SlotLimits } from './subscription-slots.js';
import { ResumeTokens } from './subscription-token.js';
import { SubscriptionView } from './subscription-view.js';
import { Subscription, type PageLimits, type SubscribedLog, type SubscribeMessage } from './subscription.js';

export interface SubscriptionLimits extends SlotLimits, PageLimits {
  /** Pages read at once, for all subscriptions of the service. */
  readonly readsMax: number;
  readonly heartbeatMs: number;
  /** How long a reader may take to take one message. */
  readonly readerIdleMaxMs: number;
  /** How long the status then waits behind what he does not take. */
  readonly readerGraceMs: number;
}

export interface SubscriptionsOptions {
  readonly log: SubscribedLog;
  readonly journal: Pick<Journal, 'mayRead'>;
  readonly identity: Pick<LogIdentity, 'logId' | 'requestDigestKey'>;
  readonly limits?: Partial<SubscriptionLimits>;
}

type OpenCall = Pick<RpcCall, 'actor' | 'signal' | 'tokenEndsAtMs' | 'interrupt'>;

/** What an actor sees: auditors all, others what was shared with their organisation. */
export function scopeOf(actor: Actor): ReadScope {
  return hasRole(actor, 'auditor') ? 'all' : { organisationId: actor.organisationId };
}

/** All subscriptions to the log of a service. */
export class Subscriptions {
  // Owned here: the calls whose subscription is open.
  private readonly calls = new Set<OpenCall>();
  private readonly limits: SubscriptionLimits;
  private readonly slots: SubscriptionSlots;
  private readonly pages: LogPages;
  private closed = false;

  constructor(private readonly options: SubscriptionsOptions) {
    this.limits = { ...SUBSCRIPTION_LIMITS, ...options.limits };
    this.slots = new SubscriptionSlots(this.limits);
    this.pages = new LogPages(options.log, this.limits.readsMax);
  }

  /** Subscriptions that hold a slot: also one that has ended, until its reader took the last of it. */
  get open(): number {
    return this.slots.open;
  }

  /**
   * Ends when the token does, when the reader is gone or takes nothing, and when the service stops.
   * @throws DomainError SUBSCRIPTIONS_EXHAUSTED, SERVICE_STOPPING, and what `Subscription.messages` throws
   */
  async *subscribe(request: evidenceV1.SubscribeRequest, call: OpenCall): AsyncGenerator<SubscribeMessage> {
    if (this.closed) throw new DomainError('SERVICE_STOPPING');
    if (call.signal.aborted) return;
    call.signal.addEventListener('abort', this.slots.take(call.actor), { once: true });
    const subscription = this.subscriptionOf(request, call.actor);
    const forgetExpiry = atTokenEnd(call);
    this.calls.add(call);
    try {
      for await (const message of subscription.messages(request, call.signal)) yield* this.taken(message, call);
    } finally {
      this.calls.delete(call);
      forgetExpiry();
    }
  }

  /** Ends all, so that readers go on elsewhere, and opens no more. */
  close(): void {
    this.closed = true;
    for (const call of this.calls) call.interrupt(new DomainError('SERVICE_STOPPING'));
  }

  private subscriptionOf(request: evidenceV1.SubscribeRequest, actor: Actor): Subscription {
    const { log, journal, identity } = this.options;
    const scope = scopeOf(actor);
    const filter = recordFilter(request.filter);
    return new Subscription({
      log,
      pages: this.pages,
      view: new SubscriptionView({ journal, log }, filter, scope),
      tokens: new ResumeTokens(identity, JSON.stringify([filter.text, scope])),
      limits: this.limits,
      heartbeatMs: request.heartbeatIntervalMs === 0 ? this.limits.heartbeatMs : request.heartbeatIntervalMs,
    });
  }

  /** A message is taken when the next one is asked for. */
  private *taken(message: SubscribeMessage, call: OpenCall): Generator<SubscribeMessage> {
    const { readerIdleMaxMs, readerGraceMs } = this.limits;
    const timer = setTimeout(() => call.interrupt(new DomainError('READER_STALLED'), readerGraceMs), readerIdleMaxMs);
    try {
      yield message;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Nobody checks the token of an open stream again, so the stream ends with it. */
function atTokenEnd({ tokenEndsAtMs, interrupt }: OpenCall): () => void {
  if (!Number.isFinite(tokenEndsAtMs)) return () => undefined;
  const timer = setTimeout(() => interrupt(new DomainError('UNAUTHENTICATED')), tokenEndsAtMs - Date.now());
  return () => clearTimeout(timer);
}
