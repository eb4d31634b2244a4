/** Lets a loop sleep until something happens. A wake-up while it works is not lost: the next wait returns at once. */
export class WakeUp {
  // Owned by one loop; `wake` may be called from anywhere.
  #woken = false;
  #resume: (() => void) | undefined;

  wake(): void {
    this.#woken = true;
    this.#resume?.();
  }

  async wait(limitMs: number): Promise<void> {
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
    this.#woken = false;
  }
}
