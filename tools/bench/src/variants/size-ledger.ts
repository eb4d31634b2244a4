import { randomUUID } from 'node:crypto';
import type { Journal } from '@countersign/event-log';
import {
  PersistentList,
  PersistentMap,
  type Actor,
  type CommandEnvelope,
  type DomainEvent,
  type StreamDefinition,
} from '@countersign/kernel';

export interface Posting {
  readonly documentNumber: string;
  readonly condition: string;
  readonly quantity: number;
  readonly location: string;
}

/** The shape of inventory's stock ledger: every posting stays, and a document posts once. */
interface LedgerState {
  readonly postings: PersistentList<Posting>;
  readonly byDocument: PersistentMap<string, number>;
  readonly balances: PersistentMap<string, number>;
}

type LedgerEvent = DomainEvent<'Posted', Posting & { readonly [field: string]: string | number }>;

const LEDGER: StreamDefinition<LedgerState, LedgerEvent> = {
  category: 'ledger',
  initial: { postings: PersistentList.empty(), byDocument: PersistentMap.empty(), balances: PersistentMap.empty() },
  evolve: ({ postings, byDocument, balances }, { data }) => ({
    postings: postings.append(data),
    byDocument: byDocument.set(data.documentNumber, postings.length),
    balances: balances.set(data.condition, (balances.get(data.condition) ?? 0) + data.quantity),
  }),
  schemas: {
    Posted: {
      type: 'countersign.bench.Posted.v1',
      fields: { documentNumber: 'public', condition: 'public', quantity: 'public', location: { group: 'logistics' } },
    },
  },
  links: ({ data }) => [{ kind: 'document-number', value: data.documentNumber, role: 'mentions' }],
};

const STOREKEEPER: Actor = {
  principalId: 'principal-of-storekeeper',
  pseudonym: 'pseudonym-of-storekeeper',
  organisationId: 'depot',
  actingFor: 'W25G1U',
  nation: 'USA',
  roles: ['storage-clerk'],
};

/** Posts documents in one command: none of them twice, and no condition below zero. Gives the positions by event id. */
export async function post(journal: Journal, key: string, postings: readonly Posting[]): Promise<ReadonlyMap<string, bigint>> {
  const { recorded } = await journal.execute(envelope(), async (unit) => {
    const ledger = await unit.open(LEDGER, key);
    const { byDocument, balances } = ledger.state;
    for (const data of postings) {
      if (byDocument.get(data.documentNumber) !== undefined) throw new Error('posted before');
      if ((balances.get(data.condition) ?? 0) + data.quantity < 0) throw new Error('below zero');
      ledger.append({ type: 'Posted', data: { ...data } });
    }
  });
  return new Map(recorded.map(({ eventId, position }) => [eventId, position]));
}

/** Number `index` of the postings of a stream. */
export function postingOf(index: number): Posting {
  return {
    documentNumber: `W25G1U6${String(index % 365).padStart(3, '0')}${index.toString(36).padStart(6, '0')}`,
    condition: 'ABCF'.charAt(index % 4),
    quantity: 1 + (index % 200),
    location: `warehouse ${index % 40}, row ${index % 31}, bin ${index % 97}`,
  };
}

function envelope(): CommandEnvelope {
  const commandId = randomUUID();
  return {
    commandId,
    actor: STOREKEEPER,
    eventTime: '2026-11-20T10:00:00-05:00',
    correlationId: commandId,
    request: Buffer.from(commandId),
  };
}
