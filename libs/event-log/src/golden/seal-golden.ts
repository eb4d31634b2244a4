import { createHash } from 'node:crypto';
import { DomainError, type DomainEvent, type EventSchema, type JsonObject, type StreamDefinition } from '@countersign/kernel';
import { groupsIn } from '../fold-plan.js';
import { createMemoryJournal } from '../memory/memory-journal.js';
import { createMemoryUnitKeys } from '../unit-keys.js';
import { goldenIdentity, hexOf, type GoldenRecord } from './golden-record.js';

/** What a golden record is to say: an event of the version named, in a stream of its own. */
export interface GoldenSample {
  readonly definition: StreamDefinition<unknown, DomainEvent>;
  /** After the category. */
  readonly key: string;
  readonly schema: EventSchema;
  readonly data: JsonObject;
}

/** Seals a sample as the version's own build did: through a journal, as the first event of its stream. */
export async function sealGolden(service: string, { definition, key, schema, data }: GoldenSample): Promise<GoldenRecord> {
  const unitKeys = createMemoryUnitKeys();
  const journal = createMemoryJournal({
    identity: goldenIdentity(service),
    unitKeys,
    clock: () => new Date('2026-11-20T15:00:00.000Z'),
  });
  // The version alone: to its own build it was the newest.
  const asThen = {
    ...definition,
    schemas: { Sample: schema },
    upcasters: [],
    evolve: (state: unknown) => state,
    links: () => [],
  };
  const { recorded } = await journal.execute(
    {
      commandId: `golden-${schema.type}`,
      actor: {
        principalId: 'golden',
        pseudonym: 'pseudonym-of-golden',
        organisationId: 'usa-depot',
        actingFor: 'W99DP1',
        nation: 'USA',
        roles: [],
      },
      eventTime: '2026-11-20T10:00:00-05:00',
      correlationId: 'golden-record',
      request: Buffer.from(schema.type),
    },
    async (unit) => (await unit.open(asThen, key)).append({ type: 'Sample', data }),
  );
  const [row] = recorded[0] ? await journal.readStreamRows(recorded[0].streamId) : [];
  if (!row || !recorded[0]) throw new DomainError('INTERNAL', { rule: 'a golden record was not written' });
  const { disclosures } = await journal.openRow(row);
  return {
    type: schema.type,
    stream: row.streamId,
    fields: schema.fields,
    data,
    record: {
      header: Buffer.from(row.header).toString('utf8'),
      digest: hexOf(recorded[0].recordDigest),
      entry: hexOf(row.entry),
      leaf: leafOf(row.entry),
      disclosures: hexOf(row.disclosures),
    },
    unitKeys: await Promise.all(
      [...groupsIn(schema, data)].map(async (group) => {
        const digest = disclosures.find((disclosure) => disclosure.group === group)?.digest ?? Buffer.alloc(0);
        // An envelope is version (1), key id (16), digest (32), … (formats §3).
        const at = Buffer.from(row.disclosures).indexOf(digest);
        const keyId = row.disclosures.subarray(at - 16, at);
        const [key] = (await unitKeys.get([keyId])).values();
        return { group, keyId: hexOf(keyId), key: hexOf(key?.export() ?? Buffer.alloc(0)) };
      }),
    ),
  };
}

/** RFC 6962 section 2.1. */
export function leafOf(entry: Uint8Array): string {
  return createHash('sha256').update(Buffer.of(0)).update(entry).digest('hex');
}
