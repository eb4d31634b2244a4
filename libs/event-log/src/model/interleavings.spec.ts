import { interleavingsSuite } from './interleavings-suite.js';

interleavingsSuite({ count: 1_900 }, 60_000);
