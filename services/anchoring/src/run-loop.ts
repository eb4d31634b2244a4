import type { Logger } from '@countersign/observability';
import { LIMITS } from './config.js';

/** How long to rest before the next step, and whether news end the rest. */
export interface Rest {
  readonly ms: number;
  readonly wakeable: boolean;
}

export interface Loop {
  /** There is work: ends the rest, or makes the step that runs now be followed by another one. */
  wake(): void;
  /** Resolves when the step that runs has ended. Idempotent. */
  stop(): Promise<void>;
}

/** Repeats a step until stopped. A step that fails is told and tried again after a pause that doubles up to a limit. */
export function startLoop(name: string, step: () => Promise<Rest>, logger: Logger): Loop {
  return new StepLoop(name, step, logger);
}

class StepLoop implements Loop {
  #isStopped = false;
  #hasNews = false;
  #resting: { readonly wakeable: boolean; readonly end: () => void } | undefined;
  readonly #ended: Promise<void>;

  constructor(
    private readonly name: string,
    private readonly step: () => Promise<Rest>,
    private readonly logger: Logger,
  ) {
    this.#ended = this.#run();
  }

  wake(): void {
    this.#hasNews = true;
    if (this.#resting?.wakeable) this.#resting.end();
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    this.#resting?.end();
    return this.#ended;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopped) {
      this.#hasNews = false;
      try {
        const rest = await this.step();
        failures = 0;
        await this.#rest(rest);
      } catch (error) {
        failures += 1;
        this.logger.warn('step-failed', { name: this.name, attempt: failures, error });
        await this.#rest({ ms: Math.min(LIMITS.retryPauseMinMs * 2 ** (failures - 1), LIMITS.retryPauseMaxMs), wakeable: false });
      }
    }
  }

  /** News that came during the step count too. */
  async #rest({ ms, wakeable }: Rest): Promise<void> {
    if (this.#isStopped || (wakeable && this.#hasNews)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#resting = { wakeable, end };
    });
    this.#resting = undefined;
  }
}
