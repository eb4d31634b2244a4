import { interleavingsSuite } from './interleavings-suite.js';
import { LONG_LIMIT_MS, longRuns } from './long-runs.js';

interleavingsSuite(longRuns(90_000), LONG_LIMIT_MS);
