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
  let isStopped = false;
  let hasNews = false;
  let endRest: (() => void) | undefined;

  const rest = async ({ ms, wakeable }: Rest): Promise<void> => {
    if (isStopped || (wakeable && hasNews)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      endRest = () => {
        if (!isStopped && !wakeable) return;
        clearTimeout(timer);
        resolve();
      };
    });
    endRest = undefined;
  };
  const run = async (): Promise<void> => {
    for (let failures = 0; !isStopped;) {
      hasNews = false;
      try {
        const next = await step();
        failures = 0;
        await rest(next);
      } catch (error) {
        failures += 1;
        logger.warn('step-failed', { name, attempt: failures, error });
        await rest({ ms: Math.min(LIMITS.retryPauseMinMs * 2 ** (failures - 1), LIMITS.retryPauseMaxMs), wakeable: false });
      }
    }
  };
  const ended = run();
  return {
    wake: () => {
      hasNews = true;
      endRest?.();
    },
    stop: () => {
      isStopped = true;
      endRest?.();
      return ended;
    },
  };
}
