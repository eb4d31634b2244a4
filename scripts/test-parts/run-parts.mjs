/**
 * `npm run parts`: keeps the test parts running until Ctrl-C, so that a test run need not start them each time; prints
 * the addresses to export. `npm run parts -- <data directory> [part…]` uses and keeps that directory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../typescript-hooks.mjs';
import { ADDRESSES } from './global-setup.mjs';

const { startTestParts } = await import('../../tools/stack/src/test-parts.ts');
const { stopOnSignals } = await import('../../tools/stack/src/stop-on-signals.ts');

const [givenDir, ...names] = process.argv.slice(2);
const dataDir = givenDir ?? mkdtempSync(join(tmpdir(), 'countersign-parts-'));
try {
  const starting = startTestParts(dataDir, names.length > 0 ? names : Object.keys(ADDRESSES));
  // Before the first part runs: a signal that comes while they start must stop what was started.
  stopOnSignals(async () => {
    const started = await starting.catch(() => undefined);
    await started?.stop();
    if (givenDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  });
  const parts = await starting;
  for (const [part, address] of Object.entries(parts.addresses)) process.stdout.write(`export ${ADDRESSES[part]}='${address}'\n`);
  process.stdout.write('ready\n');
} catch (error) {
  if (error.name !== 'StackError') throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
