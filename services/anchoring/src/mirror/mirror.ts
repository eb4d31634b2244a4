import { DomainError } from '@countersign/kernel';
import { CompactRange, sameBytes, type Checkpoint } from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import { alarm } from '../alarm.js';
import { MIRROR_LIMITS } from './config.js';
import type { LogSource } from './log-source.js';
import type { MirroredHead, MirrorStore } from './mirror-store.js';

export interface MirrorParts {
  readonly store: MirrorStore;
  readonly source: LogSource;
  readonly logger: Logger;
}

/** Keeps own copies of other organisations' logs: every entry, and nothing that does not stand under a root which the log signed. */
export class Mirror {
  constructor(private readonly parts: MirrorParts) {}

  /**
   * Brings the copy up to a checkpoint whose signature the caller verified; a copy that reaches further is left as it is. Durable when it
   * resolves.
   *
   * @throws DomainError PROOF_BROKEN: the entries that were given are not those under the checkpoint, or it contradicts the copy;
   *   DEPENDENCY_UNAVAILABLE: entries or database are not there. Nothing is stored in either case, unless an answer was lost
   */
  async copy({ origin, size, root }: Checkpoint, note: string): Promise<void> {
    const { store, logger } = this.parts;
    const head = await store.head(origin);
    if (size <= head.size) {
      const own = size === head.size ? head.root : (await this.#rangeAt(origin, size)).root();
      if (sameBytes(own, root)) return;
      const isPair = size === head.size;
      if (isPair && (await store.keepFork(origin, { first: head.note, second: note, proof: [] })))
        alarm(logger, 'log-forked', origin);
      throw new DomainError('PROOF_BROKEN', { field: 'root', rule: 'the checkpoint is one of the copied tree' });
    }
    const entries = await this.#fetch(origin, head.size, size);
    const range = await this.#rangeAt(origin, head.size);
    for (const entry of entries) range.appendEntry(entry);
    if (!sameBytes(range.root(), root)) {
      throw new DomainError('PROOF_BROKEN', { field: 'entries', rule: 'they are those under the checkpoint' });
    }
    const next: MirroredHead = { size, root: Buffer.from(root), note };
    if (!(await store.append(origin, head, entries, next))) throw away('copy', 'another process advanced it');
  }

  async #fetch(origin: string, from: number, size: number): Promise<Uint8Array[]> {
    const entries: Uint8Array[] = [];
    while (from + entries.length < size) {
      const first = from + entries.length;
      const to = Math.min(size, first + MIRROR_LIMITS.entriesAtOnce);
      const more = (await this.parts.source.entries(origin, first, to)).slice(0, to - first);
      if (more.length === 0) throw away('source', 'the log serves the entries that it signed');
      entries.push(...more);
    }
    return entries;
  }

  /** From the copy itself, so that a store that lost or changed an entry is found before anything is said. */
  async #rangeAt(origin: string, size: number): Promise<CompactRange> {
    const range = CompactRange.empty();
    while (range.size < size) {
      const to = Math.min(size, range.size + MIRROR_LIMITS.entriesAtOnce);
      const entries = await this.parts.store.entries(origin, range.size, to);
      if (entries.length === 0) throw new DomainError('RECORD_ALTERED', { field: 'copy', rule: 'indexes are dense' });
      for (const entry of entries) range.appendEntry(entry);
    }
    return range;
  }
}

function away(field: string, rule: string): DomainError {
  return new DomainError('DEPENDENCY_UNAVAILABLE', { field, rule });
}
