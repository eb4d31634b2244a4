import { logKey, type Broadcast, type Head } from '@countersign/chain';
import { DomainError } from '@countersign/kernel';
import { emptyRoot, sameBytes } from '@countersign/merkle';
import { ENTRY_SIZE } from '@countersign/record';
import { MemoryHeadsStore } from './memory-heads-store.js';
import type {
  AnchorStore,
  ConfirmedHead,
  LeafStore,
  LogNo,
  ReceiveOutcome,
  SignedLeaves,
  Tile,
  TreeHead,
  TreeStore,
} from './stores.js';

/** The stores in memory, for tests. A write may be told to fail: before it takes effect, or after. */
export class MemoryStores {
  readonly leaves = new MemoryLeafStore();
  readonly trees = new MemoryTreeStore();
  readonly anchors = new MemoryAnchorStore();
  readonly headsFaults = new Faults();
  readonly heads = new MemoryHeadsStore(this.trees, this.anchors, (write) => this.headsFaults.around(write));
}

export type Fault = 'before' | 'after';

/** Fails one write as a database does whose answer is lost. */
class Faults {
  #next: Fault | undefined;

  fail(fault: Fault): void {
    this.#next = fault;
  }

  async around<Result>(write: () => Result): Promise<Result> {
    await Promise.resolve();
    const fault = this.#next;
    this.#next = undefined;
    if (fault === 'before') throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'database' });
    const result = write();
    if (fault === 'after') throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'database' });
    return result;
  }
}

interface MemoryLeaves {
  readonly entries: Buffer[];
  readonly arrivals: { readonly from: number; readonly at: Date }[];
  frozen: boolean;
}

export class MemoryLeafStore implements LeafStore {
  readonly #logs = new Map<LogNo, MemoryLeaves>();
  readonly conflicts: SignedLeaves[] = [];
  readonly faults = new Faults();

  receive(logNo: LogNo, messages: readonly SignedLeaves[]): Promise<readonly ReceiveOutcome[]> {
    return this.faults.around(() => messages.map((leaves) => this.#receive(this.#log(logNo), leaves)));
  }

  async received(logNo: LogNo): Promise<number> {
    return Promise.resolve(this.#log(logNo).entries.length);
  }

  async readEntries(logNo: LogNo, from: number, to: number): Promise<readonly Buffer[]> {
    const entries = this.#log(logNo).entries.slice(from, to);
    if (entries.length !== to - from || entries.some(({ length }) => length !== ENTRY_SIZE))
      throw new DomainError('RECORD_ALTERED');
    return Promise.resolve(entries);
  }

  async entriesAt(logNo: LogNo, positions: readonly number[]): Promise<readonly Buffer[]> {
    return (await Promise.all(positions.map((position) => this.readEntries(logNo, position, position + 1)))).flat();
  }

  async receivedAt(logNo: LogNo, position: number): Promise<Date | undefined> {
    const { entries, arrivals } = this.#log(logNo);
    return Promise.resolve(position < entries.length ? arrivals.findLast(({ from }) => from <= position)?.at : undefined);
  }

  async isFrozen(logNo: LogNo): Promise<boolean> {
    return Promise.resolve(this.#log(logNo).frozen);
  }

  /** Changes a stored entry, as somebody with the database in his hands can. */
  tamper(logNo: LogNo, position: number, entry: Buffer): void {
    this.#log(logNo).entries[position] = entry;
  }

  #receive(log: MemoryLeaves, leaves: SignedLeaves): ReceiveOutcome {
    const { firstPosition, entries } = leaves;
    const received = log.entries.length;
    if (log.frozen) return { kind: 'frozen', received };
    if (firstPosition > received) return { kind: 'gap', received };
    const differs = entries.findIndex((entry, index) => {
      const stored = log.entries[firstPosition + index];
      return stored !== undefined && !sameBytes(stored, entry);
    });
    if (differs >= 0) {
      log.frozen = true;
      this.conflicts.push(leaves);
      return { kind: 'conflict', received, position: firstPosition + differs };
    }
    const fresh = entries.slice(received - firstPosition);
    if (fresh.length === 0) return { kind: 'repeated', received };
    log.arrivals.push({ from: received, at: new Date() });
    log.entries.push(...fresh.map((entry) => Buffer.from(entry)));
    return { kind: 'stored', received: log.entries.length };
  }

  #log(logNo: LogNo): MemoryLeaves {
    const log = this.#logs.get(logNo) ?? { entries: [], arrivals: [], frozen: false };
    this.#logs.set(logNo, log);
    return log;
  }
}

export class MemoryTreeStore implements TreeStore {
  readonly #checkpoints = new Map<LogNo, TreeHead[]>();
  readonly #tiles = new Map<string, Buffer>();
  readonly faults = new Faults();

  async head(logNo: LogNo): Promise<TreeHead> {
    return Promise.resolve(this.#checkpoints.get(logNo)?.at(-1) ?? { size: 0, root: Buffer.from(emptyRoot), note: '' });
  }

  async checkpointAt(logNo: LogNo, size: number): Promise<TreeHead | undefined> {
    return Promise.resolve(this.#checkpoints.get(logNo)?.find((checkpoint) => checkpoint.size === size));
  }

  async tile(logNo: LogNo, level: number, index: number): Promise<Buffer | undefined> {
    return Promise.resolve(this.#tiles.get(`${logNo}/${level}/${index}`));
  }

  advance(logNo: LogNo, fromSize: number, next: TreeHead, tiles: readonly Tile[]): Promise<boolean> {
    return this.faults.around(() => this.swap(logNo, fromSize, next, tiles));
  }

  /** As `advance`, within the write of another store. */
  swap(logNo: LogNo, fromSize: number, next: TreeHead, tiles: readonly Tile[]): boolean {
    const checkpoints = this.stored(logNo);
    if ((checkpoints.at(-1)?.size ?? 0) !== fromSize || next.size <= fromSize) return false;
    for (const { level, index, hashes } of tiles) {
      const stored = this.#tiles.get(`${logNo}/${level}/${index}`) ?? Buffer.alloc(0);
      if (!sameBytes(hashes.subarray(0, stored.length), stored))
        throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'database' });
    }
    for (const { level, index, hashes } of tiles) this.tamper(logNo, level, index, hashes);
    this.#checkpoints.set(logNo, [...checkpoints, next]);
    return true;
  }

  /** All checkpoints of a log, rising. */
  stored(logNo: LogNo): readonly TreeHead[] {
    return this.#checkpoints.get(logNo) ?? [];
  }

  /** Changes a stored tile, as somebody with the database in his hands can. */
  tamper(logNo: LogNo, level: number, index: number, hashes: Buffer): void {
    this.#tiles.set(`${logNo}/${level}/${index}`, Buffer.from(hashes));
  }
}

class MemoryAnchorStore implements AnchorStore {
  readonly broadcasts: Broadcast[] = [];
  readonly #confirmed: (ConfirmedHead & { live: boolean })[] = [];
  readonly faults = new Faults();

  record(broadcast: Broadcast): Promise<void> {
    return this.faults.around(() => {
      const bound = this.broadcasts.flatMap(({ heads }) => heads);
      for (const head of broadcast.heads) {
        const other = bound.some((one) => isSameSize(one, head) && !sameBytes(one.root, head.root));
        if (other) throw new DomainError('HEAD_EQUIVOCATION');
      }
      this.broadcasts.push(broadcast);
    });
  }

  async lastBroadcast(): Promise<{ readonly heads: readonly Head[]; readonly transaction: Buffer } | undefined> {
    const last = this.broadcasts.at(-1);
    return Promise.resolve(last && { heads: last.heads, transaction: Buffer.from(last.transaction) });
  }

  confirm(heads: readonly ConfirmedHead[]): Promise<void> {
    return this.faults.around(() => {
      for (const head of heads) {
        if (!this.#live(head.logId).some((one) => one.size === head.size)) this.#confirmed.push({ ...head, live: true });
      }
    });
  }

  async latestConfirmed(logId: Uint8Array): Promise<ConfirmedHead | undefined> {
    return Promise.resolve(this.#live(logId).at(-1));
  }

  async confirmedAt(logId: Uint8Array, size: number): Promise<ConfirmedHead | undefined> {
    return Promise.resolve(this.#live(logId).find((head) => head.size === size));
  }

  async firstCovering(logId: Uint8Array, indexes: readonly number[]): Promise<ReadonlyMap<number, ConfirmedHead>> {
    const live = this.#live(logId);
    const found = new Map<number, ConfirmedHead>();
    for (const index of indexes) {
      const head = live.find(({ size }) => size > index);
      if (head) found.set(index, head);
    }
    return Promise.resolve(found);
  }

  async confirmedAbove(logId: Uint8Array, size: number, limit: number): Promise<readonly ConfirmedHead[]> {
    return Promise.resolve(
      this.#live(logId)
        .filter((head) => head.size > size)
        .slice(0, limit),
    );
  }

  async rewind(logId: Uint8Array, sizes: readonly number[]): Promise<void> {
    for (const head of this.#confirmed) {
      if (logKey(head.logId) === logKey(logId) && sizes.includes(head.size)) head.live = false;
    }
    return Promise.resolve();
  }

  async rewindOtherChains(chain: string): Promise<void> {
    for (const head of this.#confirmed) if (head.chain !== chain) head.live = false;
    return Promise.resolve();
  }

  #live(logId: Uint8Array): ConfirmedHead[] {
    return this.#confirmed
      .filter((head) => head.live && logKey(head.logId) === logKey(logId))
      .toSorted((a, b) => a.size - b.size)
      .map(({ live: _live, ...head }) => head);
  }
}

function isSameSize(a: Head, b: Head): boolean {
  return a.size === b.size && logKey(a.logId) === logKey(b.logId);
}
