import { beforeAll, describe, expect, it } from '@jest/globals';
import { DomainError, type ErrorCode } from '@countersign/kernel';
import type { Journal } from './journal.js';
import type { JournalLimits } from './config.js';
import type { LogReader } from './log-reader.js';
import { envelopeOf, OLD_PARCEL, packed, PARCEL, taken } from './parcel-fixture.js';
import { requireIntact } from './row-opening.js';
import type { MemoryUnitKeys } from './unit-keys.js';

/** A log under test. */
export interface JournalUnderTest {
  readonly journal: Journal;
  readonly reader: LogReader;
  readonly unitKeys: MemoryUnitKeys;
  /** Another journal on the same log, with nothing cached: another process. */
  another(limits?: Partial<JournalLimits>): Promise<Journal>;
}

/** What `journal.ts` promises, for every implementation. `open` is called once; each test uses streams of its own. */
export function journalContract(name: string, open: () => Promise<JournalUnderTest>): void {
  describe(`${name}: the journal`, () => {
    let log: JournalUnderTest;
    let journal: Journal;
    beforeAll(async () => {
      log = await open();
      ({ journal } = log);
    });

    const pack = (key: string, data: Parameters<typeof packed>[0] = {}) =>
      journal.execute(envelopeOf(), async (unit) => {
        (await unit.open(PARCEL, key)).append(packed(data));
        return key;
      });

    const takeOne = (on: Journal, key: string) =>
      on.execute(envelopeOf(), async (unit) => {
        const parcel = await unit.open(PARCEL, key);
        if (parcel.state.status !== 'packed' || parcel.state.pieces < 1) throw new Error('nothing left');
        parcel.append(taken(1));
        return parcel.state.pieces;
      });

    describe('appending', () => {
      it('begins every log with LogOpened at position 0', async () => {
        const [first] = await log.reader.readLog(0n, 1);
        expect(first).toMatchObject({ position: 0n, sequence: 0n, type: 'countersign.log.LogOpened.v1' });
      });

      it('stores the events of one command together, at dense positions, and folds them again', async () => {
        const before = await log.reader.size();
        const outcome = await journal.execute(envelopeOf(), async (unit) => {
          const parcel = await unit.open(PARCEL, 'together');
          expect(parcel.exists).toBe(false);
          parcel.append(packed({ contents: 'NSN 5310' }), taken(2));
          return parcel.state;
        });
        expect(outcome.replayed).toBe(false);
        expect(outcome.result).toMatchObject({ pieces: 8 });
        expect(outcome.recorded.map(({ position, sequence }) => ({ position, sequence }))).toEqual([
          { position: before, sequence: 0n },
          { position: before + 1n, sequence: 1n },
        ]);
        expect(await (await log.another()).read(PARCEL, 'together')).toEqual({
          status: 'packed',
          pieces: 8,
          contents: 'NSN 5310',
          signedBy: '',
        });
      });

      it('chains records, and later ones of a command name its first', async () => {
        const outcome = await journal.execute(envelopeOf({ causationId: 'cause-1' }), async (unit) => {
          (await unit.open(PARCEL, 'chained')).append(packed(), taken(1));
        });
        const opened = await log.reader.openRows(await log.reader.readStreamRows('parcel/chained'));
        const [first, second] = opened.map(requireIntact);
        expect(first!.header).toMatchObject({
          causationId: 'cause-1',
          correlationId: 'correlation-1',
          actor: 'pseudonym-of-clerk',
          actingFor: 'W25G1U',
        });
        expect(first!.header.prev).toBeUndefined();
        expect(second!.header.prev).toEqual(outcome.recorded[0]?.recordDigest);
        expect(second!.header.causationId).toBe(outcome.recorded[0]?.eventId);
      });

      it('appends to several streams or to none', async () => {
        await pack('first-of-two');
        const failed = journal.execute(envelopeOf(), async (unit) => {
          (await unit.open(PARCEL, 'first-of-two')).append(taken(1));
          (await unit.open(PARCEL, 'second-of-two')).append({
            type: 'PieceTaken',
            data: { pieces: 1, unknown: 'field' },
          } as never);
        });
        expect(await codeOf(() => failed)).toBe('FIELD_INVALID');
        expect(await journal.read(PARCEL, 'first-of-two')).toMatchObject({ pieces: 10 });
        expect(await journal.read(PARCEL, 'second-of-two')).toBeUndefined();
      });

      it.each(['', 'nul\0', 'x'.repeat(257)])('refuses %j as a natural key or an organisation', async (text) => {
        const packAs = (uii: string, organisationId: string) => () =>
          journal.execute(envelopeOf(), async (unit) => {
            const parcel = await unit.open(PARCEL, 'named');
            parcel.append(packed({ uii }));
            parcel.share(organisationId);
          });
        expect(await codeOf(packAs(text, 'carrier'))).toBe('FIELD_INVALID');
        expect(await codeOf(packAs('U', text))).toBe('FIELD_INVALID');
        expect(await journal.read(PARCEL, 'named')).toBeUndefined();
      });

      it('stores nothing of a decision that throws', async () => {
        const size = await log.reader.size();
        const failed = journal.execute(envelopeOf(), async (unit) => {
          (await unit.open(PARCEL, 'thrown')).append(packed());
          throw new RangeError('refused');
        });
        await expect(failed).rejects.toBeInstanceOf(RangeError);
        expect(await log.reader.size()).toBe(size);
      });

      it('opens a stream once per command', async () => {
        const outcome = await journal.execute(envelopeOf(), async (unit) => {
          (await unit.open(PARCEL, 'opened-twice')).append(packed());
          return (await unit.open(PARCEL, 'opened-twice')).state;
        });
        expect(outcome.result).toMatchObject({ pieces: 10 });
      });

      it.each(['', 'a b', 'nul\0', 'é', 'x'.repeat(200)])('refuses the stream key %j', async (key) => {
        expect(await codeOf(() => journal.read(PARCEL, key))).toBe('FIELD_INVALID');
      });
    });

    describe('a repeated command', () => {
      it('gives the stored outcome, whatever would be decided now', async () => {
        const envelope = envelopeOf();
        const first = await journal.execute(envelope, async (unit) => {
          (await unit.open(PARCEL, 'repeated')).append(packed());
          return { pieces: 10 };
        });
        const another = await log.another();
        const again = await another.execute(envelope, async (unit) => {
          (await unit.open(PARCEL, 'repeated')).append(packed({ pieces: 99 }));
          (await unit.open(PARCEL, 'never-begun')).append(packed());
          return { pieces: 99 };
        });
        expect(again).toEqual({ ...first, replayed: true });
        const refused = another.execute(envelope, () => Promise.reject(new DomainError('FIELD_INVALID')));
        expect(await refused).toEqual(again);
        expect(await another.read(PARCEL, 'never-begun')).toBeUndefined();
      });

      it('is refused if the request differs, whoever the process', async () => {
        const envelope = envelopeOf();
        await journal.execute(envelope, () => Promise.resolve(1));
        const changed = { ...envelope, request: Buffer.from('another request') };
        expect(await codeOf(() => journal.execute(changed, () => Promise.resolve(2)))).toBe('COMMAND_ID_REUSED');
      });

      it('of another principal is another command', async () => {
        const envelope = envelopeOf();
        await journal.execute(envelope, () => Promise.resolve(1));
        const other = await journal.execute({ ...envelope, actor: { ...envelope.actor, principalId: 'other' } }, () =>
          Promise.resolve(2),
        );
        expect(other).toEqual({ result: 2, recorded: [], replayed: false });
      });

      it('is recorded even if it appended nothing', async () => {
        const envelope = envelopeOf();
        await journal.execute(envelope, () => Promise.resolve({ known: true }));
        expect(await journal.execute(envelope, () => Promise.resolve({ known: false }))).toEqual({
          result: { known: true },
          recorded: [],
          replayed: true,
        });
      });

      it('sent many times at once is recorded once, also where the second decision would fail', async () => {
        const envelope = envelopeOf();
        const decide = async (unit: Parameters<Parameters<Journal['execute']>[1]>[0]) => {
          const parcel = await unit.open(PARCEL, 'at-once');
          if (parcel.exists) throw new Error('packed already');
          parcel.append(packed());
          return 'packed';
        };
        const outcomes = await Promise.all(Array.from({ length: 8 }, () => journal.execute(envelope, decide)));
        expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
        expect(new Set(outcomes.map(({ recorded }) => recorded[0]?.eventId)).size).toBe(1);
        expect(await log.reader.readStreamRows('parcel/at-once')).toHaveLength(1);
      });

      it('that overtook this one gives the outcome, although the decision fails on what it stored', async () => {
        const envelope = envelopeOf();
        let release: () => void = () => undefined;
        const held = new Promise<void>((resolve) => (release = resolve));
        const packOnce = async (unit: Parameters<Parameters<Journal['execute']>[1]>[0]) => {
          const parcel = await unit.open(PARCEL, 'overtaken');
          if (parcel.exists) throw new RangeError('packed already');
          parcel.append(packed());
        };
        const slow = journal.execute(envelope, async (unit) => packOnce((await held, unit)));
        const quick = await journal.execute(envelope, packOnce);
        release();
        expect(await slow).toEqual({ ...quick, replayed: true });
      });

      it.each(['', 'x'.repeat(65), 'with space', 'nul\0'])('needs an id that is none of %j', async (commandId) => {
        expect(await codeOf(() => journal.execute(envelopeOf({ commandId }), () => Promise.resolve(1)))).toBe('FIELD_INVALID');
      });
    });

    describe('commands that meet', () => {
      it('on one stream never lose an update', async () => {
        await pack('contended', { pieces: 20 });
        const others = [journal, await log.another(), await log.another()];
        const outcomes = await Promise.all(
          Array.from({ length: 18 }, (_, index) => takeOne(others[index % 3] ?? journal, 'contended')),
        );
        expect(new Set(outcomes.map(({ result }) => result)).size).toBe(18);
        expect(await journal.read(PARCEL, 'contended')).toMatchObject({ pieces: 2 });
      });

      it('are told VERSION_CONFLICT when the attempts are used up', async () => {
        await pack('impatient');
        const impatient = await log.another({ attemptsMax: 1 });
        const stale = impatient.execute(envelopeOf(), async (unit) => {
          const parcel = await unit.open(PARCEL, 'impatient');
          await takeOne(journal, 'impatient');
          parcel.append(taken(1));
        });
        expect(await codeOf(() => stale)).toBe('VERSION_CONFLICT');
        expect(await journal.read(PARCEL, 'impatient')).toMatchObject({ pieces: 9 });
      });

      it('cannot both rest on a state that the other one changes', async () => {
        await pack('skew-a', { pieces: 1 });
        await pack('skew-b', { pieces: 1 });
        // The rule: at least one of both keeps its piece.
        const takeUnlessLast = async (from: string, other: string): Promise<string> => {
          const { result } = await journal.execute(envelopeOf(), async (unit) => {
            const kept = await unit.open(PARCEL, other);
            const parcel = await unit.open(PARCEL, from);
            if (kept.state.status === 'packed' && kept.state.pieces === 0) return 'refused';
            parcel.append(taken(1));
            return 'taken';
          });
          return result;
        };
        const results = await Promise.all([takeUnlessLast('skew-a', 'skew-b'), takeUnlessLast('skew-b', 'skew-a')]);
        expect(results.sort()).toEqual(['refused', 'taken']);
      });

      it('are refused when too many are under way', async () => {
        const narrow = await log.another({ commandsInFlightMax: 1 });
        let release: () => void = () => undefined;
        const held = new Promise<void>((resolve) => (release = resolve));
        const first = narrow.execute(envelopeOf(), () => held);
        expect(await codeOf(() => narrow.execute(envelopeOf(), () => Promise.resolve()))).toBe('OVERLOADED');
        release();
        await first;
        await narrow.execute(envelopeOf(), () => Promise.resolve());
      });
    });

    describe('a consumed message', () => {
      const consume = (subject: string, sequence: bigint, eventId = `${subject}-${sequence}`) =>
        journal.execute(
          envelopeOf(),
          async (unit) => (await unit.open(PARCEL, `inbox-${subject}-${sequence}`)).append(packed()),
          {
            inbox: { source: 'countersign.example/other', eventId, subject, sequence },
          },
        );

      it('has its effect once', async () => {
        await consume('order/1', 0n);
        expect(await codeOf(() => consume('order/1', 0n))).toBe('MESSAGE_CONSUMED');
        expect(await codeOf(() => consume('order/1', 1n, 'order/1-0'))).toBe('MESSAGE_CONSUMED');
        await consume('order/1', 1n);
      });

      it('waits for the ones before it', async () => {
        expect(await codeOf(() => consume('order/2', 1n))).toBe('MESSAGE_GAP');
        await consume('order/2', 0n);
        await consume('order/2', 1n);
        expect(await codeOf(() => consume('order/2', 3n))).toBe('MESSAGE_GAP');
        expect(await codeOf(() => consume('order/2', 0n, 'another-id'))).toBe('MESSAGE_CONSUMED');
      });

      it('delivered twice at once has its effect once', async () => {
        const outcomes = await Promise.allSettled([consume('order/3', 0n), consume('order/3', 0n), consume('order/3', 0n)]);
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await log.reader.readStreamRows('parcel/inbox-order/3-0')).toHaveLength(1);
      });

      it('that another command consumed meanwhile is consumed, although the decision fails on what that one stored', async () => {
        const inbox = { source: 'countersign.example/other', eventId: 'order/6-0', subject: 'order/6', sequence: 0n };
        const packOnce = async (unit: Parameters<Parameters<Journal['execute']>[1]>[0]) => {
          const parcel = await unit.open(PARCEL, 'consumed-meanwhile');
          if (parcel.exists) throw new RangeError('packed already');
          parcel.append(packed());
        };
        let release: () => void = () => undefined;
        const held = new Promise<void>((resolve) => (release = resolve));
        let decides: () => void = () => undefined;
        const deciding = new Promise<void>((resolve) => (decides = resolve));
        const slow = journal.execute(envelopeOf(), async (unit) => packOnce((decides(), await held, unit)), { inbox });
        await deciding;
        await journal.execute(envelopeOf(), packOnce, { inbox });
        release();
        expect(await codeOf(() => slow)).toBe('MESSAGE_CONSUMED');
      });

      it.each(['', 'nul\0', 'a b'])('is refused if it names %j', async (text) => {
        const inbox = { source: 'countersign.example/other', eventId: 'e', subject: 'order/5', sequence: 0n };
        for (const name of ['source', 'eventId', 'subject']) {
          expect(
            await codeOf(() => journal.execute(envelopeOf(), () => Promise.resolve(), { inbox: { ...inbox, [name]: text } })),
          ).toBe('FIELD_INVALID');
        }
      });

      it('is not consumed if its decision fails', async () => {
        const inbox = { source: 'countersign.example/other', eventId: 'e', subject: 'order/4', sequence: 0n };
        await expect(journal.execute(envelopeOf(), () => Promise.reject(new RangeError()), { inbox })).rejects.toBeInstanceOf(
          RangeError,
        );
        await journal.execute(envelopeOf(), () => Promise.resolve(), { inbox });
      });
    });

    describe('confidential fields', () => {
      it('stand in disclosures only, each group under one key a stream', async () => {
        await pack('secret', { contents: 'night sights', signedBy: 'somebody' });
        await pack('secret-2', { contents: 'night sights' });
        const [row] = await log.reader.readStreamRows('parcel/secret');
        expect(Buffer.concat([row!.header, row!.entry, row!.disclosures]).includes('night sights')).toBe(false);
        const opened = await log.reader.openRow(row!);
        expect(opened.data).toEqual({ uii: 'D1SUP00000001', pieces: 10, contents: 'night sights', signedBy: 'somebody' });
        expect(opened.disclosures.map(({ group }) => group).sort()).toEqual(['logistics', 'person']);
      });

      it('of an erasable group never reach a decision, so erasing changes no state', async () => {
        await pack('erased', { contents: 'tools', signedBy: 'somebody' });
        const state = { status: 'packed', pieces: 10, contents: 'tools', signedBy: '' };
        expect(await journal.read(PARCEL, 'erased')).toEqual(state);
        const [row] = await log.reader.readStreamRows('parcel/erased');
        await destroyKey(log, row!, 'person');
        expect(await (await log.another()).read(PARCEL, 'erased')).toEqual(state);
        const opened = await log.reader.openRow(row!);
        expect(opened).toMatchObject({ altered: [], missing: [], consistent: true });
        expect(opened.withheld).toHaveLength(1);
        expect(opened.data).not.toHaveProperty('signedBy');
      });

      it('that folding needs and cannot open stop it, and no new key takes their place', async () => {
        await pack('keyless', { contents: 'tools' });
        const [row] = await log.reader.readStreamRows('parcel/keyless');
        await destroyKey(log, row!, 'logistics');
        expect(await codeOf(async () => (await log.another()).read(PARCEL, 'keyless'))).toBe('UNIT_KEY_MISSING');
        expect(await codeOf(() => pack('keyless', { contents: 'more' }))).toBe('UNIT_KEY_MISSING');
      });
    });

    describe('reading', () => {
      it('stops at an event type it does not know', async () => {
        await journal.execute(envelopeOf(), async (unit) => (await unit.open(PARCEL, 'newer')).append(packed(), taken(1)));
        expect(await codeOf(async () => (await log.another()).read(OLD_PARCEL, 'newer'))).toBe('EVENT_TYPE_UNKNOWN');
      });

      it('gives a stream to those who began it or were given it', async () => {
        await journal.execute(envelopeOf(), async (unit) => {
          const parcel = await unit.open(PARCEL, 'shared');
          parcel.append(packed({ uii: 'UII-SHARED' }), taken(1, 'NSN-SHARED'));
          parcel.share('carrier');
        });
        await journal.execute(envelopeOf(), async (unit) =>
          (await unit.open(PARCEL, 'unshared')).append(packed({ uii: 'UII-OTHER' }), taken(1, 'NSN-SHARED')),
        );
        expect(await journal.mayRead('parcel/shared', 'depot')).toBe(true);
        expect(await journal.mayRead('parcel/shared', 'carrier')).toBe(true);
        expect(await journal.mayRead('parcel/shared', 'stranger')).toBe(false);
        expect(await journal.mayRead('parcel/shared\0', 'depot')).toBe(false);
        const find = async (...args: Parameters<LogReader['findStreams']>) =>
          (await log.reader.findStreams(...args)).map(({ streamId }) => streamId);
        expect(await find([{ kind: 'nsn', value: 'NSN-SHARED' }], 'all')).toEqual(['parcel/shared', 'parcel/unshared']);
        expect(await find([{ kind: 'nsn', value: 'NSN-SHARED' }], { organisationId: 'carrier' })).toEqual(['parcel/shared']);
        expect(await find([{ kind: 'nsn', value: 'NSN-SHARED' }], { organisationId: 'stranger' })).toEqual([]);
        expect(await find([{ kind: 'uii', value: 'NSN-SHARED' }], 'all')).toEqual([]);
        expect(await find([{ kind: 'nsn', value: '\0' }], 'all')).toEqual([]);
        const [found] = await log.reader.findStreams(
          [
            { kind: 'uii', value: 'UII-SHARED' },
            { kind: 'nsn', value: 'NSN-SHARED' },
          ],
          { organisationId: 'depot' },
        );
        expect(found).toMatchObject({ streamId: 'parcel/shared', identified: true });
        expect(found?.keys).toEqual(
          expect.arrayContaining([
            { kind: 'uii', value: 'UII-SHARED', role: 'identifies' },
            { kind: 'nsn', value: 'NSN-SHARED', role: 'mentions' },
          ]),
        );
      });

      it('gives a stream to nobody for appending to it, and to no service', async () => {
        const appendAs = (key: string, actor: Parameters<typeof envelopeOf>[1]) =>
          journal.execute(envelopeOf({}, actor), async (unit) => {
            const parcel = await unit.open(PARCEL, key);
            parcel.append(parcel.exists ? taken(1) : packed());
            return null;
          });
        await appendAs('of-the-depot', {});
        await appendAs('of-the-depot', { principalId: 'other', organisationId: 'carrier' });
        await appendAs('of-a-service', { principalId: 'service-test', organisationId: 'operator', roles: ['service'] });
        const readers = ['depot', 'carrier', 'operator'];
        const readable = async (streamId: string) =>
          Promise.all(readers.map((organisation) => journal.mayRead(streamId, organisation)));
        expect(await readable('parcel/of-the-depot')).toEqual([true, false, false]);
        expect(await readable('parcel/of-a-service')).toEqual([false, false, false]);
      });

      it('sees every position once, in order', async () => {
        const size = await log.reader.size();
        const rows = await log.reader.readLog(0n, Number(size) + 10);
        expect(rows.map(({ position }) => position)).toEqual(Array.from({ length: Number(size) }, (_, index) => BigInt(index)));
        expect(await log.reader.readLog(size, 10)).toEqual([]);
        expect(await log.reader.readStreamRows('parcel/nobody')).toEqual([]);
      });
    });
  });
}

async function destroyKey(log: JournalUnderTest, row: Parameters<LogReader['openRow']>[0], group: string): Promise<void> {
  const before = await log.reader.openRow(row);
  const digest = before.disclosures.find((disclosure) => disclosure.group === group)!.digest;
  // An envelope is version(1), key id(16), digest(32), …
  const at = Buffer.from(row.disclosures).indexOf(digest);
  log.unitKeys.destroy(row.disclosures.subarray(at - 16, at));
}

async function codeOf(action: () => unknown): Promise<ErrorCode | undefined> {
  try {
    await action();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  return undefined;
}
