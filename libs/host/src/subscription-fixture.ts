import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { FoundStream, LogRow, OpenedRow } from '@countersign/event-log';
import { DomainError, type Actor } from '@countersign/kernel';
import { evidenceV1 } from '@countersign/proto';

import type { SubscribedLog } from './subscription.js';
import type { Subscriptions } from './subscriptions.js';

/** A log of a test: rows without content, rights and names that change when the test says so. */
export class ScriptedLog implements SubscribedLog {
  rows: LogRow[] = [];
  /** `<organisation> <stream id>` */
  readonly rights = new Set<string>();
  readonly named = new Set<string>();
  /** First position and number of rows of every page that was read. */
  readonly pages: [from: bigint, rows: number][] = [];
  opened = 0;
  lookUps = 0;
  private readonly listeners = new Set<() => void>();

  append(...streamIds: readonly string[]): void {
    for (const streamId of streamIds) {
      const position = BigInt(this.rows.length);
      const [category] = streamId.split('/');
      const [header, entry, disclosures] = [Buffer.from('{}'), Buffer.from(`entry ${position} ${streamId}`), Buffer.alloc(0)];
      const type = `countersign.test.${category ?? ''}.v1`;
      this.rows.push({ position, streamId, sequence: 0n, eventId: '', type, header, entry, disclosures });
    }
    this.listeners.forEach((listener) => listener());
  }

  size = (): Promise<bigint> => Promise.resolve(BigInt(this.rows.length));

  readLog = (from: bigint, limit: number): Promise<LogRow[]> => {
    const rows = this.rows.filter(({ position }) => position >= from).slice(0, limit);
    this.pages.push([from, rows.length]);
    return Promise.resolve(rows);
  };

  openRows = (rows: readonly LogRow[]): Promise<OpenedRow[]> => {
    this.opened += rows.length;
    const nothing = { header: undefined, consistent: true, data: {}, disclosures: [], altered: [], withheld: [], missing: [] };
    return Promise.resolve(rows.map((row) => ({ row, recordDigest: Buffer.alloc(32), ...nothing })));
  };

  findStreams = (): Promise<FoundStream[]> => {
    this.lookUps += 1;
    return Promise.resolve([...this.named].map((streamId) => ({ streamId, identified: true, keys: [] })));
  };

  onAppended = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  get listening(): number {
    return this.listeners.size;
  }

  mayRead = (streamId: string, organisationId: string): Promise<boolean> =>
    Promise.resolve(this.rights.has(`${organisationId} ${streamId}`));
}

const AUDITOR: Actor = {
  principalId: 'auditor-1',
  pseudonym: 'x',
  organisationId: 'audit-office',
  actingFor: '9Z9Z9',
  nation: 'NLD',
  roles: ['auditor'],
};

export type TestRequest = MessageInitShape<typeof evidenceV1.SubscribeRequestSchema>;

/** One call, as a door would run it: it takes messages only when told to. */
export class TestReader {
  readonly gone = new AbortController();
  private readonly source: AsyncGenerator;
  private interrupted: ((error: DomainError) => void) | undefined;
  private reason: DomainError | undefined;

  constructor(subscriptions: Subscriptions, request: TestRequest = {}, actor: Partial<Actor> = {}, tokenEndsAtMs = Infinity) {
    this.source = subscriptions.subscribe(create(evidenceV1.SubscribeRequestSchema, request), {
      actor: { ...AUDITOR, ...actor },
      signal: this.gone.signal,
      tokenEndsAtMs,
      interrupt: (error) => {
        this.reason = error;
        this.interrupted?.(error);
      },
    });
  }

  /** The next message; undefined at the end. @throws DomainError the subscription's, or what it was interrupted with */
  async take(): Promise<evidenceV1.SubscribeResponse['message'] | undefined> {
    const interruption = this.interruption();
    const step = await Promise.race([this.source.next(), interruption]);
    if (step.done === true) return undefined;
    return create(evidenceV1.SubscribeResponseSchema, step.value as MessageInitShape<typeof evidenceV1.SubscribeResponseSchema>)
      .message;
  }

  /** Resolves never. @throws DomainError what the call was interrupted with */
  interruption(): Promise<never> {
    const interruption = new Promise<never>((_resolve, reject) => {
      this.interrupted = reject;
      if (this.reason !== undefined) reject(this.reason);
    });
    interruption.catch(() => undefined);
    return interruption;
  }

  /** The next message in short: `head/next`, with `!` if caught up, or positions and where they lead. */
  async told(): Promise<string> {
    const message = await this.take();
    if (message?.case === undefined) return 'end';
    if (message.case === 'records')
      return `${message.value.records.map(({ record }) => record?.position).join(',')} -> ${message.value.nextPosition}`;
    const { headPosition, nextPosition, caughtUp } = message.value;
    return `${nextPosition}/${headPosition}${caughtUp ? '!' : ''}`;
  }

  /** What a door does last. */
  async leave(): Promise<void> {
    this.gone.abort();
    await this.source.return(undefined);
  }
}
