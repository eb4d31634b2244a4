import type { Row } from './row.js';
import { appendRows } from './rows/append.js';
import { semanticsRows } from './rows/append-semantics.js';
import { kafkaRows } from './rows/kafka.js';
import { microRows } from './rows/micro.js';
import { quarterRows } from './rows/quarter.js';
import { relayRows } from './rows/relay.js';
import { sizeRows } from './rows/size.js';

/** Every row, in the order in which they are measured and shown. */
export const ROWS: readonly Row[] = [
  ...appendRows,
  ...semanticsRows,
  ...relayRows,
  ...sizeRows,
  ...kafkaRows,
  ...microRows,
  ...quarterRows,
];
