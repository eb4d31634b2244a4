/**
 * Starts the real parts once for a whole test run, and only those that the chosen tests need.
 * Their addresses go to the tests as COUNTERSIGN_TEST_*; a part whose address is set already is used as it is.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { neededParts } from './needed-parts.mjs';

export const ADDRESSES = {
  postgres: 'COUNTERSIGN_TEST_POSTGRES_URL',
  kafka: 'COUNTERSIGN_TEST_KAFKA_BROKERS',
  chain: 'COUNTERSIGN_TEST_CHAIN_RPC_URL',
};

export default async function startPartsOnce(globalConfig) {
  const missing = [...neededParts(globalConfig)].filter((part) => (process.env[ADDRESSES[part]] ?? '') === '');
  if (missing.length === 0) return;
  await import('../typescript-hooks.mjs');
  const { startTestParts } = await import('../../tools/stack/src/test-parts.ts');
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  const parts = await startTestParts(dataDir, missing);
  globalThis.countersignTestParts = { parts, dataDir };
  for (const [part, address] of Object.entries(parts.addresses)) process.env[ADDRESSES[part]] = address;
}
