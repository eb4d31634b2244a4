import { DomainError } from '@countersign/kernel';
import type { IncomingMessage, Outcome } from '@countersign/kafka';
import { beforeEach, describe, expect, it } from '@jest/globals';

import { IGNORED, workLanes, type LaneWork } from './fact-lanes.js';
import type { InboxProgress, Passage } from './inbox-progress.js';

/** Subjects and how far they have come; what the database does in SQL. */
class FakeInbox implements InboxProgress {
  readonly reached = new Map<string, bigint>();
  readonly statements: number[] = [];
  down = false;

  async pass(entries: readonly { readonly subject: string; readonly sequence: bigint }[]): Promise<readonly Passage[]> {
    await Promise.resolve();
    if (this.down) throw new DomainError('DEPENDENCY_UNAVAILABLE');
    if (entries.length > 0) this.statements.push(entries.length);
    return entries.map(({ subject, sequence }) => this.step(subject, sequence));
  }

  step(subject: string, sequence: bigint): Passage {
    const reached = this.reached.get(subject) ?? -1n;
    if (sequence <= reached) return 'recorded-before';
    if (sequence > reached + 1n) return 'gap';
    this.reached.set(subject, sequence);
    return 'passed';
  }
}

function fact(subject: string, sequence: number, name = 'Ordered'): IncomingMessage {
  const header = {
    id: `${subject}-${sequence}`,
    source: 'o',
    type: `countersign.procurement.${name}.v1`,
    subject,
    sequence: String(sequence).padStart(20, '0'),
  };
  return message(subject, JSON.stringify(header));
}

let offset = 0n;
function message(key: string | null, value: string | null): IncomingMessage {
  offset += 1n;
  return {
    topic: 'test.countersign.evt.procurement.order.v1',
    partition: 0,
    offset,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: new Map(),
    timestampMs: 0,
  };
}

describe('facts of one partition', () => {
  let inbox: FakeInbox;
  let handled: string[];
  let running: number;
  let busiest: number;
  let answers: Map<string, () => Promise<Outcome | typeof IGNORED>>;

  beforeEach(() => {
    inbox = new FakeInbox();
    handled = [];
    [running, busiest] = [0, 0];
    answers = new Map();
  });

  /** Handles like a journal: records in turn, drops what is recorded, refuses a gap. */
  const work = (): LaneWork => ({
    inbox,
    atOnce: 2,
    isHandled: (type) => type !== 'countersign.procurement.Noise.v1',
    handle: async (_message, { eventId, subject, sequence }) => {
      running += 1;
      busiest = Math.max(busiest, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      const answer = answers.get(eventId);
      if (answer !== undefined) return answer();
      const passage = inbox.step(subject, sequence);
      if (passage === 'gap') throw new DomainError('MESSAGE_GAP');
      if (passage === 'passed') handled.push(eventId);
      return { kind: 'done' };
    },
  });
  const kinds = async (messages: readonly IncomingMessage[]): Promise<string[]> =>
    (await workLanes(messages, work())).map(({ kind }) => kind);

  it('are handled in order within a stream, side by side across streams', async () => {
    const messages = [fact('a', 0), fact('b', 0), fact('a', 1), fact('c', 0), fact('b', 1), fact('a', 2)];
    expect(await kinds(messages)).toEqual(Array(6).fill('done'));
    expect(handled.filter((id) => id.startsWith('a'))).toEqual(['a-0', 'a-1', 'a-2']);
    expect(handled).toHaveLength(6);
    expect(busiest).toBe(2);
  });

  it('are passed by in one statement where their type is of no interest', async () => {
    const messages = Array.from({ length: 50 }, (_, index) => fact(`s${index}`, 0, 'Noise'));
    expect(await kinds(messages)).toEqual(Array(50).fill('done'));
    expect(inbox.statements).toEqual([50]);
    expect(handled).toEqual([]);
  });

  it('may be of interest between others that are not', async () => {
    expect(
      await kinds([fact('a', 0, 'Noise'), fact('a', 1), fact('a', 2, 'Noise'), fact('a', 3, 'Noise'), fact('a', 4)]),
    ).toEqual(Array(5).fill('done'));
    expect(handled).toEqual(['a-1', 'a-4']);
  });

  it('are dropped when they come again', async () => {
    await kinds([fact('a', 0), fact('a', 1, 'Noise'), fact('a', 2)]);
    expect(await kinds([fact('a', 0), fact('a', 1, 'Noise'), fact('a', 2), fact('a', 3)])).toEqual(Array(4).fill('done'));
    expect(handled).toEqual(['a-0', 'a-2', 'a-3']);
  });

  it('wait behind a gap, of either kind, while other streams go on', async () => {
    expect(await kinds([fact('a', 1), fact('a', 2), fact('b', 1, 'Noise'), fact('b', 2), fact('c', 0)])).toEqual([
      'wait',
      'wait',
      'wait',
      'wait',
      'done',
    ]);
    expect(handled).toEqual(['c-0']);
  });

  it('are passed by when their handler finds them to be none of its business', async () => {
    answers.set('a-0', () => Promise.resolve(IGNORED));
    expect(await kinds([fact('a', 0), fact('a', 1)])).toEqual(['done', 'done']);
    expect(handled).toEqual(['a-1']);
  });

  it('stop their stream when one fails', async () => {
    answers.set('a-0', () => Promise.reject(new DomainError('DEPENDENCY_UNAVAILABLE')));
    expect(await kinds([fact('a', 0), fact('a', 1), fact('b', 0)])).toEqual(['retry', 'retry', 'done']);
    expect(handled).toEqual(['b-0']);
  });

  it('are refused where they are no facts, and hold nobody up', async () => {
    const strangers = [
      message('x', 'no json'),
      message('x', '[]'),
      message(null, null),
      message('x', '{"id":"1"}'),
      message('a', JSON.stringify({ ...JSON.parse(fact('a', 0).value!.toString()), subject: 'a\u0000b' })),
      message('a', JSON.stringify({ ...JSON.parse(fact('a', 0).value!.toString()), sequence: '9'.repeat(20) })),
      message('a', JSON.stringify({ ...JSON.parse(fact('a', 0).value!.toString()), type: 'countersign.identity.Noise.v1' })),
    ];
    const outcomes = await workLanes([...strangers, fact('a', 0)], work());
    expect(outcomes.map((outcome) => (outcome.kind === 'reject' ? outcome.reason : outcome.kind))).toEqual([
      ...Array(6).fill('SCHEMA_INVALID'),
      'SCHEMA_UNKNOWN',
      'done',
    ]);
  });

  it('come again when the database is down', async () => {
    inbox.down = true;
    expect(await kinds([fact('a', 0, 'Noise'), fact('a', 1)])).toEqual(['retry', 'retry']);
  });
});
