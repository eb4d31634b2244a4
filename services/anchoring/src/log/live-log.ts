import type { Head } from '@countersign/chain';
import { emptyRoot } from '@countersign/merkle';
import type { TreeHead } from '../storage/stores.js';
import type { KnownLog, TreeLog } from './known-log.js';

/** Why a log does not go on as usual. */
export const TROUBLES = [
  /** The chain holds a head that this tree contradicts, or a tree was not what it had been: nothing more is signed or committed. */
  'forked',
  /** The source signed two entries for one position: no further entry is taken. */
  'conflict',
  /** The chain closed the log, or lists it for another publisher: nothing more is committed. */
  'closed',
  /** The chain holds a larger head than this database: no checkpoint below it is signed. */
  'behind-chain',
] as const;

export type Trouble = (typeof TROUBLES)[number];

/** What the parts of this service know of one log while they run. The database and the chain stay the truth; this is lost on a stop. */
export class LiveLog<Log extends TreeLog = KnownLog> {
  /** Written by the sequencer only: the newest head that is durable. */
  head: TreeHead = { size: 0, root: Buffer.from(emptyRoot), note: '' };
  /** Written by intake and sequencer: number of entries that are durable; it may be more. */
  received = 0;
  /** Written by the publisher only: the chain's latest head. The sequencer signs nothing smaller, and nothing that contradicts it. */
  floor: Head | undefined;
  /** Written by the publisher only: whether the chain was asked for its latest head since the start. */
  isFloorKnown = false;
  /** Written by the publisher only: size of the newest head that it chose for the chain. Item heads are made of the same ones, if they can. */
  chosenSize = 0;
  readonly #troubles = new Set<Trouble>();

  constructor(readonly log: Log) {}

  /** The gravest trouble; undefined if the log is well. */
  get trouble(): Trouble | undefined {
    return TROUBLES.find((trouble) => this.#troubles.has(trouble));
  }

  has(trouble: Trouble): boolean {
    return this.#troubles.has(trouble);
  }

  /** Returns true if this is news. */
  raise(trouble: Trouble): boolean {
    const isNews = !this.#troubles.has(trouble);
    this.#troubles.add(trouble);
    return isNews;
  }

  /** Returns true if this is news. */
  clear(trouble: Trouble): boolean {
    return this.#troubles.delete(trouble);
  }
}
