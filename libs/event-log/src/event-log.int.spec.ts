import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { codeOf, createTestDatabase, type TestDatabase } from '@countersign/testing';
import type { DataSource } from 'typeorm';
import type { EventLog } from './event-log.js';
import { createMemoryIdentity } from './memory/memory-identity.js';
import { envelopeOf, packed, PARCEL, taken } from './parcel-fixture.js';
import { suiteLogs, type SuiteLogs } from './postgres/log-fixture.js';
import { recordSealer } from './sealing.js';

let database: TestDatabase;
let logs: SuiteLogs;
let superuser: DataSource;
beforeAll(async () => {
  database = await createTestDatabase();
  logs = await suiteLogs(database);
  superuser = await logs.connect(database.superuserUrl);
}, 60_000);
afterAll(async () => {
  await logs.closeAll();
  await database.drop();
});

describe('Opening a log', () => {
  it('writes LogOpened once, however many processes start', async () => {
    const opened = await Promise.all(Array.from({ length: 5 }, () => logs.open()));
    expect(await opened[0]!.size()).toBe(1n);
    const [row] = await opened[4]!.openRows(await opened[4]!.readLog(0n, 10));
    expect(row?.data).toEqual({ logId: Buffer.from(opened[0]!.identity.logId).toString('hex') });
  });

  it('of another registration is refused', async () => {
    const identity = createMemoryIdentity();
    expect(await codeOf(() => logs.open({ identity }))).toBe('LOG_MISMATCH');
  });

  it.each(['synchronous_commit'])('is refused while the database may forget: %s', async (setting) => {
    await superuser.query(`ALTER ROLE ${database.appRole} IN DATABASE ${database.name} SET ${setting} = off`);
    expect(await codeOf(() => logs.open())).toBe('STORAGE_UNSAFE');
    await superuser.query(`ALTER ROLE ${database.appRole} IN DATABASE ${database.name} RESET ${setting}`);
    await logs.open();
  });
});

describe('A log that is behind its anchor', () => {
  it('is not written any more', async () => {
    const log = await logs.open();
    const size = await log.size();
    await log.assertNotBehind(size);
    await log.journal.execute(envelopeOf(), () => Promise.resolve());
    expect(await codeOf(() => log.assertNotBehind(size + 1n))).toBe('LOG_BEHIND_ANCHOR');
    expect(await codeOf(() => log.journal.execute(envelopeOf(), () => Promise.resolve()))).toBe('LOG_BEHIND_ANCHOR');
    expect(await log.size()).toBe(size);
  });
});

describe('A closed log', () => {
  it('settles what it took and refuses the rest', async () => {
    const log = await logs.open();
    const accepted = log.journal.execute(envelopeOf(), async (unit) => (await unit.open(PARCEL, 'closing')).append(packed()));
    await accepted;
    await log.close();
    expect(await codeOf(() => log.journal.execute(envelopeOf(), () => Promise.resolve()))).toBe('DEPENDENCY_UNAVAILABLE');
    expect(await (await logs.open()).readStreamRows('parcel/closing')).toHaveLength(1);
  });
});

describe('A record that was replaced by a well-formed one', () => {
  let log: EventLog;
  beforeAll(async () => {
    log = await logs.open();
  });
  const begin = async (key: string): Promise<void> => {
    await log.journal.execute(envelopeOf(), async (unit) => (await unit.open(PARCEL, key)).append(packed(), taken(1), taken(2)));
  };
  /** The operator has every secret of the log but one: he cannot make another record with the same digest. */
  const replace = async (key: string, sequence: bigint, previous: Uint8Array | undefined): Promise<Uint8Array> => {
    const sealer = recordSealer({ identity: log.identity, label: 'UNCLASSIFIED', policy: 'test' });
    const forged = sealer.seal({
      schema: PARCEL.schemas.PieceTaken,
      data: { pieces: 3 },
      streamId: `parcel/${key}`,
      sequence,
      previous,
      eventTime: '2026-11-20T10:00:00Z',
      recordedTime: '2026-11-20T10:00:00Z',
      actor: 'a',
      actingFor: 'b',
      correlationId: 'c',
      causationId: undefined,
      unitKeys: new Map(),
    });
    await superuser.query('ALTER TABLE event_log.event DISABLE TRIGGER event_append_only');
    await superuser.query(
      `UPDATE event_log.event SET header = $3, entry = $4, disclosures = '', event_id = $5, type = $6 WHERE stream_id = $1 AND sequence = $2`,
      [`parcel/${key}`, String(sequence), forged.header, forged.entry, forged.eventId, forged.type],
    );
    await superuser.query('ALTER TABLE event_log.event ENABLE ALWAYS TRIGGER event_append_only');
    return forged.recordDigest;
  };
  const digestAt = async (key: string, index: number): Promise<Uint8Array> =>
    (await log.openRows(await log.readStreamRows(`parcel/${key}`)))[index]!.recordDigest;

  it('in the middle: breaks the chain at the next one', async () => {
    await begin('replaced-middle');
    await replace('replaced-middle', 1n, await digestAt('replaced-middle', 0));
    expect(await codeOf(async () => (await logs.open()).journal.read(PARCEL, 'replaced-middle'))).toBe('RECORD_ALTERED');
  });

  it('with a wrong predecessor: breaks the chain at once', async () => {
    await begin('replaced-last');
    const digest = await replace('replaced-last', 2n, await digestAt('replaced-last', 0));
    await superuser.query(`UPDATE event_log.stream SET last_digest = $1 WHERE stream_id = 'parcel/replaced-last'`, [digest]);
    expect(await codeOf(async () => (await logs.open()).journal.read(PARCEL, 'replaced-last'))).toBe('RECORD_ALTERED');
  });

  it('at the end: differs from the head', async () => {
    await begin('replaced-end');
    await replace('replaced-end', 2n, await digestAt('replaced-end', 1));
    expect(await codeOf(async () => (await logs.open()).journal.read(PARCEL, 'replaced-end'))).toBe('RECORD_ALTERED');
  });
});

describe('A row that a database administrator changed', () => {
  const KEY = 'tampered';
  let log: EventLog;
  let original: { header: Buffer; entry: Buffer; disclosures: Buffer };
  beforeAll(async () => {
    log = await logs.open();
    await log.journal.execute(envelopeOf(), async (unit) =>
      (await unit.open(PARCEL, KEY)).append(packed({ contents: 'night sights' })),
    );
    [original] = await superuser.query(`SELECT header, entry, disclosures FROM event_log.event WHERE stream_id = $1`, [
      `parcel/${KEY}`,
    ]);
  });
  const put = async (row: typeof original): Promise<void> => {
    await superuser.query('ALTER TABLE event_log.event DISABLE TRIGGER event_append_only');
    await superuser.query(`UPDATE event_log.event SET header = $2, entry = $3, disclosures = $4 WHERE stream_id = $1`, [
      `parcel/${KEY}`,
      row.header,
      row.entry,
      row.disclosures,
    ]);
    await superuser.query('ALTER TABLE event_log.event ENABLE ALWAYS TRIGGER event_append_only');
  };
  beforeEach(() => put(original));

  const flip = (bytes: Buffer, at: number): Buffer => {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    return changed;
  };
  const changes: [string, () => Partial<typeof original>, string][] = [
    [
      'a public value in the header',
      () => ({ header: Buffer.from(original.header.toString().replace('"pieces":10', '"pieces":99')) }),
      'inconsistent',
    ],
    ['the header, beyond recognition', () => ({ header: flip(original.header, 0) }), 'unreadable'],
    ['the entry', () => ({ entry: flip(original.entry, 50) }), 'inconsistent'],
    ['the item key', () => ({ entry: flip(original.entry, 3) }), 'inconsistent'],
    ['a ciphertext', () => ({ disclosures: flip(original.disclosures, original.disclosures.length - 20) }), 'altered'],
    ['the framing of the disclosures', () => ({ disclosures: flip(original.disclosures, 1) }), 'altered'],
    ['the disclosures, gone', () => ({ disclosures: Buffer.alloc(0) }), 'missing'],
    ['the key id of a disclosure', () => ({ disclosures: flip(original.disclosures, 6) }), 'withheld'],
  ];

  it.each(changes)('%s: is reported when read, and stops every decision on it', async (_name, change, verdict) => {
    await put({ ...original, ...change() });
    const [row] = await log.readStreamRows(`parcel/${KEY}`);
    const opened = await log.openRow(row!);
    const found = {
      unreadable: opened.header === undefined,
      inconsistent: !opened.consistent,
      altered: opened.altered.length > 0,
      missing: opened.missing.length > 0,
      withheld: opened.withheld.length > 0,
    };
    expect(Object.entries(found).filter(([, is]) => is)).toContainEqual([verdict, true]);
    const another = await logs.open();
    expect(await codeOf(() => another.journal.read(PARCEL, KEY))).toBe('RECORD_ALTERED');
  });

  it('and put back: holds again', async () => {
    const another = await logs.open();
    expect(await another.journal.read(PARCEL, KEY)).toMatchObject({ pieces: 10, contents: 'night sights' });
  });
});
