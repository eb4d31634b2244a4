import { setImmediate as immediate } from 'node:timers/promises';
import { DomainError } from '@countersign/kernel';
import type fc from 'fast-check';
import { APPEND_LIMITS } from '../config.js';
import { GroupCommit } from '../group-commit.js';
import type { Journal } from '../journal.js';
import { LogJournal } from '../log-journal.js';
import { logOpening } from '../log-opening.js';
import type { AppendOutcome, LogStore, PreparedCommand } from '../log-store.js';
import { createMemoryIdentity } from '../memory/memory-identity.js';
import { MemoryStore } from '../memory/memory-store.js';
import { PARCEL } from '../parcel-fixture.js';
import { requireIntact, rowOpener } from '../row-opening.js';
import { recordSealer } from '../sealing.js';
import { createMemoryUnitKeys } from '../unit-keys.js';
import { broken } from './broken-history.js';
import { JournalClients } from './journal-client.js';
import { piecesOf, type Submission } from './operations.js';
import type { Script } from './scripts.js';
import { verifyJournal } from './verify-journal.js';

/** Calls that a client makes before he gives a submission up. */
const CALLS_MAX = 4;

// Making keys costs more than a run; they change nothing about it.
const IDENTITY = createMemoryIdentity();
const UNIT_KEYS = createMemoryUnitKeys();
const SEALER = recordSealer({ identity: IDENTITY, label: 'UNCLASSIFIED', policy: 'test' });
const NOW = new Date('2026-11-20T15:00:00Z');

/**
 * Journals, group commits and caches of several processes on one log, where a scheduler decides when each message between process and
 * database arrives. What the database does is done at one moment; everything else may happen in any order, be lost, or come late.
 */
export class Simulation {
  readonly clients = new JournalClients();
  readonly #store = new MemoryStore();
  readonly #processes: SimulatedProcess[];
  #appends = 0;

  constructor(
    private readonly script: Script,
    private readonly scheduler: fc.Scheduler,
  ) {
    this.#store.settle(logOpening(IDENTITY, SEALER, { pseudonym: 'service', actingFor: 'operator' }, NOW));
    this.#processes = Array.from({ length: script.processes }, () => this.#start());
  }

  /**
   * Plays the script to its end and judges what is left.
   *
   * @throws BrokenHistory
   */
  async run(): Promise<void> {
    const writing = this.script.writers.map((own, writer) => this.#write(own, writer));
    const crashing = this.script.crashes.map((process) => this.#crash(process % this.script.processes));
    const over = Promise.all([...writing, ...crashing]);
    over.catch(() => undefined); // Thrown when everybody is done.
    await this.#untilNothingIsUnderWay();
    await over;
    const rows = await rowOpener(SEALER, UNIT_KEYS).openRows(await this.#store.rows.readLog(1n, Number.MAX_SAFE_INTEGER));
    const reference = verifyJournal(this.clients.calls, rows.map(requireIntact), 1n);
    const fresh = this.#journalOn(this.#store);
    for (const parcel of ['a', 'b', 'c', 'd']) {
      const left = piecesOf(await fresh.read(PARCEL, parcel));
      if (left !== reference.piecesIn(parcel)) broken('a state differs', { parcel, left, expected: reference.piecesIn(parcel) });
    }
  }

  /** Lets one message arrive after the other; before each, everybody has done what he can do without one. */
  async #untilNothingIsUnderWay(): Promise<void> {
    for (;;) {
      await immediate();
      if (this.scheduler.count() === 0) return;
      // Its successors wait 50 turns each time for what one turn of the event loop settles: most of what a run would cost.
      // oxlint-disable-next-line typescript/no-deprecated
      await this.scheduler.waitOne();
    }
  }

  /** Asks again while nobody says what became of it, perhaps elsewhere. */
  async #write(submissions: readonly Submission[], writer: number): Promise<void> {
    for (const submission of submissions) {
      for (let made = 0; made < CALLS_MAX; made += 1) {
        const process = this.#processes[(writer + made) % this.#processes.length];
        if (!process) throw new Error('no process');
        const { kind } = await this.clients.call(process.journal, submission, process.lost);
        if (kind !== 'unknown') break;
      }
    }
  }

  async #crash(index: number): Promise<void> {
    await this.scheduler.schedule(Promise.resolve(), `process ${index} ends`);
    this.#processes[index]?.end();
    this.#processes[index] = this.#start();
  }

  #start(): SimulatedProcess {
    const link = new Link(this.scheduler);
    const commit = (batch: readonly PreparedCommand[]): Promise<readonly AppendOutcome[]> => this.#commit(link, batch);
    const { batchCountMax, batchBesideCountMin } = this.script;
    const writer = new GroupCommit([commit, commit], { ...APPEND_LIMITS, batchCountMax, batchBesideCountMin });
    const journal = this.#journalOn({
      findCommand: (key) => link.ask(`find ${key.commandId}`, () => this.#store.findCommand(key)),
      loadStream: (streamId, from) => link.ask(`load ${streamId}`, () => this.#store.loadStream(streamId, from)),
      mayRead: (streamId, organisationId) => this.#store.mayRead(streamId, organisationId),
      nextInboxSequence: (source, subject) =>
        link.ask(`turn of ${subject}`, () => this.#store.nextInboxSequence(source, subject)),
      append: (command) => writer.append(command),
      rows: this.#store.rows,
    });
    return { journal, lost: link.lost, end: () => link.end() };
  }

  async #commit(link: Link, batch: readonly PreparedCommand[]): Promise<readonly AppendOutcome[]> {
    const fault = this.script.faults[this.#appends++] ?? 'answered';
    const settle = (): Promise<readonly AppendOutcome[]> => Promise.resolve(batch.map((command) => this.#store.settle(command)));
    const label = `append of ${batch.length} (${fault})`;
    if (fault === 'answered') return link.ask(label, settle);
    if (fault === 'answer-lost') await link.ask(label, settle);
    else await link.ask(label, () => Promise.resolve());
    if (fault === 'late') void link.send(`${label}, after all`, settle);
    throw new DomainError('DEPENDENCY_UNAVAILABLE', { rule: 'the outcome is unknown; repeat with the same command id' });
  }

  #journalOn(store: LogStore): Journal {
    const { attemptsMax, foldedStreamsMax } = this.script;
    return new LogJournal({
      store,
      sealer: SEALER,
      unitKeys: UNIT_KEYS,
      requestDigestKey: IDENTITY.requestDigestKey,
      clock: () => NOW,
      limits: { attemptsMax, foldedStreamsMax },
    });
  }
}

interface SimulatedProcess {
  readonly journal: Journal;
  /** Rejects when the process ends. */
  readonly lost: Promise<never>;
  end(): void;
}

/** What one process sends and hears. After its end it does neither; what it had sent arrives all the same. */
class Link {
  readonly lost: Promise<never>;
  #isOver = false;
  #lose: (error: Error) => void = () => undefined;

  constructor(private readonly scheduler: fc.Scheduler) {
    this.lost = new Promise<never>((_, reject) => {
      this.#lose = reject;
    });
    this.lost.catch(() => undefined); // Whoever is not asked by anybody may end unnoticed.
  }

  end(): void {
    this.#isOver = true;
    this.#lose(new Error('the process ended'));
  }

  /** There and back. */
  async ask<Reply>(label: string, effect: () => Promise<Reply>): Promise<Reply> {
    const reply = await this.send(label, effect);
    await this.scheduler.schedule(Promise.resolve(), `answer to ${label}`);
    return this.#isOver ? never() : reply;
  }

  async send<Reply>(label: string, effect: () => Promise<Reply>): Promise<Reply> {
    if (this.#isOver) return never();
    await this.scheduler.schedule(Promise.resolve(), label);
    return effect();
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
