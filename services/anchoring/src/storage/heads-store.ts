import type { LogNo, Tile, TreeHead } from './stores.js';

/** A stored page of an item map. */
export interface StoredPage {
  readonly name: string;
  readonly content: Buffer;
}

/** One entry more of a heads log, with everything that belongs to it. */
export interface HeadsAppend {
  /** The heads log, and the log whose items it is about. */
  readonly headsNo: LogNo;
  readonly baseNo: LogNo;
  /** Size of the heads log before: the index of this entry, and the version of these pages. */
  readonly index: number;
  readonly entry: Buffer;
  readonly next: TreeHead;
  readonly tiles: readonly Tile[];
  /** Size of the base log up to which the map went before. */
  readonly fromSize: number;
  /** For each base entry since then the position of its item's entry before it, or NO_ENTRY. */
  readonly previous: readonly number[];
  /** Pages that are new or another now. */
  readonly pages: readonly StoredPage[];
  /** Pages as they were at the last so many entries are kept. */
  readonly versionsKept: number;
}

/** Item maps and heads logs. Trees and checkpoints of heads logs stand in the tree store, under their numbers. */
export interface HeadsStore {
  /**
   * Commit point 4: entry, tree, checkpoint, map and back references become durable together, or nothing does. False if the heads log
   * is of another size. An entry whose base checkpoint is not stored, or that does not go beyond the one before, MUST fail.
   */
  append(append: HeadsAppend): Promise<boolean>;
  /** Entries of a heads log, `from` to `to` (exclusive). @throws DomainError RECORD_ALTERED if one is missing */
  entries(headsNo: LogNo, from: number, to: number): Promise<readonly Buffer[]>;
  /** Index of the entry about the base checkpoint of this size. */
  indexOf(headsNo: LogNo, baseSize: number): Promise<number | undefined>;
  /** Index of the newest entry about a base checkpoint whose head is confirmed on chain. */
  newestConfirmed(headsNo: LogNo, baseLogId: Uint8Array): Promise<number | undefined>;
  /** Pages by name as of the entry of that index, in the asked order. Those of long ago are gone. */
  pages(baseNo: LogNo, index: number, names: readonly string[]): Promise<readonly (Buffer | undefined)[]>;
  /** Follows back references from an item's last entry: at most `count` positions, rising. Nothing of it is checked. */
  positions(baseNo: LogNo, lastIndex: number, count: number): Promise<readonly number[]>;
  /** The largest base checkpoint above `above` up to `upTo` that needs at most `entriesMax` entries; else the smallest one above. */
  nextBase(baseNo: LogNo, above: number, upTo: number, entriesMax: number): Promise<TreeHead | undefined>;
}
