import type { Row } from './row.js';
import { appendRows } from './rows/append.js';

/** Every row, in the order in which they are measured and shown. */
export const ROWS: readonly Row[] = [...appendRows];
