/** `npm test`: prepares the clone, then runs Jest on Node 24. Arguments go to Jest. `--unit` leaves out what needs real parts. */
import { join } from 'node:path';
import { bootstrap, kafkaIsGiven, main, root, runOnNode24 } from './bootstrap.mjs';

const args = process.argv.slice(2);
const unitOnly = args.includes('--unit');

await main(async () => {
  await bootstrap({ kafkaIsGiven: unitOnly || kafkaIsGiven('COUNTERSIGN_TEST_KAFKA_BROKERS') });
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    // A client of ours is patched; foreign ones and bare test clients still ask for timers in the past.
    '--disable-warning=TimeoutNegativeWarning',
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    ...args.filter((argument) => argument !== '--unit'),
    // Last: Jest takes every word after it for one reporter more.
    `--reporters=${join(root, 'scripts', 'seconds-reporter.mjs')}`,
  ];
  return runOnNode24(jest, unitOnly ? { COUNTERSIGN_TEST_TIER: 'unit' } : {});
});
