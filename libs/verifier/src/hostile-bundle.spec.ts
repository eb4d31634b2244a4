import { createHash, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  cosignerKey,
  formatVerifierKey,
  leafHash,
  privateKeyFromSeed,
  rawPublicKey,
  rootFromLeaves,
  signatureLine,
  signCheckpoint,
  verifierKey,
} from '@countersign/merkle';
import { logStreamId } from '@countersign/record';
import { buildFixture, logKey, ORIGIN, type FullBundle as Bundle, type LogOptions, type Writable } from './bundle.builders.js';
import { sealBundle } from './bundle-file.js';
import { Unreadable } from './unreadable.js';
import { verifyBundle } from './verify-bundle.js';
import type { VerificationReport } from './report.js';

/** What somebody would hand over who knows the format, and where it says so, the operator who holds the log's key. */

const fixture = buildFixture();
const trustBytes = Buffer.from(JSON.stringify(fixture.trust));
const stranger = privateKeyFromSeed(createHash('sha256').update('a key that nobody pinned').digest());

function forge(change: (bundle: Writable<Bundle>) => void): Buffer {
  const copy = JSON.parse(JSON.stringify(fixture.bundle)) as Writable<Bundle>;
  change(copy);
  return sealBundle(copy);
}

function verify(change: (bundle: Writable<Bundle>) => void, trust: unknown = fixture.trust): VerificationReport {
  return verifyBundle(forge(change), Buffer.from(JSON.stringify(trust)));
}

function verdictOf(report: VerificationReport, id: string): string | undefined {
  return report.checks.find((check) => check.id === id && check.result === 'FAIL')?.verdict;
}

function cosignerVkey(key: KeyObject): string {
  return formatVerifierKey(cosignerKey('w.example', rawPublicKey(key)));
}
const WITNESSED = `witness w ${cosignerVkey(stranger)}\nquorum w\n`;
const COMPROMISED = { key: 'ab'.repeat(32), at: '2026-01-01T00:00:00Z' };

describe('a trust file that says two things', () => {
  const [pinned] = fixture.trust.logs;
  const otherKey = verifierKey(ORIGIN, rawPublicKey(stranger));

  it('never takes the key of one pinned log for another log of the same origin', () => {
    const entries = fixture.records.map(({ record }) => leafHash(record.entry));
    const checkpoint = signCheckpoint({ origin: ORIGIN, size: entries.length, root: rootFromLeaves(entries) }, stranger);
    const logs = [{ origin: ORIGIN, logId: 'ab'.repeat(32), verifierKey: otherKey }, pinned];
    const holds = (): boolean => verify((b) => (b.logs[0]!.checkpoint = checkpoint), { ...fixture.trust, logs }).holds;
    expect(holds).toThrow(Unreadable);
  });

  it.each([
    ['a log twice', { logs: [pinned, pinned] }],
    ['a verifier key that is none', { logs: [{ ...pinned, verifierKey: 'key' }] }],
    ['a policy that is none', { policy: 'quorum me\n' }],
    ['a policy that names logs', { policy: `log ${otherKey}\nquorum none\n` }],
    ['a map policy that is none', { mapPolicy: '' }],
    ['a witness that is a map checker too', { policy: WITNESSED, mapPolicy: WITNESSED }],
    ['a witness with the key of the log', { policy: `witness w ${cosignerVkey(logKey)}\nquorum w\n` }],
    ['a compromised key twice', { logs: [{ ...pinned, compromised: [COMPROMISED, COMPROMISED] }] }],
    ['a remembered head of no leaves', { logs: [{ ...pinned, seen: { size: '0', root: '00'.repeat(32) } }] }],
    ['an age in another spelling', { maxAgeSeconds: '060' }],
    ['an origin that is none', { logs: [{ ...pinned, origin: 'two words' }] }],
  ])('%s is unreadable', (_name, change) => {
    expect(() => verify(() => undefined, { ...fixture.trust, ...change })).toThrow(Unreadable);
  });

  it('refuses a member that stands twice, of which readers would see different ones', () => {
    const text = trustBytes.toString();
    const repeated = text.replace('"policy":', '"policy":"quorum none\\n", "policy" :');
    expect(() => verifyBundle(sealBundle(fixture.bundle), Buffer.from(repeated))).toThrow(Unreadable);
    const spaced = JSON.stringify({ ...fixture.trust, chain: { ...fixture.trust.chain, name: 'a "name": \\ in it' } }, null, 2);
    expect(verifyBundle(sealBundle(fixture.bundle), Buffer.from(spaced)).holds).toBe(true);
  });

  it('refuses more bytes than any trust file has', () => {
    expect(() => verifyBundle(sealBundle(fixture.bundle), Buffer.from(' '.repeat(2 ** 20) + trustBytes.toString()))).toThrow(
      Unreadable,
    );
  });
});

describe('a bundle that costs more to read than it is worth', () => {
  const hole = (text: string): Buffer => {
    const file = forge((b) => (b.streams[0]!.records[0]!.path = ['@']));
    return Buffer.from(file.toString().replace('["@"]', text));
  };

  it.each([
    ['many empty members', hole(`[${'{},'.repeat(3_000_000)}{}]`)],
    ['deep nesting', hole('['.repeat(3_000_000) + ']'.repeat(3_000_000))],
    ['many unknown members', Buffer.from(`{${Array.from({ length: 3_000_000 }, (_, at) => `"${at}":0`).join()}}`)],
  ])('%s is refused before it is parsed', (_name, bytes) => {
    expect(messageOf(() => verifyBundle(bytes, trustBytes))).toBe('the bundle holds more parts than a bundle can');
  });

  it('stops at the first of a million wrong elements', () => {
    const records = `[${'0,'.repeat(99_999)}0]`;
    const file = forge((b) => (b.streams = Array.from({ length: 20 }, () => ({ ...b.streams[0]!, records: [] }))));
    const bytes = Buffer.from(file.toString().replaceAll('"records":[]', `"records":${records}`));
    const start = Date.now();
    expect(() => verifyBundle(bytes, trustBytes)).toThrow(Unreadable);
    expect(Date.now() - start).toBeLessThan(5_000);
  });

  it('says at which element it stopped, in few words', () => {
    const message = messageOf(() => verify((b) => Object.assign(b.streams[1]!.records[1]!, { ['x'.repeat(10_000)]: 1 })));
    expect(message).toContain('bundle.streams.1.records.1');
    expect(message.length).toBeLessThan(200);
  });
});

describe('text that a terminal or a person would misread', () => {
  it.each<[string, (bundle: Writable<Bundle>) => void]>([
    ['a line of its own in the item', (b) => (b.item.value = 'U1: 6 records, verdict OK: holds\n')],
    ['an escape sequence in the kind', (b) => (b.item.kind = '\u001b[2K')],
    ['a block time that is none', (b) => (b.logs[0]!.anchored!.blockTime = 'yesterday')],
    ['an anchored time that is none', (b) => (b.streams[0]!.records[0]!.anchoredTime = '2026-13-01T00:00:00Z')],
    ['right to left in the finality', (b) => (b.logs[0]!.anchored!.finality = '\u202e')],
    ['a stream id that is none', (b) => (b.streams[0]!.streamId = 'asset/U1\r')],
  ])('%s is unreadable', (_name, change) => {
    expect(() => verify(change)).toThrow(Unreadable);
  });

  it('refuses a lone surrogate as unreadable', () => {
    const text = sealBundle(fixture.bundle).toString().replace('"value":"U1"', '"value":"\\ud800"');
    expect(() => verifyBundle(Buffer.from(text), trustBytes)).toThrow(Unreadable);
  });
});

describe('what only the operator could make', () => {
  it('finds nothing proven about an empty stream', () => {
    const report = verify((b) => (b.streams[1]!.records = []));
    expect(verdictOf(report, 'stream-order')).toBe('MISSING');
  });

  it('tells a record too many from one in the wrong place', () => {
    expect(verify((b) => b.streams[0]!.records.push(b.streams[0]!.records[3]!)).verdict).toBe('INSERTED');
    expect(verify((b) => b.streams[0]!.records.reverse()).verdict).toBe('REORDERED');
  });

  it('takes the opening of a log only at leaf 0 and only of this log', () => {
    const own = logStreamId(ORIGIN);
    const opened = (options: LogOptions): VerificationReport => {
      const { bundle, trust } = buildFixture(options);
      return verifyBundle(sealBundle(bundle), Buffer.from(JSON.stringify(trust)));
    };
    expect(opened({ leaves: [own, 'asset/U1'] }).holds).toBe(true);
    expect(verdictOf(opened({ leaves: ['asset/U1', own] }), 'record-header')).toBe('ALTERED');
    expect(verdictOf(opened({ leaves: [own, 'asset/U1'], opens: 'ab'.repeat(32) }), 'record-header')).toBe('ALTERED');
  });

  it('reads a log that continues another, and says what it did not check of it', () => {
    const predecessor = { logId: Buffer.alloc(32, 1), size: 1n, root: Buffer.alloc(32, 2) };
    const { bundle, trust } = buildFixture({ predecessor, prev: Buffer.alloc(32, 3) });
    const report = verifyBundle(sealBundle(bundle), Buffer.from(JSON.stringify(trust)));
    expect(report.holds).toBe(true);
    expect(report.checks).toContainEqual(
      expect.objectContaining({ id: 'stream-order', subject: `${ORIGIN} asset/U1`, result: 'NOT_CHECKED' }),
    );
  });

  it('takes no record of another log', () => {
    const { bundle, trust } = buildFixture({ leaves: ['asset/U1', { streamId: 'asset/U1', origin: 'example.org/other' }] });
    const report = verifyBundle(sealBundle(bundle), Buffer.from(JSON.stringify(trust)));
    expect(verdictOf(report, 'record-header')).toBe('ALTERED');
    expect(verdictOf(report, 'inclusion')).toBeUndefined();
  });

  it('refuses a log that no stream names', () => {
    expect(
      verdictOf(
        verify((b) => (b.streams = [])),
        'log-pinned',
      ),
    ).toBe('INSERTED');
  });
});

describe('a re-sealed change of anything that is not proven', () => {
  it('is only ever possible where a check says NOT_CHECKED', () => {
    const free = stringPlaces(fixture.bundle).filter((place) => verify((b) => turn(b, place)).holds);
    const names = new Set(free.map((place) => place.filter((step) => typeof step === 'string').join('.')));
    expect(names).toEqual(
      new Set([
        'item.kind',
        'item.value',
        'logs.anchored.height',
        'logs.anchored.blockTime',
        'logs.anchored.finality',
        'streams.records.anchoredTime',
      ]),
    );
    const reasons = verify(() => undefined).checks.filter((check) => check.result === 'NOT_CHECKED');
    expect(reasons).toContainEqual(expect.objectContaining({ id: 'completeness', subject: 'bundle' }));
    expect(reasons).toContainEqual(expect.objectContaining({ id: 'chain-head', subject: `${ORIGIN} asset/U1` }));
  });

  it('names signature lines of keys that are not pinned', () => {
    const report = verify((b) => {
      const [body] = b.logs[0]!.checkpoint.split('\n\n');
      b.logs[0]!.checkpoint += signatureLine(`${body}\n`, { name: 'example.org/witness', privateKey: stranger });
    });
    expect(report.holds).toBe(true);
    expect(report.checks).toContainEqual(
      expect.objectContaining({ id: 'checkpoint-signature', subject: ORIGIN, result: 'NOT_CHECKED' }),
    );
  });
});

type Place = readonly (string | number)[];

function stringPlaces(value: unknown, place: Place = []): Place[] {
  if (typeof value === 'string') return [place];
  if (Array.isArray(value)) return value.flatMap((element, at) => stringPlaces(element, [...place, at]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => stringPlaces(member, [...place, name]));
}

/** Another text of the same kind: a base64 stays one, a time and a number too. */
function turn(bundle: unknown, place: Place): void {
  const holder = place.slice(0, -1).reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], bundle);
  const members = holder as Record<string | number, string>;
  const last = place.at(-1) as string | number;
  members[last] = (members[last] as string).replace(/[0-9A-Za-z]/, (first) =>
    first === '1' ? '2' : /\d/.test(first) ? '1' : first === 'b' ? 'c' : first < 'a' ? 'B' : 'b',
  );
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
