import type { BenchContext, Effort, Row } from './row.js';

const OVERHEAD_SECONDS = 1.5;

/** Rows that this mode measures, with how long each of them takes. */
export interface Planned {
  readonly row: Row;
  readonly effort: Effort;
}

export function secondsOf({ row, effort }: Planned): number {
  return (
    effort.rounds * row.variants.length * (effort.warmUpSeconds + effort.seconds + (row.overheadSeconds ?? OVERHEAD_SECONDS))
  );
}

/** Says on standard error what is measured and about how long the rest takes. */
export class Progress {
  #done = 0;
  readonly #total: number;

  constructor(
    planned: readonly Planned[],
    private readonly say: BenchContext['say'],
  ) {
    this.#total = planned.reduce((sum, each) => sum + secondsOf(each), 0);
  }

  variant({ row, effort }: Planned, round: number, as: string): void {
    const left = Math.max(0, this.#total - this.#done);
    this.say(`  ${row.name} · round ${round} of ${effort.rounds} · ${as} · about ${minutes(left)} left`);
    this.#done += secondsOf({ row, effort }) / effort.rounds / row.variants.length;
  }

  /** A row that was left out takes no time. */
  skip(planned: Planned): void {
    this.#done += secondsOf(planned);
  }
}

function minutes(seconds: number): string {
  const rest = Math.round(seconds);
  return rest < 60 ? `${rest} s` : `${Math.floor(rest / 60)} min ${String(rest % 60).padStart(2, '0')} s`;
}
