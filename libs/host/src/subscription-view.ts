import type { Journal, LogReader, LogRow, ReadScope } from '@countersign/event-log';

import type { RecordFilter } from './subscription-filter.js';

/**
 * What one reader sees of the log through one filter. His rights are asked for each page, never kept. The streams that name one of the
 * filter's keys are: names are only ever added, so whoever looked them up when the log had n records knows them for the records below n.
 */
export class SubscriptionView {
  private readonly named = new Set<string>();
  private namedBelow = 0n;

  constructor(
    private readonly parts: { readonly journal: Pick<Journal, 'mayRead'>; readonly log: Pick<LogReader, 'size' | 'findStreams'> },
    private readonly filter: RecordFilter,
    private readonly scope: ReadScope,
  ) {}

  /** The rows of a page that match and that he may read now. */
  async of(rows: readonly LogRow[]): Promise<readonly LogRow[]> {
    const matching = await this.naming(rows.filter((row) => this.filter.matches(row)));
    if (this.scope === 'all' || matching.length === 0) return matching;
    const { organisationId } = this.scope;
    const streamIds = [...new Set(matching.map(({ streamId }) => streamId))];
    const rights = await Promise.all(streamIds.map((streamId) => this.parts.journal.mayRead(streamId, organisationId)));
    const readable = new Set(streamIds.filter((_, index) => rights[index]));
    return matching.filter(({ streamId }) => readable.has(streamId));
  }

  private async naming(rows: readonly LogRow[]): Promise<readonly LogRow[]> {
    if (this.filter.naturalKeys.length === 0) return rows;
    if (rows.some(({ streamId, position }) => position >= this.namedBelow && !this.named.has(streamId))) await this.lookUp();
    return rows.filter(({ streamId }) => this.named.has(streamId));
  }

  private async lookUp(): Promise<void> {
    const { log } = this.parts;
    // The size first: what is found then holds for every record below it.
    const size = await log.size();
    for (const { streamId } of await log.findStreams(this.filter.naturalKeys, this.scope)) this.named.add(streamId);
    this.namedBelow = size;
  }
}
