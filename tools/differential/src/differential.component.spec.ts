import { SHORT_LIMIT_MS, SHORT_RUNS } from './config.js';
import { differentialSuite } from './differential-suite.js';

differentialSuite({ count: SHORT_RUNS, limitMs: SHORT_LIMIT_MS });
