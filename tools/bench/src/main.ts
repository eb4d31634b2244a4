import { ROWS } from './rows.js';

/** `npm run bench` after the set-up. */
process.stderr.write(`${ROWS.length} rows\n`);
