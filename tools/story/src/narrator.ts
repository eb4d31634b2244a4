/** One line of the story, as it is told and as it is written to JSON. */
export interface StepLine {
  readonly chapter: string;
  readonly text: string;
  readonly seconds: number;
}

/** Tells the story as lines for people. */
export class Narrator {
  readonly steps: StepLine[] = [];
  readonly #out: NodeJS.WritableStream;
  #chapter = '';

  /** @param out with `--json` standard error, because standard output is left to the one document */
  constructor(out: NodeJS.WritableStream) {
    this.#out = out;
  }

  chapter(title: string): void {
    this.#chapter = title;
    this.#out.write(`\n${title}\n`);
  }

  /** Does one step and tells it with the time it took. What it throws ends the story. */
  async step<Result>(text: string | ((result: Result) => string), work: () => Promise<Result>): Promise<Result> {
    const begin = performance.now();
    const result = await work();
    const seconds = (performance.now() - begin) / 1000;
    const told = `${typeof text === 'string' ? text : text(result)}${isReplayed(result) ? ', found recorded' : ''}`;
    this.steps.push({ chapter: this.#chapter, text: told, seconds: Number(seconds.toFixed(3)) });
    this.#out.write(`  ✓ ${told} (${seconds.toFixed(1)} s)\n`);
    return result;
  }

  /** A line of progress that is not a step. */
  line(text: string): void {
    this.#out.write(`${text}\n`);
  }

  /** Rewrites one line on a terminal; elsewhere prints nothing but the last state. */
  progress(text: string, last = false): void {
    if ('isTTY' in this.#out && this.#out.isTTY === true) this.#out.write(`\r  … ${text}\u001b[K${last ? '\n' : ''}`);
    else if (last) this.#out.write(`  … ${text}\n`);
  }
}

/** True for the answer to a command that an earlier start had recorded already. */
function isReplayed(result: unknown): boolean {
  const { outcome } = (result ?? {}) as { readonly outcome?: { readonly replayed?: boolean } };
  return outcome?.replayed === true;
}
