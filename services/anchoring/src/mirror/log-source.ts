/** Where a mirror gets a log's entries from. Nothing of it is believed: checkpoints are opened with the pinned key, entries held against them. */
export interface LogSource {
  /** The newest checkpoint of the log, as a signed note. @throws DomainError DEPENDENCY_UNAVAILABLE */
  checkpoint(origin: string): Promise<string>;
  /** Entries from that index on, at least one and at most `to - from`; none if it has no more. @throws DomainError DEPENDENCY_UNAVAILABLE */
  entries(origin: string, from: number, to: number): Promise<readonly Uint8Array[]>;
}
