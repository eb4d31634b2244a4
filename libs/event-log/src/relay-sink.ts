import type { LogRow } from './log-reader.js';

/**
 * Where the relay publishes to.
 * `publish` MUST resolve only when every row is acknowledged durably by the broker: the cursor advances then, and what was
 * lost would never be sent again. Rows come in position order; a batch may come again after a failure (consumers dedupe).
 */
export interface RelaySink {
  publish(rows: readonly LogRow[]): Promise<void>;
}
