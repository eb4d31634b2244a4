import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ITEM } from '../story-facts.js';
import { countersign, type CommandResult } from './command-line.js';
import { countersignCommands } from './readme-commands.js';
import type { StoryRun } from './story-run.js';
import { asSuperuser } from './superuser.js';

const LIMIT_MS = 60_000;
const TRUST = '.countersign/public/trust.json';
const BUNDLE = 'item.bundle.json';
const README_COMMANDS = countersignCommands();
/** Where a byte of the bundle is changed, as a share of its length. */
const FLIPPED_AT = [0, 0.001, 0.2, 0.4, 0.6, 0.8, 0.9999];

/** `countersign` as an auditor uses it, by exit code. */
export function commandLineSuite(run: () => StoryRun): void {
  const call = (...args: readonly string[]): Promise<CommandResult> => countersign(run().folder, args);
  const file = (name: string): string => path.join(run().folder, name);

  beforeAll(() => writeFileSync(file(BUNDLE), run().outcome.bundle));

  describe('as the README tells', () => {
    it.each(README_COMMANDS.map((args) => [args.join(' '), args] as const))(
      'countersign %s',
      async (_line, args) => {
        const { exitCode, stdout, stderr } = await call(...args);
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
        expect(stdout).toMatch(/hold|records of/);
      },
      LIMIT_MS,
    );
  });

  it(
    'prints the same as JSON',
    async () => {
      const [trace, verified] = await Promise.all([
        call('trace', ITEM, '--json'),
        call('verify', BUNDLE, '--trust', TRUST, '--json'),
      ]);
      const { events } = JSON.parse(trace.stdout) as { events: readonly { verdict: string }[] };
      expect(events).toHaveLength(run().outcome.report.dossier.events.length);
      expect(new Set(events.map(({ verdict }) => verdict))).toEqual(new Set(['OK']));
      expect(JSON.parse(verified.stdout)).toMatchObject({ holds: true, failed: 0 });
    },
    LIMIT_MS,
  );

  it(
    'follows a log from its beginning to its end, and tells how far it is',
    async () => {
      const { exitCode, stdout, stderr } = await call('tail', 'inventory', '--from', '0', '--until-head', '--json');
      expect(exitCode).toBe(0);
      const lines = (text: string): unknown[] =>
        text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown);
      const records = lines(stdout) as { position: string; header: { subject: string }; streamId: string }[];
      expect(records.map(({ position }) => Number(position))).toEqual(records.map((_, index) => index));
      expect(records.filter(({ header, streamId }) => header.subject !== streamId)).toEqual([]);
      expect(records.map(({ streamId }) => streamId)).toContain(`asset/${ITEM}`);
      expect(lines(stderr).at(-1)).toMatchObject({ heartbeat: { nextPosition: String(records.length) } });
    },
    LIMIT_MS,
  );

  describe('that does not hold', () => {
    it.each(FLIPPED_AT)(
      'ends with 1 or 2 when the byte at %d of a bundle is changed',
      async (share) => {
        const bytes = readFileSync(file(BUNDLE));
        const at = Math.floor(bytes.length * share);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        const name = `flipped-${share}.json`;
        writeFileSync(file(name), bytes);
        const { exitCode, stderr } = await call('verify', name, '--trust', TRUST);
        expect([1, 2]).toContain(exitCode);
        expect(stderr).not.toMatch(/\n\s+at /);
      },
      LIMIT_MS,
    );

    it(
      'ends with 1 while a stored record is changed, and names it',
      async () => {
        const flip = (): Promise<unknown> =>
          asSuperuser(run(), 'inventory', async (client) => {
            await client.query('alter table event_log.event disable trigger all');
            await client.query(
              'update event_log.event set header = set_byte(header, 100, get_byte(header, 100) # 1) where stream_id = $1 and sequence = 2',
              [`asset/${ITEM}`],
            );
            await client.query('alter table event_log.event enable always trigger event_append_only');
          });
        await flip();
        const [audit, trace] = await Promise.all([call('audit', '--json'), call('trace', ITEM)]);
        await flip();
        expect([audit.exitCode, trace.exitCode]).toEqual([1, 1]);
        expect(trace.stdout).toMatch(/ALTERED: the stored header is not the one that was committed/);
        const findings = [expect.objectContaining({ verdict: 'ALTERED', streamId: `asset/${ITEM}` })];
        expect(JSON.parse(audit.stdout)).toMatchObject({
          holds: false,
          logs: [{ findings: [] }, { findings }, { findings: [] }],
        });
      },
      LIMIT_MS,
    );
  });

  describe('that cannot be read', () => {
    beforeAll(() => {
      writeFileSync(file('empty.json'), '');
      writeFileSync(file('text.json'), 'no bundle');
      writeFileSync(file('list.json'), '[]');
      const profile = JSON.parse(readFileSync(run().outcome.profileFile, 'utf8')) as Record<string, unknown>;
      const nowhere = {
        ...profile,
        identity: '127.0.0.1:1',
        keyFile: path.join(path.dirname(run().outcome.profileFile), String(profile['keyFile'])),
      };
      writeFileSync(file('nowhere.json'), JSON.stringify(nowhere));
    });

    it.each([
      ['no command', []],
      ['an unknown command', ['destroy']],
      ['an unknown option', ['audit', '--fast']],
      ['no bundle', ['verify', '--trust', TRUST]],
      ['no trust file', ['verify', BUNDLE]],
      ['an empty bundle', ['verify', 'empty.json', '--trust', TRUST]],
      ['a bundle that is none', ['verify', 'text.json', '--trust', TRUST]],
      ['a bundle that is a list', ['verify', 'list.json', '--trust', TRUST]],
      ['a bundle that is not there', ['verify', 'none.json', '--trust', TRUST]],
      ['an empty trust file', ['verify', BUNDLE, '--trust', 'empty.json']],
      ['a bundle in place of the trust file', ['verify', BUNDLE, '--trust', BUNDLE]],
      ['a trust file that is not there', ['audit', '--trust', 'none.json']],
      ['a profile that is not there', ['trace', ITEM, '--profile', 'none.json']],
      ['a platform that does not answer', ['audit', '--profile', 'nowhere.json']],
      ['an item nobody knows', ['trace', 'DD9X91NOTHING']],
      ['a proof of an item nobody knows', ['proof', 'DD9X91NOTHING', '-o', 'nothing.json']],
      ['a proof without a file', ['proof', ITEM]],
      ['a service without a log', ['tail', 'anchoring']],
      ['a resume token that is none', ['tail', 'inventory', '--resume', 'AAAA']],
      ['a position beyond the log', ['tail', 'inventory', '--from', '999999999']],
    ])('ends with 2 for %s, in words', async (_name, args) => {
      const { exitCode, stderr } = await call(...args);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/\S/);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(existsSync(file('nothing.json'))).toBe(false);
    });

    it('explains itself', async () => {
      const { exitCode, stdout } = await call('--help');
      expect(exitCode).toBe(0);
      for (const word of ['verify', 'audit', 'trace', 'proof', 'tail', '0 = holds', '1 = does not hold', '2 = unreadable']) {
        expect(stdout).toContain(word);
      }
    });
  });
}
