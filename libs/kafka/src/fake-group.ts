import { pauseFor } from './deadline.js';
import type { BatchProgress, Consumption, IncomingMessage, PartitionHandler } from './event-bus.js';

/** A partition of the in-memory bus. */
interface FakePartition {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly IncomingMessage[];
}

const BATCH_RECORDS_MAX = 500;
const FAILURE_PAUSE_MS = 10;

/** A consumer group in memory: partitions are dealt out anew whenever a member joins or leaves, after running handlers have ended. */
export class FakeGroup {
  private readonly members = new Set<FakeMember>();
  private readonly positions = new Map<string, bigint>();
  private generation = 0;
  private rebalanced: Promise<void> = Promise.resolve();
  private readonly waiters = new Set<() => void>();

  async join(partitions: readonly FakePartition[], handler: PartitionHandler, partitionsAtOnce: number): Promise<Consumption> {
    const member = new FakeMember(this, partitions, handler, partitionsAtOnce);
    await this.change(() => this.members.add(member));
    return member;
  }

  async leave(member: FakeMember): Promise<void> {
    await this.change(() => this.members.delete(member));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.members].map((member) => member.stop()));
  }

  committed(topic: string, partition: number): bigint | undefined {
    return this.positions.get(`${topic}/${partition}`);
  }

  commit(topic: string, partition: number, nextOffset: bigint): void {
    this.positions.set(`${topic}/${partition}`, nextOffset);
  }

  /** Resolves when a record may have been added. */
  news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.waiters.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      if (signal.aborted) return resolve();
      this.waiters.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  wake(): void {
    for (const waiter of [...this.waiters]) waiter();
  }

  private change(apply: () => void): Promise<void> {
    this.rebalanced = this.rebalanced.then(async () => {
      await Promise.all([...this.members].map((member) => member.revoke()));
      apply();
      this.generation += 1;
      this.deal();
    });
    return this.rebalanced;
  }

  private deal(): void {
    const members = [...this.members];
    const shares = new Map<FakeMember, FakePartition[]>(members.map((member) => [member, []]));
    const all = new Map(
      members.flatMap((member) => member.subscribed).map((partition) => [`${partition.topic}/${partition.partition}`, partition]),
    );
    let turn = 0;
    for (const partition of all.values()) {
      const candidates = members.filter((member) => member.subscribed.some(({ topic }) => topic === partition.topic));
      const owner = candidates[turn % candidates.length];
      turn += 1;
      if (owner !== undefined) shares.get(owner)?.push(partition);
    }
    for (const [member, share] of shares) member.assign(share, this.generation);
  }
}

class FakeMember implements Consumption {
  private revoked = new AbortController();
  private loops: Promise<void>[] = [];
  private stopped: Promise<void> | undefined;
  private joined = false;
  private working = 0;
  private readonly turns: (() => void)[] = [];

  constructor(
    private readonly group: FakeGroup,
    readonly subscribed: readonly FakePartition[],
    private readonly handler: PartitionHandler,
    private readonly partitionsAtOnce: number,
  ) {}

  assign(share: readonly FakePartition[], generation: number): void {
    this.joined = true;
    this.revoked = new AbortController();
    this.loops = share.map((partition) => this.run(partition, generation, this.revoked.signal));
  }

  async revoke(): Promise<void> {
    this.revoked.abort();
    await Promise.all(this.loops);
    this.loops = [];
  }

  isJoined(): boolean {
    return this.joined;
  }

  stop(): Promise<void> {
    this.stopped ??= this.group.leave(this).then(() => {
      this.joined = false;
    });
    return this.stopped;
  }

  private async run(source: FakePartition, assignment: number, signal: AbortSignal): Promise<void> {
    let position = this.group.committed(source.topic, source.partition) ?? 0n;
    while (!signal.aborted) {
      const messages = source.records.slice(Number(position), Number(position) + BATCH_RECORDS_MAX);
      if (messages.length === 0) {
        await this.group.news(signal);
        continue;
      }
      const progress = await this.deliver(source, messages, assignment, signal, position);
      position = progress.next;
      if (progress.pauseMs !== undefined) await pauseFor(progress.pauseMs, signal);
    }
  }

  private async deliver(
    { topic, partition }: FakePartition,
    messages: readonly IncomingMessage[],
    assignment: number,
    signal: AbortSignal,
    position: bigint,
  ): Promise<BatchProgress> {
    await this.takeTurn();
    try {
      return await this.handler({
        topic,
        partition,
        messages,
        assignment,
        isCurrent: () => !signal.aborted,
        commit: (nextOffset) => {
          this.group.commit(topic, partition, nextOffset);
          return Promise.resolve(true);
        },
      });
    } catch {
      return { next: position, pauseMs: FAILURE_PAUSE_MS };
    } finally {
      this.endTurn();
    }
  }

  private async takeTurn(): Promise<void> {
    if (this.working >= this.partitionsAtOnce) await new Promise<void>((resolve) => this.turns.push(resolve));
    this.working += 1;
  }

  private endTurn(): void {
    this.working -= 1;
    this.turns.shift()?.();
  }
}
