import type { FollowLimits } from '../config.js';
import { WakeUp } from '../wake-up.js';

export interface RetriedLoopOptions {
  /** One look at what there is to do; gives how long to sleep. Ends early when `stopped` says so. */
  readonly round: (stopped: () => boolean) => Promise<number>;
  readonly limits: Pick<FollowLimits, 'retryPauseMs' | 'retryPauseMaxMs'>;
  /** A round that failed; it is tried again, later each time. */
  readonly onFailure: (error: unknown) => void;
}

/** Does one thing again and again until it is stopped. */
export class RetriedLoop {
  readonly #wakeUp = new WakeUp();
  readonly #running: Promise<void>;
  #stopped = false;
  #failures = 0;

  constructor(private readonly options: RetriedLoopOptions) {
    this.#running = this.#run();
  }

  wake(): void {
    this.#wakeUp.wake();
  }

  /** Resolves after the round under way. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#wakeUp.wake();
    return this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) await this.#wakeUp.wait(await this.#round());
  }

  async #round(): Promise<number> {
    const { round, limits, onFailure } = this.options;
    try {
      const pauseMs = await round(() => this.#stopped);
      this.#failures = 0;
      return pauseMs;
    } catch (error) {
      this.#failures += 1;
      onFailure(error);
      return Math.min(limits.retryPauseMaxMs, limits.retryPauseMs * 2 ** Math.min(this.#failures, 16));
    }
  }
}
