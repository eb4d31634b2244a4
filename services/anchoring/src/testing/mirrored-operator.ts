import { DomainError } from '@countersign/kernel';
import { consistencyProof, CompactRange, leafHash, noteKey, rawPublicKey, signCheckpoint } from '@countersign/merkle';
import { encodeHeadsEntry, MapPageLayer, MapPaths, parseEntry, ZERO_DIGEST } from '@countersign/record';
import type { LogSource } from '../mirror/log-source.js';
import { formatAddCheckpoint } from '../witness/add-checkpoint-request.js';
import { sampleEntries, sampleLog } from './sample-log.js';

const { keys, log } = sampleLog(0);

/** An operator with one log and its heads log, who tells the truth unless he is told to lie. */
export class MirroredOperator implements LogSource {
  readonly origin = log.origin;
  readonly headsOrigin = `${log.origin}/heads`;
  readonly baseKey = noteKey(this.origin, rawPublicKey(keys.logKey));
  readonly headsKey = noteKey(this.headsOrigin, rawPublicKey(keys.headsKey));
  readonly heads: Buffer[] = [];
  base: Buffer[] = sampleEntries(0, 200);
  baseSize = 0;
  /** Entries served for what is stored. */
  serve = (entries: readonly Uint8Array[], _origin: string, _from: number): readonly Uint8Array[] => entries;

  /** A heads entry about the first entries of the base log, with these parts of it changed. */
  async head(size: number, lie: Partial<{ baseSize: bigint; baseRoot: Buffer; mapRoot: Buffer }> = {}): Promise<void> {
    this.baseSize = size;
    const entries = this.base.slice(0, size);
    const layer = new MapPageLayer();
    const paths = await MapPaths.load(
      layer,
      ZERO_DIGEST,
      entries.map((entry) => parseEntry(entry).itemKey),
    );
    const truth = { baseSize: BigInt(size), baseRoot: rootOf(entries), mapRoot: paths.grow(0, entries).root };
    this.heads.push(Buffer.from(encodeHeadsEntry({ ...truth, ...lie })));
  }

  checkpoint(origin: string): Promise<string> {
    if (origin !== this.origin) return Promise.reject(new DomainError('DEPENDENCY_UNAVAILABLE', {}));
    const root = rootOf(this.base.slice(0, this.baseSize));
    return Promise.resolve(signCheckpoint({ origin, size: this.baseSize, root }, keys.logKey));
  }

  entries(origin: string, from: number, to: number): Promise<readonly Uint8Array[]> {
    const all = origin === this.origin ? this.base : this.heads;
    return Promise.resolve(this.serve(all.slice(from, to), origin, from));
  }

  headsNote(size = this.heads.length): string {
    return signCheckpoint({ origin: this.headsOrigin, size, root: rootOf(this.heads.slice(0, size)) }, keys.headsKey);
  }

  /** The body of an `add-checkpoint` for the heads log. */
  request(from: number, to = this.heads.length): Buffer {
    const leaves = this.heads.map((entry) => leafHash(entry));
    return Buffer.from(formatAddCheckpoint(from, from === 0 ? [] : consistencyProof(leaves, from, to), this.headsNote(to)));
  }
}

function rootOf(entries: readonly Uint8Array[]): Buffer {
  const range = CompactRange.empty();
  for (const entry of entries) range.appendEntry(entry);
  return range.root();
}
