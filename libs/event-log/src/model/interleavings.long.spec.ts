import { interleavingsSuite } from './interleavings-suite.js';
import { LONG_LIMIT_MS, longRuns } from './long-runs.js';

interleavingsSuite(longRuns(80_000), LONG_LIMIT_MS);
