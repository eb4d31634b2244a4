import type { MemoryJournal } from '@countersign/event-log';
import type { Fact } from '@countersign/host';
import type { Actor } from '@countersign/kernel';
import { parseHeader, recordDigest } from '@countersign/record';

const SERVICE: Actor = {
  principalId: 'service-procurement',
  pseudonym: 'p-service',
  organisationId: 'operator',
  actingFor: 'W99OP1',
  nation: 'USA',
  roles: ['service'],
};

/** Every record of a log as the facts its readers get, in log order. */
export async function factsOf(journal: MemoryJournal, from = 0n): Promise<readonly Fact[]> {
  const opened = await journal.openRows(await journal.readLog(from, 10_000));
  return opened.map(({ row, data }) => {
    const header = parseHeader(row.header);
    return {
      header,
      record: row.header,
      recordDigest: recordDigest(row.header),
      data,
      withheld: [],
      inbox: { source: header.source, eventId: header.id, subject: header.subject, sequence: header.sequence },
      envelope: {
        commandId: header.id,
        actor: SERVICE,
        eventTime: '2026-11-08T12:00:00Z',
        correlationId: header.correlationId,
        causationId: header.id,
        request: row.header,
      },
    };
  });
}
