import { until } from '../until.js';
import { ProcessorMeter, type ProcessorTime } from './processor-time.js';
import { procurement, QUARTER_DEADLINE_MS, type QuarterWorld } from './quarter-world.js';

/** One look at a running import. */
export interface Moment {
  readonly seconds: number;
  /** Rows that procurement has decided. */
  readonly decided: number;
  /** Events of procurement's log since the first row: stored, and under a head on chain. */
  readonly stored: number;
  readonly anchored: number;
  /** Since the first row. */
  readonly processorTime: ProcessorTime;
}

/** Pause between two looks: what is read for the report must not be what is measured. */
const LOOK_MS = 100;
const MOMENT_MS = 1_000;

/** Looks at the import while it runs. */
export class Watch {
  readonly moments: Moment[] = [];
  readonly #begin = performance.now();
  readonly #meter: ProcessorMeter;

  constructor(
    private readonly world: QuarterWorld,
    private readonly rows: number,
    private readonly from: bigint,
  ) {
    this.#meter = new ProcessorMeter(() => world.platform.processes());
  }

  seconds(): number {
    return Number(((performance.now() - this.#begin) / 1000).toFixed(2));
  }

  processorTime(): ProcessorTime {
    return this.#meter.read();
  }

  async until(what: string, isReached: (progress: Progress) => boolean): Promise<void> {
    const { narrator } = this.world;
    await until(
      what,
      async () => {
        const progress = await progressOf(this.world, this.rows, this.from);
        const reached = isReached(progress);
        narrator.progress(`${progress.decided} of ${this.rows} rows decided, ${progress.anchored} events on chain`, reached);
        if (reached || this.seconds() - (this.moments.at(-1)?.seconds ?? 0) >= MOMENT_MS / 1000) {
          this.moments.push({ seconds: this.seconds(), ...progress, processorTime: this.processorTime() });
        }
        return reached ? true : undefined;
      },
      QUARTER_DEADLINE_MS,
      LOOK_MS,
    );
  }
}

type Progress = Pick<Moment, 'decided' | 'stored' | 'anchored'>;

async function progressOf(world: QuarterWorld, rows: number, from: bigint): Promise<Progress> {
  const [lags, { size, logId }, { logs }] = await Promise.all([
    world.bus.lag(world.groupId, [world.topic]),
    procurement(world).evidence.getLog({}),
    world.clients.logs.listLogs({}),
  ]);
  const log = logs.find((candidate) => Buffer.from(candidate.logId).equals(Buffer.from(logId)));
  return {
    decided: rows - Number(lags.get(world.topic) ?? 0n),
    stored: Number(size - from),
    anchored: Math.max(0, Number((log?.anchored?.size ?? 0n) - from)),
  };
}
