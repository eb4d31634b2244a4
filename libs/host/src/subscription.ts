import type { MessageInitShape } from '@bufbuild/protobuf';
import { WakeUp, type EventLog, type LogRow } from '@countersign/event-log';
import { DomainError } from '@countersign/kernel';
import type { evidenceV1 } from '@countersign/proto';

import { openedRecord, storedRecord } from './evidence-records.js';
import { fitting, type LogPages } from './subscription-pages.js';
import type { ResumeTokens } from './subscription-token.js';
import type { SubscriptionView } from './subscription-view.js';

/** What a subscription reads. */
export type SubscribedLog = Pick<EventLog, 'size' | 'readLog' | 'openRows' | 'findStreams' | 'onAppended'>;

export interface PageLimits {
  /** Rows of one page, and bytes of it that are kept: what one reader may hold of our memory. A larger row comes alone. */
  readonly pageRowsMax: number;
  readonly pageBytesMax: number;
  /** How long a missed wake-up may go unnoticed. */
  readonly pollMs: number;
}

export interface SubscriptionParts {
  readonly log: Pick<SubscribedLog, 'size' | 'readLog' | 'openRows' | 'onAppended'>;
  readonly pages: Pick<LogPages, 'read'>;
  readonly view: Pick<SubscriptionView, 'of'>;
  readonly tokens: ResumeTokens;
  readonly limits: PageLimits;
  readonly heartbeatMs: number;
}

export type SubscribeMessage = MessageInitShape<typeof evidenceV1.SubscribeResponseSchema>;
type Batch = MessageInitShape<typeof evidenceV1.SubscribedRecordSchema>[];
type Request = Pick<evidenceV1.SubscribeRequest, 'start' | 'omitDisclosures' | 'endAtHead'>;

interface Page {
  readonly records: Batch;
  /** There was nothing behind it. */
  readonly atHead: boolean;
  readonly over: boolean;
}

const ROWS_FIRST = 64;

/**
 * The log as one reader sees it, page by page: the next page is read when the last message was taken, so a slow reader holds one page.
 * Every message says how far it goes, whether or not anything matched.
 */
export class Subscription {
  // Owned by `messages`.
  private next = 0n;
  /** Entry of the record before `next`. */
  private before: Uint8Array | undefined;
  private rowsMax: number;
  private heartbeatDue = 0;
  private readonly wakeUp = new WakeUp();

  constructor(private readonly parts: SubscriptionParts) {
    this.rowsMax = Math.min(ROWS_FIRST, parts.limits.pageRowsMax);
  }

  /**
   * @param signal ends it
   * @throws DomainError RESUME_TOKEN_INVALID, LOG_REWOUND, FIELD_INVALID, DEPENDENCY_UNAVAILABLE, MESSAGE_TOO_LARGE (too many streams
   * name the keys)
   */
  async *messages(request: Request, signal: AbortSignal): AsyncGenerator<SubscribeMessage> {
    const wake = (): void => this.wakeUp.wake();
    // Before the first look, so that nothing is appended unnoticed between the two.
    const unsubscribe = this.parts.log.onAppended(wake);
    signal.addEventListener('abort', wake);
    try {
      const head = await this.begin(request.start);
      yield this.heartbeat(head);
      yield* this.follow(request, head, signal);
    } finally {
      signal.removeEventListener('abort', wake);
      unsubscribe();
    }
  }

  /** @param head number of records when the reader was told for the first time */
  private async *follow(request: Request, head: bigint, signal: AbortSignal): AsyncGenerator<SubscribeMessage> {
    const end = request.endAtHead ? head : undefined;
    let behind = this.next < head;
    while (!signal.aborted) {
      const { records, atHead, over } = await this.readPage(request.omitDisclosures, end);
      if (records.length > 0) yield this.batch(records);
      // Reaching the head is told at once: it is what a reader that catches up waits for.
      const reached = atHead && behind;
      if (over || reached || this.dueInMs() <= 0) yield this.heartbeat(await this.parts.log.size());
      if (over) return;
      behind = !atHead;
      if (atHead) await this.untilNews();
    }
  }

  /** Until something was appended or a heartbeat is due. */
  private async untilNews(): Promise<void> {
    await this.wakeUp.wait(Math.min(this.parts.limits.pollMs, Math.max(0, this.dueInMs())));
  }

  /** Where to begin. @returns the number of records in the log */
  private async begin(start: Request['start']): Promise<bigint> {
    const { log, tokens } = this.parts;
    const head = await log.size();
    const point = start.case === 'resumeToken' ? tokens.open(start.value) : { next: start.value ?? 0n, follows: () => true };
    if (point.next > head) {
      if (start.case === 'resumeToken') throw rewound(point.next, head);
      throw new DomainError('FIELD_INVALID', { field: 'from_position', rule: 'not beyond the end of the log' });
    }
    this.next = point.next;
    const [row] = point.next === 0n ? [] : await log.readLog(point.next - 1n, 1);
    this.before = row?.position === point.next - 1n ? row.entry : undefined;
    if (!point.follows(this.before)) throw rewound(point.next, head);
    return head;
  }

  private async readPage(omitDisclosures: boolean, end: bigint | undefined): Promise<Page> {
    const { pages, view, limits } = this.parts;
    const page = await pages.read(this.next, this.rowsMax);
    const kept = fitting(page, limits.pageBytesMax);
    const all = kept.length === page.length;
    const atHead = all && page.length < this.rowsMax;
    this.rowsMax = all ? Math.min(limits.pageRowsMax, this.rowsMax * 2) : kept.length;
    const rows = end === undefined ? kept : kept.filter(({ position }) => position < end);
    const records = await this.opened(await view.of(rows), omitDisclosures);
    const last = rows.at(-1);
    if (last !== undefined) {
      this.next = last.position + 1n;
      this.before = last.entry;
    }
    return { records, atHead, over: end !== undefined && (atHead || this.next >= end) };
  }

  /** Keys are asked for once a page, and for nothing that the reader does not get. */
  private async opened(rows: readonly LogRow[], omitDisclosures: boolean): Promise<Batch> {
    if (rows.length === 0) return [];
    const records = omitDisclosures ? rows.map(storedRecord) : (await this.parts.log.openRows(rows)).map(openedRecord);
    return rows.map(({ streamId, type }, index) => ({ record: records[index], streamId, type }));
  }

  private batch(records: Batch): SubscribeMessage {
    return { message: { case: 'records', value: { records, nextPosition: this.next, resumeToken: this.token() } } };
  }

  private heartbeat(headPosition: bigint): SubscribeMessage {
    if (headPosition < this.next) throw rewound(this.next, headPosition);
    this.heartbeatDue = performance.now() + this.parts.heartbeatMs;
    const { next } = this;
    const value = { headPosition, nextPosition: next, resumeToken: this.token(), caughtUp: next === headPosition };
    return { message: { case: 'heartbeat', value } };
  }

  private dueInMs(): number {
    return this.heartbeatDue - performance.now();
  }

  private token(): string {
    return this.parts.tokens.seal(this.next, this.before);
  }
}

function rewound(next: bigint, head: bigint): DomainError {
  return new DomainError('LOG_REWOUND', { context: { position: String(next), size: String(head) } });
}
