/** Lets a loop sleep until something happens. A wake-up while it works is not lost: the next wait returns at once. */
export class WakeUp {
  // Owned by one loop; `wake` may be called from anywhere.
  #woken = false;
  #resume: (() => void) | undefined;

  wake(): void {
    this.#woken = true;
    this.#resume?.();
  }

  /** True if it was woken, false if the time ran out. */
  async wait(limitMs: number): Promise<boolean> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        this.#resume = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#resume = undefined;
    }
    const woken = this.#woken;
    this.#woken = false;
    return woken;
  }
}
