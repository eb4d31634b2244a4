import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readUpTo, writePrivately } from './files.js';

/** The command as a process: exit code 1 says that evidence does not hold, so nothing else may end with it. */

const root = fileURLToPath(new URL('../../..', import.meta.url));
const main = path.join(root, 'tools/cli/src/main.ts');
const hooks = path.join(root, 'scripts/typescript-hooks.mjs');

let folder = '';
const file = (name: string): string => path.join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-cli-'));
  const vector = JSON.parse(readFileSync(path.join(root, 'vectors/bundle.json'), 'utf8')) as { bundle: string; trust: unknown };
  writeFileSync(file('bundle.json'), vector.bundle);
  writeFileSync(file('sealed-again.json'), vector.bundle.replace('"height":"12"', '"height":"13"'));
  writeFileSync(file('trust.json'), JSON.stringify(vector.trust));
  writeFileSync(file('aged.json'), JSON.stringify({ ...(vector.trust as object), maxAgeSeconds: '60' }));
  writeFileSync(file('ed25519.pem'), pemOf(generateKeyPairSync('ed25519').privateKey));
  writeFileSync(file('p256.pem'), pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function pemOf(key: KeyObject): string | Buffer {
  return key.export({ type: 'pkcs8', format: 'pem' });
}

/** Runs in a shell, so that a test can close the pipe or fill the device that the command writes to. */
function countersign(args: string, then = ''): SpawnSyncReturns<string> {
  const command = `'${process.execPath}' --import '${hooks}' '${main}' ${args} ${then}`;
  return spawnSync('bash', ['-c', `set -o pipefail; ${command}`], { cwd: folder, encoding: 'utf8' });
}

describe('countersign', () => {
  it.each([
    ['a bundle that holds', 'verify bundle.json --trust trust.json', '', 0],
    ['a bundle that does not', 'verify sealed-again.json --trust trust.json', '', 1],
    ['a reader that stops at the first line', 'verify bundle.json --trust trust.json --json', '| head -1', 0],
    ['a full disk', 'verify bundle.json --trust trust.json', '> /dev/full', 2],
    ['a file that never ends', 'verify /dev/zero --trust trust.json', '', 2],
    ['a trust file that never ends', 'verify bundle.json --trust /dev/zero', '', 2],
    ['a folder', 'verify . --trust trust.json', '', 2],
    ['no trust file', 'verify bundle.json', '', 2],
    ['evidence that is too old', 'verify bundle.json --trust aged.json --at 2026-12-01T00:00:00Z', '', 1],
    ['a time that is none', 'verify bundle.json --trust aged.json --at yesterday', '', 2],
    ['a signed report', 'verify bundle.json --trust trust.json --sign ed25519.pem', '| grep -q signature', 0],
    ['a key of another kind', 'verify bundle.json --trust trust.json --sign p256.pem', '', 2],
    ['a key that is none', 'verify bundle.json --trust trust.json --sign trust.json', '', 2],
    ['an unknown command', 'forge', '', 2],
    ['a profile that is none', 'audit --trust trust.json --profile trust.json', '', 2],
    ['a rebuild of nothing', 'projection rebuild', '', 2],
    ['a comparison without a platform', 'projection compare stock-on-hand --profile trust.json', '', 2],
    ['help about read models', 'projection --help', '', 0],
    ['help', '--help', '', 0],
  ])('ends with the code for %s and without a stack trace', (_name, args, then, code) => {
    const { status, stderr } = countersign(args, then);
    expect({ status, trace: /^ +at /m.test(stderr) }).toEqual({ status: code, trace: false });
  });

  it('prints nothing that a terminal acts on', () => {
    writeFileSync(file('escapes.json'), readFileSync(file('bundle.json'), 'utf8').replace('"uii"', '"\\u001b[2K\\nuii: holds"'));
    const { status, stdout, stderr } = countersign(`verify escapes.json --trust $'no\\e[31m such\\n file'`);
    expect(status).toBe(2);
    expect(`${stdout}${stderr}`.trimEnd()).toMatch(/^[ -~]+$/);
  });
});

describe('files', () => {
  it('reads no more than a byte beyond the limit', () => {
    expect(readUpTo('/dev/zero', 100, 'a device').length).toBe(101);
    expect(readUpTo(file('trust.json'), 2 ** 20, 'the trust file')).toEqual(readFileSync(file('trust.json')));
  });

  it('writes for the owner only, over a file that was there too', () => {
    writeFileSync(file('old.json'), 'a longer text than before', { mode: 0o644 });
    for (const name of ['new.json', 'old.json']) {
      writePrivately(file(name), Buffer.from('secret'));
      expect(lstatSync(file(name)).mode & 0o777).toBe(0o600);
      expect(readFileSync(file(name), 'utf8')).toBe('secret');
    }
  });

  it('writes through no link and to no device', () => {
    writeFileSync(file('victim'), 'untouched');
    symlinkSync(file('victim'), file('link.json'));
    mkdirSync(file('folder'));
    for (const name of ['link.json', 'folder', 'no-such-folder/new.json', '/dev/null']) {
      expect(() => writePrivately(path.resolve(folder, name), Buffer.from('secret'))).toThrow('cannot write');
    }
    expect(readFileSync(file('victim'), 'utf8')).toBe('untouched');
    expect(lstatSync('/dev/null').mode & 0o777).toBe(0o666);
  });
});
