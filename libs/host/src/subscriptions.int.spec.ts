import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import http2 from 'node:http2';
import { fileURLToPath } from 'node:url';

import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { createTestTokens, type TestTokens } from '@countersign/access';
import { CallError, createClient, followLog, type Client } from '@countersign/grpc';
import type { Actor } from '@countersign/kernel';
import { evidenceV1 } from '@countersign/proto';
import { createTestDatabase, eventually, type TestDatabase } from '@countersign/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import {
  createDoorKeys,
  openEvidenceDoor,
  ORIGIN,
  packParcel,
  type DoorKeys,
  type DoorOptions,
  type EvidenceDoor,
} from './evidence-door-fixture.js';
import { runMigrations } from './run-migrations.js';
import { freePort } from './test-identity.js';

type Request = MessageInitShape<typeof evidenceV1.SubscribeRequestSchema>;
type Evidence = Client<typeof evidenceV1.EvidenceService>;

const HOOKS = fileURLToPath(new URL('../../../scripts/typescript-hooks.mjs', import.meta.url));
const DOOR = fileURLToPath(new URL('./serve-evidence-door.ts', import.meta.url));
const MEGABYTE = 1024 * 1024;

describe('subscriptions over gRPC', () => {
  const keys: DoorKeys = createDoorKeys();
  const closers: (() => unknown)[] = [];
  let tokens: TestTokens;
  let database: TestDatabase;
  let door: EvidenceDoor;
  let address: string;

  beforeAll(async () => {
    tokens = await createTestTokens([ORIGIN]);
    database = await createTestDatabase();
    await runMigrations(database);
    address = `127.0.0.1:${await freePort()}`;
    door = await openEvidenceDoor(optionsAt(address));
  }, 60_000);

  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  afterAll(async () => {
    await door?.close();
    await database?.drop();
  });

  const optionsAt = (at: string, limits: DoorOptions['limits'] = {}): DoorOptions => ({
    databaseUrl: database.appUrl,
    keys,
    jwks: tokens.jwks,
    address: at,
    limits,
  });

  const tokenOf = (organisationId: string, roles: Actor['roles'], lifetimeSeconds = 600): Promise<string> => {
    const issuedAt = Math.floor(Date.now() / 1000);
    const actor = { principalId: `somebody-of-${organisationId}`, organisationId, actingFor: 'W99DP1', nation: 'USA', roles };
    return tokens.tokenOf(actor, { iat: issuedAt, exp: issuedAt + lifetimeSeconds });
  };

  const clientOf = (organisationId: string, roles: Actor['roles'], at = address, lifetimeSeconds?: number): Evidence => {
    const tokenSource = { token: () => tokenOf(organisationId, roles, lifetimeSeconds), forget: () => undefined };
    const client = createClient(evidenceV1.EvidenceService, at, { tokenSource });
    closers.push(() => client.close());
    return client;
  };
  const auditorAt = (at = address): Evidence => clientOf('audit-office', ['auditor'], at);

  /** Follows until told otherwise; what it received so far. */
  const follow = (evidence: Evidence, request: Request = {}): Followed => {
    const followed = new Followed(evidence, request);
    closers.push(() => followed.stop());
    return followed;
  };

  /** Another process of the same service. */
  const spawnDoor = async (at: string, limits: DoorOptions['limits'] = {}): Promise<ChildProcess> => {
    const child = fork(DOOR, {
      execArgv: ['--expose-gc', '--import', HOOKS],
      env: { ...process.env, DOOR_OPTIONS: JSON.stringify(optionsAt(at, limits)) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    closers.push(() => kill(child));
    const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown];
    expect(message).toBe('ready');
    return child;
  };

  it('gives every record once and in order, from the beginning into the present, while four writers append', async () => {
    const begin = await door.log.size();
    let appended = 0;
    const write = async (writer: number): Promise<void> => {
      for (let command = 0; command < 120; command += 1) {
        const tcn = `mixed-${writer}-${command % 7}`;
        await packParcel(door.log, tcn, 1 + (command % 3), ...(writer === 0 ? ['carrier'] : []));
        appended += 1 + (command % 3);
      }
    };
    const early = follow(auditorAt());
    const writers = [0, 1, 2, 3].map(write);
    await eventually(() => expect(early.positions.length).toBeGreaterThan(20), { pollMs: 1 });
    // These catch up with what the writers already did, while they go on.
    const late = follow(auditorAt(), { start: { case: 'fromPosition', value: begin + 5n } });
    const carrier = follow(clientOf('carrier', ['custodian']));
    const packed = follow(auditorAt(), { filter: { types: ['countersign.parcels.ParcelPacked'] }, omitDisclosures: true });
    await Promise.all(writers);
    const rows = await door.log.readLog(0n, 10_000);
    const head = begin + BigInt(appended);
    expect(rows).toHaveLength(Number(head));
    const all = rows.map(({ position }) => position);
    const where = (match: (streamId: string, type: string) => boolean): bigint[] =>
      rows.filter(({ streamId, type }) => match(streamId, type)).map(({ position }) => position);
    await eventually(() => expect([early, late, carrier, packed].map(({ next }) => next)).toEqual([head, head, head, head]));
    expect(early.positions).toEqual(all);
    expect(late.positions).toEqual(all.slice(Number(begin) + 5));
    expect(carrier.positions).toEqual(where((streamId) => streamId.startsWith('parcel/mixed-0-')));
    expect(packed.positions).toEqual(where((_, type) => type.includes('ParcelPacked')));
    expect(carrier.contents).toContain('contents of mixed-0-3');
    expect(packed.contents).toEqual([]);
  }, 60_000);

  it('beats within its interval while nothing happens, with the head of the log', async () => {
    const head = await door.log.size();
    const start = { case: 'fromPosition', value: head } as const;
    const followed = follow(clientOf('stranger', []), { start, heartbeatIntervalMs: 1_000 });
    await eventually(() => expect(followed.beats.length).toBeGreaterThan(4));
    const gaps = followed.beats.slice(1).map(({ at }, index) => at - followed.beats[index]!.at);
    expect(Math.max(...gaps)).toBeLessThan(2_000);
    expect(followed.beats.every(({ headPosition, caughtUp }) => headPosition === head && caughtUp)).toBe(true);
    await packParcel(door.log, 'unseen', 3);
    await eventually(() => expect(followed.beats.at(-1)).toMatchObject({ headPosition: head + 3n, nextPosition: head + 3n }));
    expect(followed.positions).toEqual([]);
  }, 20_000);

  it('shows a foreign organisation nothing, the same for what there is and what there is not', async () => {
    await packParcel(door.log, 'secret', 2, 'carrier');
    const ask = async (request: Request): Promise<object[]> => {
      const messages: object[] = [];
      for await (const { message } of clientOf('stranger', ['custodian']).subscribe({ ...request, endAtHead: true }))
        messages.push({ ...message, value: { ...message.value, resumeToken: '' } });
      return messages;
    };
    const about = (tcn: string): Request => ({
      filter: { streamIds: [`parcel/${tcn}`], naturalKeys: [{ kind: 'tcn', value: tcn }] },
    });
    expect(await ask(about('secret'))).toEqual(await ask(about('nothing')));
    expect((await ask({})).filter((message) => 'case' in message && message.case === 'records')).toEqual([]);
    const records = follow(clientOf('carrier', []), about('secret'));
    await eventually(() => expect(records.positions).toHaveLength(2));
  });

  it('ends when the token does, and goes on behind it with another', async () => {
    const error = await refused(
      auditorThatExpires().subscribe({ start: { case: 'fromPosition', value: await door.log.size() } }),
    );
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', statusName: 'UNAUTHENTICATED' });
    const followed = follow(auditorThatExpires());
    for (let command = 0; followed.interruptions.length < 2; command += 1)
      await packParcel(door.log, `expiring-${command % 5}`, 1);
    expect(new Set(followed.interruptions)).toEqual(new Set(['UNAUTHENTICATED']));
    const head = await door.log.size();
    await eventually(() => expect(followed.next).toBe(head));
    expect(followed.positions).toEqual(Array.from({ length: Number(head) }, (_, position) => BigInt(position)));
  }, 30_000);

  /** Its tokens end within a second or two, the tolerance of clocks included. */
  const auditorThatExpires = (): Evidence => clientOf('audit-office', ['auditor'], address, -3);

  it('refuses one too many, tells when to try again, and takes the next when one is gone', async () => {
    const greedy = clientOf('greedy', []);
    const open = Array.from({ length: 8 }, () => greedy.subscribe({})[Symbol.asyncIterator]());
    await Promise.all(open.map((stream) => stream.next()));
    expect(await refused(greedy.subscribe({}))).toMatchObject({
      code: 'SUBSCRIPTIONS_EXHAUSTED',
      statusName: 'RESOURCE_EXHAUSTED',
      retryDelayMs: 1_000,
    });
    await open[0]!.return?.();
    const next = await eventually(async () => {
      const stream = greedy.subscribe({})[Symbol.asyncIterator]();
      await stream.next();
      return stream;
    });
    await Promise.all([...open, next].map((stream) => stream.return?.()));
    await eventually(() => expect(door.subscriptions.open).toBe(0));
  });

  it('ends with the service, which says so, and goes on at the next one without a gap', async () => {
    const at = `127.0.0.1:${await freePort()}`;
    const first = await openEvidenceDoor(optionsAt(at));
    const followed = follow(auditorAt(at));
    await eventually(() => expect(followed.next).toBeGreaterThan(0n));
    await first.close();
    await eventually(() => expect(followed.interruptions).toContain('SERVICE_STOPPING'));
    await packParcel(door.log, 'meanwhile', 2);
    const second = await openEvidenceDoor(optionsAt(at));
    closers.unshift(() => second.close());
    const head = await door.log.size();
    await eventually(() => expect(followed.next).toBe(head));
    expect(followed.positions).toEqual(Array.from({ length: Number(head) }, (_, position) => BigInt(position)));
  }, 30_000);

  it('survives a killed service and a killed reader without a gap or a repetition', async () => {
    const at = `127.0.0.1:${await freePort()}`;
    const victim = await spawnDoor(at);
    const enough = new AbortController();
    const writer = (async () => {
      for (let command = 0; !enough.signal.aborted; command += 1) await packParcel(door.log, `killed-${command % 9}`, 2);
    })();
    closers.push(() => enough.abort());
    const followed = follow(auditorAt(at));
    await eventually(() => expect(followed.positions.length).toBeGreaterThan(50));
    await kill(victim);
    await eventually(() => expect(followed.interruptions.length).toBeGreaterThan(0));
    const kept = followed.positions.length;
    await spawnDoor(at);
    await eventually(() => expect(followed.positions.length).toBeGreaterThan(kept + 50), { limitMs: 20_000 });
    // The reader goes too; whoever comes after him has what he stored, which is the last token he saw.
    await followed.stop();
    const heir = follow(auditorAt(), { start: { case: 'resumeToken', value: followed.resumeToken } });
    enough.abort();
    await writer;
    const head = await door.log.size();
    await eventually(() => expect(heir.next).toBe(head));
    expect([...followed.positions, ...heir.positions]).toEqual(Array.from({ length: Number(head) }, (_, at) => BigInt(at)));
  }, 60_000);

  it('holds a page for a reader that takes nothing, not the log, and others do not notice', async () => {
    const at = `127.0.0.1:${await freePort()}`;
    const child = await spawnDoor(at);
    const witness = follow(auditorAt(at), { omitDisclosures: true });
    await eventually(async () => expect(witness.next).toBe(await door.log.size()));
    const before = { ...(await weigh(child)), read: witness.positions.length };
    const readers = await Promise.all(
      Array.from({ length: 7 }, async () => stall(at, await tokenOf('audit-office', ['auditor']))),
    );
    closers.push(() => readers.forEach(({ destroy }) => destroy()));
    const commands = Array.from({ length: 250 }, (_, command) => command);
    let heaviest = 0;
    for (const ten of commands.filter((command) => command % 10 === 0)) {
      await Promise.all(commands.slice(ten, ten + 10).map((command) => packParcel(door.log, `flood-${command}`, 200)));
      heaviest = Math.max(heaviest, (await weigh(child)).held - before.held);
    }
    await eventually(() => expect(witness.positions).toHaveLength(before.read + 50_000), { limitMs: 20_000 });
    // The flood is above 50 MB; each of the seven holds a part of a page.
    expect(heaviest).toBeLessThan(8 * MEGABYTE);
    const after = await weigh(child);
    expect(after.rss - before.rss).toBeLessThan(100 * MEGABYTE);
    expect(after.open).toBe(8);
    expect(witness.interruptions).toEqual([]);
  }, 120_000);

  it('gives a reader up that takes nothing for too long, and frees what it held', async () => {
    const at = `127.0.0.1:${await freePort()}`;
    // More than the window of a stream takes.
    await packParcel(door.log, 'long', 200);
    const limits = { readerIdleMaxMs: 300, readerGraceMs: 200 };
    const other = await openEvidenceDoor(optionsAt(at, limits));
    closers.push(() => other.close());
    const witness = follow(auditorAt(at), { start: { case: 'fromPosition', value: await door.log.size() } });
    const stalled = await stall(at, await tokenOf('audit-office', ['auditor']));
    closers.push(() => stalled.destroy());
    await eventually(() => expect(other.subscriptions.open).toBe(2));
    await eventually(() => expect(other.subscriptions.open).toBe(1));
    await eventually(() => expect(stalled.resetWith()).toBe(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM));
    await packParcel(door.log, 'read-on', 1);
    await eventually(() => expect(witness.positions).toHaveLength(1));
    expect(witness.interruptions).toEqual([]);
  });
});

interface Beat extends Pick<evidenceV1.Heartbeat, 'headPosition' | 'nextPosition' | 'caughtUp'> {
  readonly at: number;
}

/** A reader and all it was told. */
class Followed {
  readonly positions: bigint[] = [];
  readonly beats: Beat[] = [];
  /** Opened disclosures, as JSON. */
  readonly disclosures: string[] = [];
  readonly interruptions: string[] = [];
  next = 0n;
  resumeToken = '';
  private readonly ending = new AbortController();
  private readonly running: Promise<void>;

  constructor(evidence: Evidence, request: Request) {
    this.running = this.run(evidence, request);
    // A failure is seen by who waits for it; it must not end the test run.
    this.running.catch((error: unknown) => this.interruptions.push(String(error)));
  }

  get contents(): string[] {
    return this.disclosures.flatMap((text) => /contents of [\w-]+/.exec(text) ?? []);
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  private async run(evidence: Evidence, request: Request): Promise<void> {
    const messages = followLog(evidence, request, {
      signal: this.ending.signal,
      onInterruption: ({ error }) => this.interruptions.push(error.code),
      limits: { pauseMaxMs: 500 },
    });
    for await (const { message } of messages) this.note(message);
  }

  private note(message: evidenceV1.SubscribeResponse['message']): void {
    if (message.case === undefined) return;
    if (message.case === 'heartbeat') this.beats.push({ ...message.value, at: performance.now() });
    else
      for (const { record } of message.value.records) {
        this.positions.push(record!.position);
        this.disclosures.push(...record!.disclosures.map((encoded) => Buffer.from(encoded, 'base64url').toString()));
      }
    this.next = message.value.nextPosition;
    this.resumeToken = message.value.resumeToken;
  }
}

async function refused(messages: AsyncIterable<unknown>): Promise<CallError> {
  try {
    for await (const message of messages) expect(message).toBeDefined();
  } catch (error) {
    if (error instanceof CallError) return error;
    throw error;
  }
  throw new Error('expected a CallError');
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

interface Weight {
  readonly held: number;
  readonly rss: number;
  readonly open: number;
}

async function weigh(child: ChildProcess): Promise<Weight> {
  const answer = once(child, 'message');
  child.send('weigh');
  return ((await answer) as [Weight])[0];
}

/** A client of its own that subscribes from the beginning and never reads what it gets. */
async function stall(address: string, token: string): Promise<{ destroy(): void; resetWith(): number | undefined }> {
  const session = http2.connect(`http://${address}`);
  session.on('error', () => undefined);
  const stream = session.request({
    ':method': 'POST',
    ':path': '/countersign.evidence.v1.EvidenceService/Subscribe',
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: `Bearer ${token}`,
  });
  stream.on('error', () => undefined);
  const body = toBinary(evidenceV1.SubscribeRequestSchema, create(evidenceV1.SubscribeRequestSchema, {}));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  stream.end(Buffer.concat([prefix, body]));
  await once(stream, 'response');
  return { destroy: () => session.destroy(), resetWith: () => stream.rstCode };
}
