import { APPEND_BATCH } from './append-batch-function.js';
import { APPEND_EACH } from './append-each-function.js';
import { APPEND_FRESH } from './append-fresh-function.js';
import { APPEND_ONE } from './append-one-function.js';

/** To be run once, in this order. */
export const APPEND_FUNCTIONS = [APPEND_BATCH, APPEND_EACH, APPEND_FRESH, APPEND_ONE];
