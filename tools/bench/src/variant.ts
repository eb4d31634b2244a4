import type { Measurement } from './measurement.js';

/** Where a database of the bench is found. It was made anew just before the variant runs. */
export interface BenchDatabase {
  readonly name: string;
  readonly superuserUrl: string;
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly appRole: string;
}

/** How long and how hard one run of a variant goes on, and what it runs on. JSON, so that it can be handed to a fresh process. */
export interface VariantOptions {
  /** What the measurement is called; one variant may stand in a row several times with other parameters. */
  readonly variant: string;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly concurrency: number;
  /** Commands per second of an open loop. */
  readonly rate?: number;
  /** From 1; seeds whatever varies from round to round. */
  readonly round: number;
  readonly database?: BenchDatabase;
  /** Process id of the PostgreSQL server, to read its processor time. */
  readonly postgresPid?: number;
  /** A directory that this run may fill; cleared after the bench. */
  readonly scratch: string;
  /** Whatever else the row hands to the variant. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/**
 * A thing measured in a Node process of its own: `node dist/run-variant.js <name> <options as JSON>` prints its measurement as
 * the last line of standard output. It warms up, measures, then verifies; what it prints before is shown only if it fails.
 */
export type MeasureVariant = (options: VariantOptions) => Promise<Measurement>;
