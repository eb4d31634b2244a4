import { LONG_LIMIT_MS, LONG_RUNS } from './config.js';
import { differentialSuite } from './differential-suite.js';

differentialSuite({
  count: Math.ceil(LONG_RUNS * Number(process.env['COUNTERSIGN_LONG_SCALE'] ?? 1)),
  limitMs: LONG_LIMIT_MS,
  log: (line) => process.stderr.write(`     ${line}\n`),
});
