import { DomainError } from '@countersign/kernel';
import { sameBytes, sha256, verifyConsistency } from '@countersign/merkle';
import { attesterOf } from './attestation.js';
import {
  logKey,
  type AnchoredHead,
  type Broadcasts,
  type Chain,
  type CommitReceipt,
  type Head,
  type HeadCommit,
  type LogListing,
  type Quorum,
  type Refusal,
  type Settlement,
} from './chain.js';

/** Where the next commit fails: before or after it took effect, in either case without an answer. */
export type CommitFault = 'before-broadcast' | 'after-broadcast';

export interface FakeChainOptions {
  readonly broadcasts: Broadcasts;
  /** Whoever commits under this name may commit the logs that it listed. */
  readonly publisher?: string;
  /** Quorum of logs that are listed under this name; attesters are addresses. By default none. */
  readonly quorum?: Quorum;
  /** Another adapter's chain: both then see one state. */
  readonly shared?: FakeChain;
}

/** The chain port in memory, under the same rules, with faults to order. */
export interface FakeChain extends Chain {
  /** The next commit throws DEPENDENCY_UNAVAILABLE there. */
  failNextCommit(fault: CommitFault): void;
  /** While true, nothing answers. */
  setDown(isDown: boolean): void;
  /** Forgets everything above a height, as a rewound development chain does. */
  rewindTo(height: bigint): void;
  /** What k members decide on a real chain: another publisher, whose epoch begins. */
  replacePublisher(logId: Uint8Array, publisher: string): void;
  /** What k members decide on a real chain: no further heads. */
  closeLog(logId: Uint8Array, size: number, successor: Uint8Array): void;
  readonly height: bigint;
  readonly [LEDGER]: Ledger;
}

const LEDGER = Symbol('ledger');

interface ListedLog {
  publisher: string;
  epoch: number;
  readonly quorum: Quorum;
  closed?: LogListing['closed'];
  readonly openedHeight: bigint;
  readonly heads: { readonly size: number; readonly root: Uint8Array; readonly height: bigint }[];
}

interface Ledger {
  height: bigint;
  readonly logs: Map<string, ListedLog>;
}

/** A chain in memory, for tests of whoever uses the port. */
export function createFakeChain(options: FakeChainOptions): FakeChain {
  return new MemoryChain(options);
}

class MemoryChain implements FakeChain {
  readonly [LEDGER]: Ledger;
  readonly #broadcasts: Broadcasts;
  readonly #publisher: string;
  readonly #quorum: Quorum;
  #fault: CommitFault | undefined;
  #isDown = false;
  #busy: Promise<unknown> = Promise.resolve();

  constructor({ broadcasts, publisher = 'publisher', quorum = { attesters: [], threshold: 0 }, shared }: FakeChainOptions) {
    this[LEDGER] = shared?.[LEDGER] ?? { height: 0n, logs: new Map() };
    this.#broadcasts = broadcasts;
    this.#publisher = publisher;
    this.#quorum = quorum;
  }

  get height(): bigint {
    return this[LEDGER].height;
  }

  failNextCommit(fault: CommitFault): void {
    this.#fault = fault;
  }

  setDown(isDown: boolean): void {
    this.#isDown = isDown;
  }

  rewindTo(height: bigint): void {
    const ledger = this[LEDGER];
    ledger.height = height;
    for (const [key, log] of ledger.logs) {
      if (log.openedHeight > height) ledger.logs.delete(key);
      else log.heads.splice(0, log.heads.length, ...log.heads.filter((head) => head.height <= height));
    }
  }

  async identity(): Promise<string> {
    await this.#answer();
    return 'fake:1';
  }

  async listings(logIds: readonly Uint8Array[]): Promise<ReadonlyMap<string, LogListing>> {
    await this.#answer();
    const listings = new Map<string, LogListing>();
    for (const logId of logIds) {
      const log = this[LEDGER].logs.get(logKey(logId));
      if (!log) continue;
      listings.set(logKey(logId), {
        logId,
        isOurs: log.publisher === this.#publisher,
        openedHeight: log.openedHeight,
        epoch: log.epoch,
        threshold: log.quorum.threshold,
        ...(log.closed === undefined ? {} : { closed: log.closed }),
      });
    }
    return listings;
  }

  async listLog(logId: Uint8Array): Promise<void> {
    await this.#answer();
    const ledger = this[LEDGER];
    if (ledger.logs.has(logKey(logId))) return;
    ledger.height += 1n;
    const [publisher, quorum] = [this.#publisher, this.#quorum];
    ledger.logs.set(logKey(logId), { publisher, epoch: 1, quorum, openedHeight: ledger.height, heads: [] });
  }

  replacePublisher(logId: Uint8Array, publisher: string): void {
    const log = this.#listed(logId);
    log.publisher = publisher;
    log.epoch += 1;
  }

  closeLog(logId: Uint8Array, size: number, successor: Uint8Array): void {
    const log = this.#listed(logId);
    const head = log.heads.find((stored) => stored.size === size);
    if (!head) throw new DomainError('CHAIN_REFUSED', { rule: 'a log is closed at one of its accepted heads' });
    this[LEDGER].height += 1n;
    log.closed = { height: this.height, size, root: head.root, successor };
  }

  async readHeads(logIds: readonly Uint8Array[]): Promise<ReadonlyMap<string, AnchoredHead>> {
    await this.#answer();
    const heads = new Map<string, AnchoredHead>();
    for (const logId of logIds) {
      const latest = this[LEDGER].logs.get(logKey(logId))?.heads.at(-1);
      if (latest) heads.set(logKey(logId), anchored(logId, latest));
    }
    return heads;
  }

  async headAt(logId: Uint8Array, size: number): Promise<AnchoredHead | undefined> {
    await this.#answer();
    const head = this[LEDGER].logs.get(logKey(logId))?.heads.find((stored) => stored.size === size);
    return head && anchored(logId, head);
  }

  async confirm(heads: readonly Head[]): Promise<readonly AnchoredHead[]> {
    const stored = await Promise.all(heads.map(({ logId, size }) => this.headAt(logId, size)));
    return stored.filter(
      (head, index) => head !== undefined && sameBytes(head.root, heads[index]?.root ?? new Uint8Array()),
    ) as AnchoredHead[];
  }

  commitHeads(batch: readonly HeadCommit[]): Promise<CommitReceipt> {
    const run = this.#busy.then(() => this.#commit(batch));
    this.#busy = run.catch(() => undefined); // The caller gets the failure; the next one only waits for its end.
    return run;
  }

  async #commit(batch: readonly HeadCommit[]): Promise<CommitReceipt> {
    await this.#answer();
    const raw = Buffer.concat(batch.map(({ logId, root }) => Buffer.concat([logId, root])));
    const transaction = sha256(raw);
    const heads = batch.map(({ logId, size, root }) => ({ logId, size, root }));
    await this.#broadcasts.record({ heads, transaction, raw, nonce: Number(this.height) });
    this.#failAt('before-broadcast');
    this[LEDGER].height += 1n;
    const named = new Set<string>();
    const settlements = new Map<string, Settlement>();
    for (const commit of batch) {
      const key = logKey(commit.logId);
      if (!named.has(key)) settlements.set(key, await this.#settle(commit));
      named.add(key);
    }
    this.#failAt('after-broadcast');
    return { transaction, settlements };
  }

  async #settle(commit: HeadCommit): Promise<Settlement> {
    const log = this[LEDGER].logs.get(logKey(commit.logId));
    if (!log) return refused('LOG_UNKNOWN');
    if (log.publisher !== this.#publisher) return refused('NOT_PUBLISHER');
    if (log.epoch !== commit.epoch) return refused('OTHER_EPOCH');
    const stored = log.heads.find(({ size }) => size === commit.size);
    if (stored && sameBytes(stored.root, commit.root)) return { status: 'stored', head: anchored(commit.logId, stored) };
    const refusal = await refusalOf(commit, log);
    if (refusal) return refused(refusal);
    const head = { size: commit.size, root: commit.root, height: this.height };
    log.heads.push(head);
    return { status: 'stored', head: anchored(commit.logId, head) };
  }

  #listed(logId: Uint8Array): ListedLog {
    const log = this[LEDGER].logs.get(logKey(logId));
    if (!log) throw new DomainError('CHAIN_REFUSED', { rule: 'the log is listed' });
    return log;
  }

  #failAt(point: CommitFault): void {
    if (this.#fault !== point) return;
    this.#fault = undefined;
    throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'chain' });
  }

  /** Every call is asynchronous, as on a real chain. */
  async #answer(): Promise<void> {
    await Promise.resolve();
    if (this.#isDown) throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'chain' });
  }
}

async function refusalOf(commit: HeadCommit, { heads, closed, quorum }: ListedLog): Promise<Refusal | undefined> {
  const latest = heads.at(-1);
  if (closed) return 'LOG_CLOSED';
  if (commit.size <= (latest?.size ?? 0)) return 'SIZE_NOT_ABOVE_LATEST';
  if (!proves(commit, latest)) return 'PROOF_INVALID';
  const signers = await Promise.all(commit.attestations.map((attestation) => attesterOf(commit, attestation)));
  const attesting = quorum.attesters.filter((attester) => signers.includes(attester.toLowerCase()));
  return attesting.length < quorum.threshold ? 'QUORUM_NOT_MET' : undefined;
}

function proves(commit: HeadCommit, latest: { readonly size: number; readonly root: Uint8Array } | undefined): boolean {
  if (!latest) return commit.consistencyProof.length === 0;
  try {
    verifyConsistency({
      fromSize: latest.size,
      fromRoot: latest.root,
      toSize: commit.size,
      toRoot: commit.root,
      proof: commit.consistencyProof,
    });
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'PROOF_BROKEN') return false;
    throw error;
  }
}

function refused(refusal: Refusal): Settlement {
  return { status: 'refused', refusal };
}

/** Block n of this chain is mined n seconds after its genesis. */
function anchored(
  logId: Uint8Array,
  { size, root, height }: { readonly size: number; readonly root: Uint8Array; readonly height: bigint },
): AnchoredHead {
  const blockTime = new Date(Date.UTC(2026, 0, 1) + Number(height) * 1000).toISOString().replace('.000Z', 'Z');
  return { logId, size, root, height, blockTime, chain: 'fake:1', finality: 'NOT_CHECKED: chain in memory' };
}
