import type { DomainEvent, StreamDefinition } from '@countersign/kernel';
import { parseHeader, recordDigest } from '@countersign/record';
import { JOURNAL_LIMITS } from '../config.js';
import { eventsOf } from '../events-of.js';
import { foldPlanOf } from '../fold-plan.js';
import type { LogRow } from '../log-reader.js';
import { MemoryStore } from '../memory/memory-store.js';
import { requireIntact, rowOpener, type IntactRow } from '../row-opening.js';
import { recordSealer } from '../sealing.js';
import { StreamLoader } from '../stream-loader.js';
import { goldenIdentity, goldenKeys, hexOf, type GoldenRecord } from './golden-record.js';
import { leafOf } from './seal-golden.js';

/** What the code of today makes of a golden record. */
export interface ReadGolden {
  readonly opened: IntactRow;
  /** Computed anew from the stored bytes. */
  readonly digest: string;
  readonly leaf: string;
  /** After upcasting, without erasable fields. */
  readonly events: readonly DomainEvent[];
  /** Loaded and folded as for a command. */
  readonly state: unknown;
  /** The same, with the keys of all erasable groups destroyed. */
  readonly stateWhenErased: unknown;
}

/** @throws DomainError whatever makes a stored record unreadable */
export async function readGolden(
  service: string,
  definition: StreamDefinition<unknown, DomainEvent>,
  golden: GoldenRecord,
): Promise<ReadGolden> {
  const sealer = recordSealer({ identity: goldenIdentity(service), label: 'UNCLASSIFIED', policy: 'test' });
  const row = rowOf(golden);
  const load = async (destroyed: ReadonlySet<string>): Promise<unknown> => {
    const store = storeWith(golden, row);
    const loader = new StreamLoader({ store, sealer, unitKeys: goldenKeys(golden, destroyed), limits: JOURNAL_LIMITS });
    return (await loader.load(definition, golden.stream)).state;
  };
  const opened = requireIntact(await rowOpener(sealer, goldenKeys(golden)).openRow(row));
  return {
    opened,
    digest: hexOf(recordDigest(row.header)),
    leaf: leafOf(row.entry),
    events: eventsOf(definition, opened),
    state: await load(new Set()),
    stateWhenErased: await load(foldPlanOf(definition).erasableGroups),
  };
}

function rowOf({ stream, record }: GoldenRecord): LogRow {
  const header = Buffer.from(record.header, 'utf8');
  const { id, type, sequence } = parseHeader(header);
  return {
    position: 0n,
    streamId: stream,
    sequence,
    eventId: id,
    type,
    header,
    entry: Buffer.from(record.entry, 'hex'),
    disclosures: Buffer.from(record.disclosures, 'hex'),
  };
}

function storeWith({ stream, record, unitKeys }: GoldenRecord, row: LogRow): MemoryStore {
  const store = new MemoryStore();
  const lastDigest = Buffer.from(record.digest, 'hex');
  store.settle({
    principalId: 'golden',
    commandId: row.eventId,
    requestDigest: Buffer.alloc(32),
    result: 'null',
    inbox: undefined,
    guards: [{ streamId: stream, expected: 0n, next: 1n, lastDigest }],
    events: [{ ...row, recordDigest: lastDigest }],
    readers: [],
    links: [],
    unitKeys: unitKeys.map(({ group, keyId }) => ({ streamId: stream, group, keyId: Buffer.from(keyId, 'hex') })),
  });
  return store;
}
