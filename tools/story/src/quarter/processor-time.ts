import type { NamedProcess } from '@countersign/stack';

/** Processor seconds by part of the platform, largest first. PostgreSQL's are told by database. */
export type ProcessorTime = Readonly<Record<string, number>>;

/** Counts what processes use from its making on. Processes may come and go; the last look at each counts. */
export class ProcessorMeter {
  readonly #before = new Map<number, number>();
  readonly #used = new Map<number, { readonly part: string; readonly seconds: number }>();

  constructor(private readonly look: () => readonly NamedProcess[]) {
    for (const { pid, cpuSeconds } of look()) this.#before.set(pid, cpuSeconds);
  }

  /** Used since the meter was made. */
  read(): ProcessorTime {
    for (const process of this.look()) {
      const seconds = process.cpuSeconds - (this.#before.get(process.pid) ?? 0);
      this.#used.set(process.pid, { part: partOf(process), seconds });
    }
    const byPart = new Map<string, number>();
    for (const { part, seconds } of this.#used.values()) byPart.set(part, (byPart.get(part) ?? 0) + seconds);
    return Object.fromEntries(
      [...byPart]
        .map(([part, seconds]): [string, number] => [part, Number(seconds.toFixed(2))])
        .filter(([, seconds]) => seconds > 0)
        .sort(([, one], [, other]) => other - one),
    );
  }
}

export function totalOf(time: ProcessorTime): number {
  return Number(
    Object.values(time)
      .reduce((sum, seconds) => sum + seconds, 0)
      .toFixed(2),
  );
}

/** A connection shows its database: `postgres: role database address state`. Everything else of the server is its own. */
function partOf({ name, commandLine }: NamedProcess): string {
  const [, database] = /^postgres: \S+ (\S+) [\d.]+\(\d+\)/.exec(commandLine) ?? [];
  return database === undefined ? name : `${name} ${database}`;
}
