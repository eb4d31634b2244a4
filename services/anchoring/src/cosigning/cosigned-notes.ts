import { DomainError } from '@countersign/kernel';
import { openCheckpoint, type CosignerKey } from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import { alarm } from '../alarm.js';
import type { TreeLog } from '../log/known-log.js';
import type { Cosignature, CosignatureStore } from '../storage/cosignature-store.js';
import type { TreeHead } from '../storage/stores.js';

/** Checkpoints as they are served: the log's own note, and the lines of those who cosigned it. */
export class CosignedNotes {
  #pinned: readonly CosignerKey[] = [];

  constructor(
    private readonly cosignatures: Pick<CosignatureStore, 'at'>,
    private readonly logger: Logger,
  ) {}

  /** Lines of these keys are verified again before they are served. */
  pin(keys: readonly CosignerKey[]): void {
    this.#pinned = keys;
  }

  async noteOf(log: TreeLog, { size, note }: TreeHead): Promise<string> {
    if (note === '') return note;
    const stored = await this.cosignatures.at(log.logNo, size);
    return note + stored.flatMap((each) => (this.#holds(log, note, each) ? [each.line] : [])).join('');
  }

  /** A bad line would make readers who pin its key refuse the whole note. */
  #holds(log: TreeLog, note: string, { name, keyId, line }: Cosignature): boolean {
    const key = this.#pinned.find((each) => each.name === name && each.id === keyId);
    try {
      openCheckpoint(note + line, log.noteKey, key === undefined ? [] : [key]);
      return true;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      alarm(this.logger, 'cosignature-broken', log.origin, { name, code: error.code });
      return false;
    }
  }
}
