import { DomainError } from '@countersign/kernel';
import { sameBytes } from '@countersign/merkle';
import { parseHeadsEntry } from '@countersign/record';
import type { HeadsAppend, HeadsStore } from './heads-store.js';
import type { AnchorStore, LogNo, Tile, TreeHead } from './stores.js';

/** What it needs of the trees beside it. */
interface TreesBeside {
  stored(logNo: LogNo): readonly TreeHead[];
  swap(logNo: LogNo, fromSize: number, next: TreeHead, tiles: readonly Tile[]): boolean;
}

interface MemoryHeads {
  readonly entries: { readonly entry: Buffer; readonly baseSize: number }[];
  /** By name, rising by version. */
  readonly pages: Map<string, { readonly version: number; content: Buffer }[]>;
  readonly previous: number[];
}

/** Item maps and heads logs in memory, for tests. */
export class MemoryHeadsStore implements HeadsStore {
  readonly #logs = new Map<LogNo, MemoryHeads>();
  readonly #headsOf = new Map<LogNo, LogNo>();

  constructor(
    private readonly trees: TreesBeside,
    private readonly anchors: Pick<AnchorStore, 'confirmedAt'>,
    private readonly around: <Result>(write: () => Result) => Promise<Result>,
  ) {}

  append(append: HeadsAppend): Promise<boolean> {
    return this.around(() => {
      const { headsNo, baseNo, index, entry, next, tiles, fromSize, previous, pages } = append;
      const heads = this.#log(headsNo);
      if (heads.entries.length !== index) return false;
      const { baseSize: size, baseRoot } = parseHeadsEntry(entry);
      const baseSize = Number(size);
      const mapped = heads.entries.at(-1)?.baseSize ?? 0;
      const checkpoint = this.trees.stored(baseNo).find((one) => one.size === baseSize);
      const goesOn = fromSize === mapped && baseSize > mapped && previous.length === baseSize - mapped;
      if (!goesOn || checkpoint === undefined || !sameBytes(checkpoint.root, baseRoot)) throw unavailable();
      if (!this.trees.swap(headsNo, index, next, tiles)) return false;
      this.#headsOf.set(baseNo, headsNo);
      heads.entries.push({ entry: Buffer.from(entry), baseSize });
      heads.previous.push(...previous);
      for (const { name, content } of pages) this.#keep(heads, name, Buffer.from(content), append);
      return true;
    });
  }

  async entries(headsNo: LogNo, from: number, to: number): Promise<readonly Buffer[]> {
    const entries = this.#log(headsNo).entries.slice(from, to);
    if (entries.length !== to - from) throw new DomainError('RECORD_ALTERED', { field: 'headsEntry' });
    return Promise.resolve(entries.map(({ entry }) => entry));
  }

  async indexOf(headsNo: LogNo, baseSize: number): Promise<number | undefined> {
    const index = this.#log(headsNo).entries.findIndex((entry) => entry.baseSize === baseSize);
    return Promise.resolve(index < 0 ? undefined : index);
  }

  async newestConfirmed(headsNo: LogNo, baseLogId: Uint8Array): Promise<number | undefined> {
    const { entries } = this.#log(headsNo);
    for (let index = entries.length - 1; index >= 0; index -= 1) {
      const { baseSize = 0 } = entries[index] ?? {};
      if ((await this.anchors.confirmedAt(baseLogId, baseSize)) !== undefined) return index;
    }
    return undefined;
  }

  async pages(baseNo: LogNo, index: number, names: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    const { pages } = this.#ofBase(baseNo);
    return Promise.resolve(names.map((name) => pages.get(name)?.findLast(({ version }) => version <= index)?.content));
  }

  async positions(baseNo: LogNo, lastIndex: number, count: number): Promise<readonly number[]> {
    const { previous } = this.#ofBase(baseNo);
    const found: number[] = [];
    for (let at: number | undefined = lastIndex; at !== undefined && at >= 0 && found.length < count; at = previous[at])
      found.unshift(at);
    return Promise.resolve(found);
  }

  async nextBase(baseNo: LogNo, above: number, upTo: number, entriesMax: number): Promise<TreeHead | undefined> {
    const later = this.trees.stored(baseNo).filter(({ size }) => size > above && size <= upTo);
    return Promise.resolve(later.findLast(({ size }) => size <= above + entriesMax) ?? later[0]);
  }

  /** Names of the stored pages of a log's map. */
  pageNames(baseNo: LogNo): readonly string[] {
    return [...this.#ofBase(baseNo).pages.keys()];
  }

  /** Changes a stored page as it is now, as somebody with the database in his hands can. */
  tamperPage(baseNo: LogNo, name: string, change: (content: Buffer) => Buffer): void {
    const last = this.#ofBase(baseNo).pages.get(name)?.at(-1);
    if (last === undefined) throw new Error(`there is no page ${name}`);
    last.content = change(Buffer.from(last.content));
  }

  /** Changes a stored entry. */
  tamperEntry(headsNo: LogNo, index: number, entry: Buffer): void {
    const { entries } = this.#log(headsNo);
    entries[index] = { baseSize: entries[index]?.baseSize ?? 0, entry };
  }

  #keep({ pages }: MemoryHeads, name: string, content: Buffer, { index, versionsKept }: HeadsAppend): void {
    const versions = [...(pages.get(name) ?? []), { version: index, content }];
    const oldest = versions.findLastIndex(({ version }) => version <= index - versionsKept);
    pages.set(name, versions.slice(Math.max(0, oldest)));
  }

  #ofBase(baseNo: LogNo): MemoryHeads {
    const headsNo = this.#headsOf.get(baseNo);
    return headsNo === undefined ? { entries: [], pages: new Map(), previous: [] } : this.#log(headsNo);
  }

  #log(headsNo: LogNo): MemoryHeads {
    const log = this.#logs.get(headsNo) ?? { entries: [], pages: new Map(), previous: [] };
    this.#logs.set(headsNo, log);
    return log;
  }
}

function unavailable(): DomainError {
  return new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'database' });
}
