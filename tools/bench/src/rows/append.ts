import type { Row } from '../row.js';

/** Durable appends against the peers. */
export const appendRows: readonly Row[] = [];
