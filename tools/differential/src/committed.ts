/** What was committed: entries and leaf hashes in the order of the leaves. */
export interface Committed {
  readonly headers: readonly string[];
  readonly entries: readonly Buffer[];
  readonly hashes: readonly Buffer[];
}
