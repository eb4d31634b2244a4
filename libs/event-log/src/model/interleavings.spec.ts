import { interleavingsSuite } from './interleavings-suite.js';

interleavingsSuite({ count: 1_500 }, 60_000);
