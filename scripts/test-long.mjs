/**
 * `npm run test:long`: prepares the clone, then runs the long suites (`*.long.spec.ts`) on Node 24, with progress. Arguments go to
 * Jest, but `--seed <seed>`, which makes one failed run again, and `--scale <factor>`, which makes fewer runs.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap, kafkaIsGiven, main, root, runOnNode24 } from './bootstrap.mjs';

const { values, tokens } = parseArgs({
  args: process.argv.slice(2),
  options: { seed: { type: 'string' }, scale: { type: 'string' } },
  strict: false,
  tokens: true,
});
const own = new Set(
  tokens
    .filter(({ name }) => name === 'seed' || name === 'scale')
    .flatMap(({ index, inlineValue }) => (inlineValue ? [index] : [index, index + 1])),
);

await main(async () => {
  await bootstrap({ kafkaIsGiven: kafkaIsGiven('COUNTERSIGN_TEST_KAFKA_BROKERS') });
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=TimeoutNegativeWarning',
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    ...process.argv.slice(2).filter((_, index) => !own.has(index)),
    // Last: Jest takes every word after it for one reporter more.
    `--reporters=${join(root, 'scripts', 'seconds-reporter.mjs')}`,
  ];
  return runOnNode24(jest, {
    COUNTERSIGN_TEST_TIER: 'long',
    ...(values.seed && { COUNTERSIGN_SEED: values.seed }),
    ...(values.scale && { COUNTERSIGN_LONG_SCALE: values.scale }),
  });
});
