import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import pg from 'pg';
import type { Settlement } from '../group-commit.js';
import type { AppendOutcome, PreparedCommand } from '../log-store.js';
import { APPEND_LIMITS } from '../config.js';
import { AppendConnection, sessionSettings } from './append-connection.js';
import { submitBatch } from './append-statement.js';
import { poolOf } from './connections.js';
import { suiteLogs, type SuiteLogs } from './log-fixture.js';
import { preparedCommand, preparedEvent } from './prepared-fixture.js';

let database: TestDatabase;
let logs: SuiteLogs;
let client: pg.Client;
let connection: AppendConnection;
beforeAll(async () => {
  database = await createTestDatabase();
  logs = await suiteLogs(database);
  const log = await logs.open(); // writes LogOpened
  connection = new AppendConnection(poolOf(log.dataSource), APPEND_LIMITS);
  client = new pg.Client({ connectionString: database.appUrl });
  await client.connect();
  await client.query(sessionSettings(APPEND_LIMITS.statementMs));
}, 60_000);
afterAll(async () => {
  connection.close();
  await client.end();
  await logs.closeAll();
  await database.drop();
});

/** One statement. */
const send = (...batch: PreparedCommand[]): Promise<readonly AppendOutcome[]> => submitBatch(client, batch, 10_000);
/** As the writer does: halves of what is refused as a whole. */
const submit = (...batch: PreparedCommand[]): Promise<readonly Settlement[]> => connection.commit(batch);
const kinds = (outcomes: readonly Settlement[]): string[] => outcomes.map(({ kind }) => kind);
const size = async (): Promise<number> =>
  Number((await client.query<{ size: string }>('SELECT size FROM event_log.log_head')).rows[0]?.size);
const countIn = async (table: string, where: string, value: string): Promise<number> =>
  Number(
    (await client.query<{ count: string }>(`SELECT count(*) FROM event_log.${table} WHERE ${where} = $1`, [value])).rows[0]
      ?.count,
  );
const message = (subject: string, sequence: bigint, eventId: string = randomUUID()) => ({
  source: 'countersign.example/other',
  eventId,
  subject,
  sequence,
});

/** The log's invariants: dense positions up to its size, dense sequences, heads equal to the last rows. */
async function requireSound(): Promise<void> {
  const { rows } = await client.query<Record<string, boolean>>(`
    SELECT (SELECT size FROM event_log.log_head) = count(*) AND max(position) = count(*) - 1 AS dense,
      NOT EXISTS (
        SELECT FROM event_log.stream s FULL JOIN (SELECT stream_id, count(*) AS n, max(sequence) AS last FROM event_log.event GROUP BY 1) e USING (stream_id)
        WHERE s.next_sequence IS DISTINCT FROM e.n OR e.last IS DISTINCT FROM e.n - 1
      ) AS contiguous
    FROM event_log.event`);
  expect(rows[0]).toEqual({ dense: true, contiguous: true });
}

describe('A lone command', () => {
  const inBatch = async (command: PreparedCommand): Promise<Settlement | undefined> =>
    (await send(command, preparedCommand()))[0];
  const alone = async (command: PreparedCommand): Promise<Settlement | undefined> => (await send(command))[0];
  const forms = [
    ['alone', alone],
    ['in a batch', inBatch],
  ] as const;

  it.each(forms)('%s is decided by the same rules in the same order', async (_form, settle) => {
    const known = preparedCommand({ streamId: `parcel/${randomUUID()}` });
    const { streamId } = known.events[0]!;
    expect(await settle(known)).toMatchObject({ kind: 'appended' });
    expect(await settle(known)).toEqual({ kind: 'duplicate' });
    expect(await settle({ ...known, requestDigest: Buffer.alloc(32, 9) })).toEqual({ kind: 'reused' });
    expect(await settle(preparedCommand({ streamId }))).toEqual({ kind: 'conflict', streamId });
    expect(await settle(preparedCommand({ streamId, sequence: 2n }))).toEqual({ kind: 'conflict', streamId });
    expect(await settle(preparedCommand({ streamId, sequence: 1n }))).toMatchObject({ kind: 'appended' });
    await expect(settle(preparedCommand({ requestDigest: Buffer.alloc(31) }))).rejects.toMatchObject({ code: '23514' });
    await requireSound();
  });

  it.each(forms)('%s leaves the same rows', async (_form, settle) => {
    const streamId = `parcel/${randomUUID()}`;
    const link = { streamId, kind: 'uii', value: streamId, role: 'identifies' } as const;
    const key = (group: string, byte: number) => ({ streamId, group, keyId: Buffer.alloc(16, byte) });
    await settle(preparedCommand({ streamId, links: [link], unitKeys: [key('a', 1)] }));
    const readers = ['carrier "quick"', 'depot', 'a,b\\c'].map((organisationId) => ({ streamId, organisationId }));
    await settle(preparedCommand({ streamId, sequence: 1n, readers, unitKeys: [key('b', 2)] }));
    await expect(settle(preparedCommand({ streamId, sequence: 2n, unitKeys: [key('a', 3)] }))).rejects.toMatchObject({
      code: '23502',
    });
    const { rows } = await client.query(
      `SELECT s.next_sequence, s.readers, s.unit_keys, e.stream_no = e.position AS first, e.sequence, l.role, c.event_count, c.first_position = e.position AS placed
       FROM event_log.stream s JOIN event_log.event e USING (stream_no) JOIN event_log.stream_link l USING (stream_no)
       JOIN event_log.command c ON c.first_position = e.position WHERE s.stream_id = $1 ORDER BY e.sequence`,
      [streamId],
    );
    const stream = {
      next_sequence: '2',
      readers: ['a,b\\c', 'carrier "quick"', 'depot'],
      unit_keys: { a: '01'.repeat(16), b: '02'.repeat(16) },
      role: 'identifies',
      event_count: 1,
      placed: true,
    };
    expect(rows).toEqual([
      { ...stream, first: true, sequence: '0' },
      { ...stream, first: false, sequence: '1' },
    ]);
  });
});

describe('A batch', () => {
  it('shares a stream twice without losing a reader', async () => {
    const begun = preparedCommand();
    const { streamId } = begun.events[0]!;
    await submit(begun);
    const sharing = (organisationId: string) => ({
      ...preparedCommand(),
      events: [],
      guards: [{ streamId, expected: 1n, next: 1n, lastDigest: undefined }],
      readers: [{ streamId, organisationId }],
    });
    expect(kinds(await submit(sharing('carrier'), sharing('auditor')))).toEqual(['appended', 'appended']);
    const { rows } = await client.query(`SELECT readers FROM event_log.stream WHERE stream_id = $1`, [streamId]);
    expect(rows).toEqual([{ readers: ['auditor', 'carrier', 'depot'] }]);
  });

  it('settles every command on its own', async () => {
    const known = preparedCommand();
    const consumed = message('order/7', 0n);
    const keyed = preparedCommand({
      streamId: 'parcel/keyed',
      unitKeys: [{ streamId: 'parcel/keyed', group: 'logistics', keyId: Buffer.alloc(16) }],
    });
    await submit(known, preparedCommand({ inbox: consumed }), keyed);
    const before = await size();
    const first = preparedCommand();
    const tooLong = preparedEvent('parcel/too-long', 0n);
    const last = preparedCommand();
    const two = preparedCommand({ streamId: 'parcel/two' });
    const batch = [
      first,
      known,
      { ...preparedCommand(), principalId: known.principalId, commandId: known.commandId, requestDigest: Buffer.alloc(32, 2) },
      preparedCommand({ streamId: known.events[0]!.streamId }),
      preparedCommand({ streamId: 'parcel/never-begun', sequence: 3n }),
      preparedCommand({ inbox: consumed }),
      preparedCommand({ inbox: message('order/7', 0n) }),
      preparedCommand({ inbox: message('order/7', 2n) }),
      preparedCommand({ inbox: message('order/8', 1n) }),
      preparedCommand({ streamId: 'parcel/too-long', events: [{ ...tooLong, header: Buffer.alloc(61_441, 0x20) }] }),
      preparedCommand({ streamId: keyed.events[0]!.streamId, sequence: 1n, unitKeys: keyed.unitKeys }),
      preparedCommand({
        streamId: 'parcel/x',
        links: [
          {
            streamId: 'parcel/x',
            kind: 'uii',
            value: Array.from({ length: 2000 }, () => randomUUID()).join(''),
            role: 'mentions',
          },
        ],
      }),
      preparedCommand({ inbox: message('order/7', 1n) }),
      { ...two, events: [...two.events, preparedEvent('parcel/two', 1n)], guards: [{ ...two.guards[0]!, next: 2n }] },
      last,
    ];
    const outcomes = await submit(...batch);
    expect(outcomes).toEqual([
      { kind: 'appended', firstPosition: BigInt(before) },
      { kind: 'duplicate' },
      { kind: 'reused' },
      { kind: 'conflict', streamId: known.events[0]!.streamId },
      { kind: 'conflict', streamId: 'parcel/never-begun' },
      { kind: 'consumed' },
      { kind: 'consumed' },
      { kind: 'gap' },
      { kind: 'gap' },
      { kind: 'poisoned', reason: '23514' },
      { kind: 'poisoned', reason: '23502' },
      { kind: 'poisoned', reason: '54000' },
      { kind: 'appended', firstPosition: BigInt(before) + 1n },
      { kind: 'appended', firstPosition: BigInt(before) + 2n },
      { kind: 'appended', firstPosition: BigInt(before) + 4n },
    ]);
    expect(await size()).toBe(before + 5);
    expect(await countIn('command', 'command_id', batch[9]!.commandId)).toBe(0);
    expect(await countIn('stream', 'stream_id', 'parcel/too-long')).toBe(0);
    await requireSound();
  });

  // A command with a message sends the whole batch through the general form: the two forms have to agree.
  it.each([
    ['of the usual kind', []],
    ['with a message among them', [preparedCommand({ inbox: message('order/10', 0n) })]],
  ])('%s settles every command on its own', async (name, others) => {
    const streamOf = (command: PreparedCommand): string => command.events[0]!.streamId;
    const [known, begun, reused] = [preparedCommand(), preparedCommand(), preparedCommand()];
    await submit(known, begun, reused);
    const link = (command: PreparedCommand): PreparedCommand => ({
      ...command,
      links: [{ streamId: streamOf(command), kind: 'uii', value: `uii of ${name}`, role: 'identifies' }],
    });
    const goesOn = link(
      preparedCommand({
        streamId: streamOf(begun),
        sequence: 1n,
        readers: [{ streamId: streamOf(begun), organisationId: 'carrier' }],
        unitKeys: [{ streamId: streamOf(begun), group: 'logistics', keyId: Buffer.alloc(16) }],
      }),
    );
    const [first, last] = [link(preparedCommand()), preparedCommand()];
    const before = BigInt(await size());
    const outcomes = await submit(
      first,
      known,
      { ...preparedCommand(), commandId: reused.commandId, requestDigest: Buffer.alloc(32, 2) },
      preparedCommand({ streamId: streamOf(known) }),
      preparedCommand({ sequence: 7n, streamId: `parcel/${name.replaceAll(' ', '-')}` }),
      goesOn,
      last,
      ...others,
    );
    expect(outcomes.slice(0, 7)).toEqual([
      { kind: 'appended', firstPosition: before },
      { kind: 'duplicate' },
      { kind: 'reused' },
      { kind: 'conflict', streamId: streamOf(known) },
      { kind: 'conflict', streamId: `parcel/${name.replaceAll(' ', '-')}` },
      { kind: 'appended', firstPosition: before + 1n },
      { kind: 'appended', firstPosition: before + 2n },
    ]);
    expect(await size()).toBe(Number(before) + 3 + others.length);
    expect(await countIn('stream_link', 'value', `uii of ${name}`)).toBe(2);
    const { rows } = await client.query(`SELECT readers, unit_keys FROM event_log.stream WHERE stream_id = $1`, [
      streamOf(begun),
    ]);
    expect(rows).toEqual([{ readers: ['carrier', 'depot'], unit_keys: { logistics: '0'.repeat(32) } }]);
    await requireSound();
  });

  it.each([
    ['a stream that has begun', (known: PreparedCommand) => preparedCommand({ streamId: known.events[0]!.streamId }), 'conflict'],
    ['a command that is recorded', (known: PreparedCommand) => known, 'duplicate'],
  ])('of beginnings, among them %s, is settled in the next try', async (_, unfit, kind) => {
    const known = preparedCommand();
    await submit(known);
    const before = await size();
    const outcomes = await send(preparedCommand(), unfit(known), preparedCommand());
    expect(kinds(outcomes)).toEqual(['appended', kind, 'appended']);
    expect(await size()).toBe(before + 2);
    await requireSound();
  });

  it.each([
    ['one stream', () => ({ streamId: `parcel/${randomUUID()}` }), 'conflict'],
    ['one id', () => ({ commandId: randomUUID() }), 'duplicate'],
  ])('of beginnings that share %s takes the first of them', async (_, shared, kind) => {
    const before = await size();
    const same = shared();
    const outcomes = await submit(preparedCommand(), preparedCommand(same), preparedCommand(), preparedCommand(same));
    expect(kinds(outcomes)).toEqual(['appended', 'appended', 'appended', kind]);
    expect(await size()).toBe(before + 3);
    await requireSound();
  });

  it('of poisoned commands only stores nothing, and the log goes on', async () => {
    const before = await size();
    const poisoned = Array.from({ length: 9 }, () => preparedCommand({ requestDigest: Buffer.alloc(31) }));
    expect(new Set(kinds(await submit(...poisoned)))).toEqual(new Set(['poisoned']));
    expect(await size()).toBe(before);
    expect(await submit(preparedCommand())).toEqual([{ kind: 'appended', firstPosition: BigInt(before) }]);
  });

  it.each([0, 1, 30, 62, 63])('of 64 with the poison at %d stores the 63 others, in order', async (at) => {
    const before = BigInt(await size());
    const batch = Array.from({ length: 64 }, (_, index) =>
      preparedCommand(index === at ? { requestDigest: Buffer.alloc(31) } : {}),
    );
    const outcomes = await submit(...batch);
    const survivors = Array.from({ length: 63 }, (_, index) => ({ kind: 'appended', firstPosition: before + BigInt(index) }));
    expect(outcomes.filter(({ kind }) => kind === 'appended')).toEqual(survivors);
    expect(outcomes[at]).toEqual({ kind: 'poisoned', reason: '23514' });
    await requireSound();
  });

  it('of commands that depend on each other decides them one after the other', async () => {
    const repeated = preparedCommand();
    const streamId = 'parcel/twice-in-a-batch';
    const inbox = message('order/9', 0n);
    const outcomes = await submit(
      repeated,
      repeated,
      preparedCommand({ streamId }),
      preparedCommand({ streamId }),
      preparedCommand({ streamId, sequence: 1n }),
      preparedCommand({ inbox }),
      preparedCommand({ inbox }),
      preparedCommand({ inbox: message('order/9', 1n) }),
    );
    expect(kinds(outcomes)).toEqual([
      'appended',
      'duplicate',
      'appended',
      'conflict',
      'appended',
      'appended',
      'consumed',
      'appended',
    ]);
    await requireSound();
  });

  it('lets no two commands rest on what the other one changes', async () => {
    const [a, b] = ['parcel/batch-skew-a', 'parcel/batch-skew-b'];
    const reads = (streamId: string) => ({ streamId, expected: 0n, next: 0n, lastDigest: undefined });
    const one = preparedCommand({ streamId: a });
    const other = preparedCommand({ streamId: b });
    const outcomes = await submit(
      { ...one, guards: [...one.guards, reads(b)] },
      { ...other, guards: [...other.guards, reads(a)] },
    );
    expect(outcomes.map((outcome) => ({ ...outcome, firstPosition: undefined }))).toEqual([
      { kind: 'appended' },
      { kind: 'conflict', streamId: a },
    ]);
  });

  it('raises a link to identifies, never back', async () => {
    const link = (role: 'identifies' | 'mentions') => ({ streamId: 'parcel/linked', kind: 'uii', value: 'U1', role }) as const;
    await submit(preparedCommand({ streamId: 'parcel/linked', links: [link('mentions')] }));
    await submit(preparedCommand({ streamId: 'parcel/linked', sequence: 1n, links: [link('identifies')] }));
    await submit(preparedCommand({ streamId: 'parcel/linked', sequence: 2n, links: [link('mentions')] }));
    const { rows } = await client.query(
      `SELECT l.role FROM event_log.stream_link l JOIN event_log.stream s USING (stream_no) WHERE s.stream_id = 'parcel/linked'`,
    );
    expect(rows).toEqual([{ role: 'identifies' }]);
  });

  it('with a text that the database cannot even receive stores the others', async () => {
    const before = BigInt(await size());
    const outcomes = await submit(preparedCommand(), preparedCommand({ result: '"\0"' }), preparedCommand());
    expect(outcomes).toEqual([
      { kind: 'appended', firstPosition: before },
      { kind: 'poisoned', reason: '22021' },
      { kind: 'appended', firstPosition: before + 1n },
    ]);
  });

  it('wakes listeners once', async () => {
    const notified: string[] = [];
    const listener = new pg.Client({ connectionString: database.appUrl });
    await listener.connect();
    listener.on('notification', ({ payload }) => notified.push(payload ?? ''));
    await listener.query('LISTEN event_log');
    await submit(preparedCommand(), preparedCommand(), preparedCommand());
    await submit(preparedCommand({ streamId: 'parcel/none', sequence: 5n }));
    await listener.query('SELECT 1'); // what was notified before has arrived with its answer
    expect(notified).toEqual([String(await size())]);
    await listener.end();
  });

  it('is refused where names could mean something else', async () => {
    await client.query('BEGIN; SET LOCAL search_path = public, pg_catalog');
    await expect(send(preparedCommand())).rejects.toMatchObject({ code: '3F000' });
    await client.query('ROLLBACK; BEGIN; SET LOCAL search_path = public, pg_catalog');
    await expect(send(preparedCommand(), preparedCommand())).rejects.toMatchObject({ code: '3F000' });
    await client.query('ROLLBACK');
  });

  it('is refused in an isolation level whose snapshot may be older than the lock', async () => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await expect(send(preparedCommand())).rejects.toMatchObject({ code: '25000' });
    await client.query('ROLLBACK');
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await expect(send(preparedCommand(), preparedCommand())).rejects.toMatchObject({ code: '25000' });
    await client.query('ROLLBACK');
  });

  it('decides by what was committed while it waited for the lock', async () => {
    const streamId = 'parcel/waited-for';
    const other = new pg.Client({ connectionString: database.appUrl });
    await other.connect();
    await other.query('BEGIN');
    await other.query(sessionSettings(APPEND_LIMITS.statementMs));
    await submitBatch(other, [preparedCommand({ streamId })], 10_000);
    const waiting = [submit(preparedCommand({ streamId }), preparedCommand()), send(preparedCommand({ streamId }))];
    await other.query('COMMIT');
    expect((await Promise.all(waiting)).map(kinds)).toEqual([['conflict', 'appended'], ['conflict']]);
    await other.end();
    await requireSound();
  });
});
