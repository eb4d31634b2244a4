/** `npm run parts`: keeps the test parts running until Ctrl-C, so that a test run need not start them each time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../scripts/typescript-hooks.mjs';
import { ADDRESSES } from './global-setup.mjs';

const { startTestParts } = await import('../../../tools/stack/src/test-parts.ts');
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-parts-'));
const parts = await startTestParts(dataDir, Object.keys(ADDRESSES));
for (const [part, address] of Object.entries(parts.addresses)) process.stdout.write(`export ${ADDRESSES[part]}='${address}'\n`);

const stop = async () => {
  await parts.stop();
  rmSync(dataDir, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void stop());
