/**
 * Lines up commands that lost a version conflict on the same stream, so that each retry starts when the one before it is
 * stored instead of colliding with it again. Holders own one stream at a time: no deadlock. In this process only; other
 * processes still meet at the version check.
 */
export class StreamQueue {
  // Owned by one journal: per stream, the end of its line.
  readonly #tails = new Map<string, Promise<void>>();

  /** Resolves when it is the caller's turn; the caller MUST call what it gets, also when it failed. */
  async enter(streamId: string): Promise<() => void> {
    const before = this.#tails.get(streamId);
    let leave: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const tail = before === undefined ? turn : before.then(() => turn);
    this.#tails.set(streamId, tail);
    await before;
    return () => {
      if (this.#tails.get(streamId) === tail) this.#tails.delete(streamId);
      leave();
    };
  }
}
