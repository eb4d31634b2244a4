import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '@countersign/observability';
import { serveSizes, type ServedSizes } from '../testing/served-sizes.js';
import type { ServedTree } from './served-tree.js';
import { openStaticDoor } from './static-door.js';

/** A client in Go on the checksum database's own libraries; not one line of ours is in it. */
const SOURCES = join(import.meta.dirname, '../../../../verifiers/go-tlog');
const SIZES = [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 100_000];
const SAMPLES = 40;
const notRun = whyNotRun();

jest.setTimeout(60_000);

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

(notRun === undefined ? describe : describe.skip)(
  `a foreign tlog client${notRun === undefined ? '' : `: SKIPPED, ${notRun}`}`,
  () => {
    let folder: string;
    let served: ServedSizes;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'countersign-go-tlog-'));
      execFileSync('go', ['build', '-o', join(folder, 'client'), '.'], { cwd: SOURCES, stdio: 'pipe' });
      served = await serveSizes(SIZES);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    /** Runs the client against the trees, each under its own prefix. */
    async function open(trees: readonly ServedTree[], verifierKey = served.verifierKey): Promise<Outcome> {
      const door = await openStaticDoor({ host: '127.0.0.1', port: 0, trees, tiles: served.tiles, logger: silentLogger });
      const options = ['-base', door.url, '-vkey', verifierKey, '-samples', String(SAMPLES)];
      const outcome = await run(join(folder, 'client'), [...options, ...trees.map(({ logId }) => logId)]);
      await door.close();
      return outcome;
    }

    it('opens trees of every size, proves their entries, and sees each extend the one before', async () => {
      const { code, stdout, stderr } = await open(served.trees);
      expect([code, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toMatchObject({
        trees: SIZES.length,
        entries: SIZES.reduce((sum, size) => sum + size, 0),
        inclusion: SIZES.length * (SAMPLES + 2),
        consistency: SIZES.length - 1,
      });
    });

    it('refuses an entry, a checkpoint, a key and a history that are not the log’s', async () => {
      const [two, many] = [served.trees[1]!, served.trees[4]!];
      const altered = (from: number, to: number): Promise<Buffer[]> =>
        Promise.resolve(served.entries.slice(from, to).map((entry, index) => (from + index === 200 ? flipped(entry) : entry)));
      expect(await open([{ ...many, entries: altered }])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/do not hash to the signed root/),
      });
      const note = (await many.checkpoint()).replace('\n257\n', '\n256\n');
      expect(await open([{ ...many, checkpoint: () => note }])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/invalid signature/),
      });
      expect(await open([many], (await serveSizes([1])).verifierKey)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/checkpoint/),
      });
      expect(await open([many, two])).toMatchObject({ code: 1, stderr: expect.stringMatching(/proof from size 257/) });
    });
  },
);

function flipped(entry: Buffer): Buffer {
  const copy = Buffer.from(entry);
  copy[104] = 1;
  return copy;
}

function run(program: string, options: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(program, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** It is a peer to compare with: without the Go toolchain and its pinned module nothing of ours is untested but this. */
function whyNotRun(): string | undefined {
  try {
    execFileSync('go', ['version'], { stdio: 'pipe' });
  } catch {
    return 'no go on the path';
  }
  try {
    execFileSync('go', ['mod', 'download'], { cwd: SOURCES, stdio: 'pipe', timeout: 20_000 });
    return undefined;
  } catch {
    return 'its module is neither here nor to be had';
  }
}
