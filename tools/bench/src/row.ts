import type { Goal, GoalId } from './goal.js';
import type { Measurement } from './measurement.js';
import type { BenchDatabase, VariantOptions } from './variant.js';

export type Mode = 'quick' | 'full';

/** How often and how long a row is measured in one mode. */
export interface Effort {
  readonly rounds: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** The bench's own PostgreSQL. Everything it holds is thrown away at the next start. */
export interface BenchPostgres {
  readonly superuserUrl: string;
  readonly pid: number;
  /** Non-default settings, as shown. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What rows may use; parts are started when first asked for and stopped by the bench. */
export interface BenchContext {
  readonly mode: Mode;
  /** Of this repository, for programs that are called. */
  readonly root: string;
  readonly scratch: string;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
  say(line: string): void;
  postgres(): Promise<BenchPostgres>;
  /** A second server whose every fsync takes 2 ms longer. */
  slowPostgres(): Promise<BenchPostgres>;
  /**
   * A database that was just made anew, with an owner and an app role; a checkpoint follows.
   * @param kind what it holds: `log` is migrated as a service's database is; others are made by `prepare` once and copied after that
   */
  freshDatabase(kind: string, prepare?: PrepareDatabase, on?: BenchPostgres): Promise<BenchDatabase>;
  /** Takes charge of a part that a row started: it is stopped with all others at the end. Gives it back. */
  keep<Part extends { stop(): Promise<void> }>(part: Promise<Part>): Promise<Part>;
  /** Installs the peers of one tree (`tools/bench/peers/<name>`) by their lock file, once. @throws BenchError if that fails */
  installPeers(name: string): Promise<string>;
}

export type PrepareDatabase = (database: BenchDatabase) => Promise<void>;

/** One variant in a row. */
export interface VariantUse {
  /** Unique within the row; what `ratio` finds it by. */
  readonly as: string;
  readonly concurrency: number;
  /** Makes what it runs on, anew for each round; also where `parameters` that are known only now come from. */
  readonly reset?: (context: BenchContext, round: Round) => Promise<Partial<VariantOptions>>;
  readonly parameters?: VariantOptions['parameters'];
  /** Either a Node variant by its name in `variants.ts` … */
  readonly node?: string;
  /** … or a program that is no Node process of ours (pgbench, h2load): measured from here. */
  readonly program?: (context: BenchContext, options: VariantOptions) => Promise<Measurement>;
  /** Why it cannot be run here, and how that is changed; the row's other variants are measured all the same. */
  readonly notRun?: () => string | undefined;
}

/** What is known in the middle of a round: a later variant may depend on an earlier one (its order is then kept). */
export interface Round {
  readonly number: number;
  readonly measured: ReadonlyMap<string, Measurement>;
}

/** An experiment: variants that are measured in turn, and what their figures of one round say about goals. */
export interface Row {
  readonly name: string;
  readonly goals: readonly GoalId[];
  readonly variants: readonly VariantUse[];
  /** A mode that is absent does not run this row. */
  readonly quick?: Effort;
  readonly full: Effort;
  /** Variants run in the order given, in every round, because later ones depend on earlier ones. */
  readonly keepsOrder?: true;
  /** Estimated seconds per variant besides warm-up and measuring; default 1.5. For the time left that is shown. */
  readonly overheadSeconds?: number;
  /**
   * The figures of one round, by goal; a goal may be left out if this round gives none. Only called with verified measurements:
   * a variant whose run was refused is missing from the map, and goals that need it have no number in this round.
   */
  figures(round: RoundOf): Partial<Record<GoalId, number>>;
  /** Why it cannot be run here, and how that is changed ("install …"). */
  notRun?(context: BenchContext): string | undefined | Promise<string | undefined>;
}

/** The verified measurements of one round. */
export interface RoundOf {
  get(as: string): Measurement | undefined;
  /** `of / to` of a figure; undefined if one of them has no number. */
  ratio(of: string, to: string, figure?: 'eventsPerSecond' | 'p50Ms' | 'p99Ms'): number | undefined;
}

/** What is known about one goal at the end. */
export interface GoalOutcome {
  readonly goal: Goal;
  /** One per round that gave a number. */
  readonly figures: readonly number[];
  /** Why there is none. */
  readonly reason?: string;
}
