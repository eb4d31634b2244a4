/**
 * Writes the golden records of a service that are missing: `npm run golden -w services/inventory`. What is there is never written over;
 * a file that has to change means that a published event type would change, and that needs a new version instead (docs/evolution.md).
 */
import './typescript-hooks.mjs';

const service = process.argv[2];
if (service === undefined) throw new Error('Usage: golden-records.mjs <service>');
const { GOLDEN_RECORDS } = await import(`../services/${service}/src/testing/golden-records.ts`);
const { openGoldenRecords } = await import('../libs/event-log/src/index.ts');
const golden = await openGoldenRecords(GOLDEN_RECORDS);
const written = await golden.writeMissing();
for (const type of written) console.log(`written: ${type}`);
for (const type of golden.changed) console.error(`CHANGED while its type stayed: ${type}`);
for (const type of golden.orphaned) console.error(`nobody knows it any more: ${type}`);
console.log(`${service}: ${golden.types.length} versions, ${written.length} records written`);
process.exitCode = golden.changed.length + golden.orphaned.length === 0 ? 0 : 1;
