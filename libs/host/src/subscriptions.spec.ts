import { randomBytes } from 'node:crypto';

import { eventually } from '@countersign/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { ScriptedLog, TestReader, type TestRequest } from './subscription-fixture.js';
import { Subscriptions, type SubscriptionLimits } from './subscriptions.js';

const IDENTITY = { logId: randomBytes(32), requestDigestKey: randomBytes(32) };
const NOT_SOON = 60_000;

let log: ScriptedLog;
let readers: TestReader[];

function serve(limits: Partial<SubscriptionLimits> = {}): Subscriptions {
  return new Subscriptions({ log, journal: log, identity: IDENTITY, limits: { heartbeatMs: NOT_SOON, ...limits } });
}

function read(
  subscriptions: Subscriptions,
  ...rest: [TestRequest?, ConstructorParameters<typeof TestReader>[2]?, number?]
): TestReader {
  const reader = new TestReader(subscriptions, ...rest);
  readers.push(reader);
  return reader;
}

const told = async (reader: TestReader, count: number): Promise<string[]> => {
  const messages: string[] = [];
  for (let taken = 0; taken < count; taken += 1) messages.push(await reader.told());
  return messages;
};
const tokenOf = async (reader: TestReader): Promise<string> => (await reader.take())?.value?.resumeToken ?? '';
const refused = (code: string, detail: object = {}): unknown =>
  expect.objectContaining({ code, detail: expect.objectContaining(detail) });
const carrier = { roles: [], organisationId: 'carrier' };

beforeEach(() => {
  log = new ScriptedLog();
  log.append('log/here', 'order/1', 'order/2', 'stock/1');
  readers = [];
});

afterEach(async () => {
  await Promise.all(readers.map((reader) => reader.leave()));
  expect(log.listening).toBe(0);
});

describe('a subscription', () => {
  it('tells how far it is, what is there, that it reached the head, and then what comes', async () => {
    const reader = read(serve());
    expect(await told(reader, 3)).toEqual(['0/4', '0,1,2,3 -> 4', '4/4!']);
    const next = reader.told();
    log.append('order/3', 'order/4');
    expect(await next).toBe('4,5 -> 6');
  });

  it('begins at a position, at most at the end of the log', async () => {
    const from = (value: bigint): TestRequest => ({ start: { case: 'fromPosition', value } });
    expect(await told(read(serve(), from(2n)), 3)).toEqual(['2/4', '2,3 -> 4', '4/4!']);
    const last = read(serve(), from(4n));
    expect(await last.told()).toBe('4/4!');
    const news = last.told();
    log.append('order/3');
    expect(await news).toBe('4 -> 5');
    await expect(read(serve(), from(6n)).take()).rejects.toEqual(refused('FIELD_INVALID', { field: 'from_position' }));
    await expect(read(serve(), from(2n ** 64n - 1n)).take()).rejects.toEqual(refused('FIELD_INVALID'));
  });

  it('beats while nothing happens, and while nothing matches', async () => {
    const idle = read(serve({ heartbeatMs: 20 }), { start: { case: 'fromPosition', value: 4n } });
    expect(await told(idle, 5)).toEqual(Array.from({ length: 5 }, () => '4/4!'));
    const blind = read(serve({ heartbeatMs: 20 }), { filter: { categories: ['custody'] } });
    expect(await told(blind, 2)).toEqual(['0/4', '4/4!']);
    log.append('order/3');
    expect(await eventually(async () => expect(await blind.told()).toBe('5/5!'))).toBeUndefined();
  });

  it('beats while it catches up, though it reads on', async () => {
    log.append(...Array.from({ length: 20 }, (_, at) => `order/${at}`));
    const messages = await told(read(serve({ heartbeatMs: 0, pageRowsMax: 8 })), 4);
    expect(messages).toEqual(['0/24', '0,1,2,3,4,5,6,7 -> 8', '8/24', '8,9,10,11,12,13,14,15 -> 16']);
  });

  it('takes what a missed wake-up did not tell', async () => {
    const reader = read(serve({ pollMs: 20 }));
    await told(reader, 3);
    log.rows.push({ ...log.rows[0]!, position: 4n });
    expect(await reader.told()).toBe('4 -> 5');
  });

  it('ends where the log ended when it began, if it was asked to', async () => {
    const reader = read(serve(), { endAtHead: true, filter: { categories: ['order'] } });
    expect(await reader.told()).toBe('0/4');
    log.append('order/3');
    expect(await told(reader, 3)).toEqual(['1,2 -> 4', '4/5', 'end']);
    log.rows.splice(3);
    log.rows.push({ ...log.rows[0]!, position: 9n });
    log.size = () => Promise.resolve(9n);
    expect(await told(read(serve(), { endAtHead: true }), 4)).toEqual(['0/9', '0,1,2 -> 3', '3/9', 'end']);
  });

  it('reads on only when the last message was taken, and no more than its page', async () => {
    log.append(...Array.from({ length: 1_000 }, (_, at) => `order/${at}`));
    const reader = read(serve({ pageRowsMax: 100, pageBytesMax: 500 }));
    await told(reader, 2);
    const { length } = log.pages;
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.pages).toHaveLength(length);
    const positions = (await told(reader, 30)).flatMap((message) => message.replace(/ ->.*/, '').split(',')).map(Number);
    expect(positions).toEqual(positions.map((_, at) => positions[0]! + at));
    expect(Math.max(...log.pages.slice(4).map(([, rows]) => rows))).toBeLessThan(50);
  });

  it('opens what the reader gets, and nothing else', async () => {
    await told(read(serve(), { filter: { categories: ['order'] } }), 2);
    expect(log.opened).toBe(2);
    await told(read(serve(), { omitDisclosures: true }), 2);
    expect(log.opened).toBe(2);
  });

  it('goes on behind rows that somebody removed, and shows that the end is missing', async () => {
    log.rows.splice(1, 1);
    log.size = () => Promise.resolve(9n);
    const reader = read(serve());
    expect(await told(reader, 3)).toEqual(['0/9', '0,2,3 -> 4', '4/9']);
  });
});

describe('a resumed subscription', () => {
  const resume = (value: string, request: TestRequest = {}): TestRequest => ({
    ...request,
    start: { case: 'resumeToken', value },
  });

  it('goes on where any message before told, whether or not anything had matched', async () => {
    const request: TestRequest = { filter: { categories: ['stock'] } };
    const first = read(serve(), request);
    const early = await tokenOf(first);
    const late = await tokenOf(first);
    log.append('stock/2');
    expect(await told(read(serve(), resume(early, request)), 2)).toEqual(['0/5', '3,4 -> 5']);
    expect(await told(read(serve(), resume(late, request)), 2)).toEqual(['4/5', '4 -> 5']);
  });

  it('needs the filter and the kind of reader it was for', async () => {
    const token = await tokenOf(read(serve()));
    const invalid = refused('RESUME_TOKEN_INVALID', { field: 'resume_token' });
    await expect(read(serve(), resume(token, { filter: { categories: ['order'] } })).take()).rejects.toEqual(invalid);
    await expect(read(serve(), resume(token), { roles: [] }).take()).rejects.toEqual(invalid);
    const ofCarrier = await tokenOf(read(serve(), {}, carrier));
    await expect(read(serve(), resume(ofCarrier), { ...carrier, organisationId: 'depot' }).take()).rejects.toEqual(invalid);
    expect(await read(serve(), resume(ofCarrier), { ...carrier, principalId: 'another' }).told()).toBe('0/4');
  });

  it('is refused by a log that was rewound, also when it has grown again', async () => {
    const first = read(serve());
    await first.take();
    const token = await tokenOf(first);
    log.rows.splice(2);
    await expect(read(serve(), resume(token)).take()).rejects.toEqual(refused('LOG_REWOUND'));
    log.append('order/8', 'order/9', 'order/10');
    await expect(read(serve(), resume(token)).take()).rejects.toEqual(refused('LOG_REWOUND'));
  });

  it('ends when the log is rewound below it', async () => {
    const reader = read(serve({ heartbeatMs: 20 }));
    await told(reader, 3);
    log.rows.splice(2);
    await expect(reader.take()).rejects.toEqual(refused('LOG_REWOUND'));
  });
});

describe('what a reader sees', () => {
  it('is what his organisation may read at that moment, and an auditor sees all', async () => {
    log.rights.add('carrier order/1');
    const reader = read(serve(), {}, carrier);
    expect(await told(reader, 3)).toEqual(['0/4', '1 -> 4', '4/4!']);
    log.rights.add('carrier stock/1');
    log.append('order/1', 'stock/1');
    expect(await reader.told()).toBe('4,5 -> 6');
    log.rights.delete('carrier order/1');
    log.append('order/1', 'stock/1');
    expect(await reader.told()).toBe('7 -> 8');
  });

  it('hides what he may not read like what does not exist', async () => {
    const ask = async (streamId: string): Promise<string[]> =>
      told(read(serve(), { filter: { streamIds: [streamId] } }, carrier), 2);
    expect(await ask('order/1')).toEqual(await ask('order/none'));
    expect(log.opened).toBe(0);
  });

  it('is what its keys name by then, looked up once for all that was there', async () => {
    log.named.add('order/2');
    const keys = [{ kind: 'piid', value: 'W1' }];
    const reader = read(serve({ pageRowsMax: 2 }), { filter: { naturalKeys: keys } });
    expect(await told(reader, 3)).toEqual(['0/4', '2 -> 4', '4/4!']);
    expect(log.lookUps).toBe(1);
    log.named.add('order/1');
    log.append('order/1', 'order/3', 'order/2');
    expect(await told(reader, 2)).toEqual(['4 -> 6', '6 -> 7']);
    expect(log.lookUps).toBe(2);
  });
});

describe('all subscriptions of a service', () => {
  it('are limited, and counted until their call is over', async () => {
    const subscriptions = serve({ ofPrincipalMax: 1 });
    const first = read(subscriptions);
    await first.take();
    await expect(read(subscriptions).take()).rejects.toEqual(refused('SUBSCRIPTIONS_EXHAUSTED'));
    await read(subscriptions, {}, { principalId: 'auditor-2' }).take();
    expect(subscriptions.open).toBe(2);
    await first.leave();
    expect(subscriptions.open).toBe(1);
    await read(subscriptions).take();
  });

  it('give the place of a refused one back', async () => {
    const subscriptions = serve({ ofPrincipalMax: 1 });
    const wrong = read(subscriptions, { start: { case: 'resumeToken', value: 'x' } });
    await expect(wrong.take()).rejects.toEqual(refused('RESUME_TOKEN_INVALID'));
    await wrong.leave();
    expect(subscriptions.open).toBe(0);
  });

  it('end with the token of their reader, while they wait and while he does', async () => {
    const waiting = read(serve(), {}, {}, Date.now() + 50);
    await told(waiting, 3);
    await expect(waiting.take()).rejects.toEqual(refused('UNAUTHENTICATED'));
    const idle = read(serve(), {}, {}, Date.now() + 50);
    await idle.take();
    await expect(idle.interruption()).rejects.toEqual(refused('UNAUTHENTICATED'));
  });

  it('end with a reader who takes nothing, but not with one who waits for news', async () => {
    const subscriptions = serve({ readerIdleMaxMs: 30, pollMs: 10 });
    const waiting = read(subscriptions);
    await told(waiting, 3);
    const news = waiting.told();
    const stalled = read(subscriptions);
    await stalled.take();
    await expect(stalled.interruption()).rejects.toEqual(refused('READER_STALLED'));
    log.append('order/3');
    expect(await news).toBe('4 -> 5');
  });

  it('end with the service, which opens no more', async () => {
    const subscriptions = serve();
    const waiting = read(subscriptions);
    await told(waiting, 3);
    const next = waiting.take();
    subscriptions.close();
    await expect(next).rejects.toEqual(refused('SERVICE_STOPPING'));
    await expect(read(subscriptions).take()).rejects.toEqual(refused('SERVICE_STOPPING'));
  });
});
