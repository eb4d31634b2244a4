import type { LogReader, LogRow } from '@countersign/event-log';

interface WaitingRead {
  readonly from: bigint;
  readonly rowsMax: number;
  readonly page: PromiseWithResolvers<readonly LogRow[]>;
}

/**
 * Reads pages for all subscriptions of a service: a few at a time, in the order in which they were asked for, so that catching up takes
 * neither the database nor its connections from anybody else; and a page once for all who wait for it, as followers of the head do.
 */
export class LogPages {
  // Owned here. A read is in `waiting` until it begins: one that began may have missed what its joiner was woken for.
  private readonly waiting = new Map<string, WaitingRead>();
  private reading = 0;

  constructor(
    private readonly log: Pick<LogReader, 'readLog'>,
    private readonly readsMax: number,
  ) {}

  /** @throws DomainError DEPENDENCY_UNAVAILABLE */
  read(from: bigint, rowsMax: number): Promise<readonly LogRow[]> {
    const key = `${from} ${rowsMax}`;
    const joined = this.waiting.get(key);
    if (joined !== undefined) return joined.page.promise;
    const page = Promise.withResolvers<readonly LogRow[]>();
    this.waiting.set(key, { from, rowsMax, page });
    // All who are woken by one notification ask in this turn of the event loop.
    setImmediate(() => this.begin());
    return page.promise;
  }

  private begin(): void {
    for (const [key, { from, rowsMax, page }] of this.waiting) {
      if (this.reading >= this.readsMax) return;
      this.waiting.delete(key);
      this.reading += 1;
      this.log
        .readLog(from, rowsMax)
        .then(page.resolve, page.reject)
        .finally(() => {
          this.reading -= 1;
          this.begin();
        });
    }
  }
}

/** The first rows of a page that fit; always one if there is any. The others are forgotten, and read again. */
export function fitting(rows: readonly LogRow[], bytesMax: number): readonly LogRow[] {
  let bytes = 0;
  const tooMany = rows.findIndex(({ header, entry, disclosures, streamId }, index) => {
    bytes += header.length + entry.length + disclosures.length + streamId.length;
    return index > 0 && bytes > bytesMax;
  });
  return tooMany < 0 ? rows : rows.slice(0, tooMany);
}
