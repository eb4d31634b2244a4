import type { VariantOptions } from './variant.js';
import { VARIANTS } from './variants.js';

/** `node dist/run-variant.js <name> <options as JSON>`: measures one variant in this process. */
async function main(): Promise<void> {
  const [name = '', options = '{}'] = process.argv.slice(2);
  const load = VARIANTS[name];
  if (load === undefined) throw new Error(`no variant is called ${name}`);
  const measure = await load();
  const measurement = await measure(JSON.parse(options) as VariantOptions);
  // Whatever a peer's library keeps open must not keep this process: its number is complete.
  process.stdout.write(`${JSON.stringify(measurement)}\n`, () => process.exit(0));
}

await main();
