import type { Journal } from '@countersign/event-log';
import { IGNORED, type Fact, type Reaction } from '@countersign/host';
import { DomainError, parseOrganisationId, parseRic } from '@countersign/kernel';
import { z } from 'zod';
import { noteStorage, withdrawStorage } from '../storage/note-storage.decider.js';
import { STORAGE, type StorageEvent, type StorageState } from '../storage/storage.js';

/** Identity's events of these types, as far as they are read here. A code has one holder at a time, and a stream of its own. */
export const CODE_ASSIGNED = 'countersign.identity.CodeAssigned.v1';
export const CODE_RELEASED = 'countersign.identity.CodeReleased.v1';

const HOLDING = z.object({ kind: z.string(), code: z.string(), organisationId: z.string() });

type Decide = (state: StorageState, ric: string, organisationId: string) => readonly StorageEvent[];

/** Whoever holds a routing identifier code stores materiel there: the ledgers of that code are its own. */
export function onCodeAssigned(journal: Journal): Reaction {
  return (fact) => note(journal, fact, noteStorage);
}

/** Until somebody else gets the code, nobody writes its ledgers. */
export function onCodeReleased(journal: Journal): Reaction {
  return (fact) => note(journal, fact, withdrawStorage);
}

async function note(journal: Journal, fact: Fact, decide: Decide): Promise<unknown> {
  const parsed = HOLDING.safeParse(fact.data);
  if (!parsed.success) throw new DomainError('SCHEMA_INVALID', { rule: 'a code and its holder' });
  if (parsed.data.kind !== 'ric') return IGNORED;
  const ric = parseRic(parsed.data.code, 'code');
  const organisationId = parseOrganisationId(parsed.data.organisationId, 'organisationId');
  return journal.execute(
    { ...fact.envelope, eventTime: fact.header.time },
    async (unit) => {
      const storage = await unit.open(STORAGE, ric);
      storage.append(...decide(storage.state, ric, organisationId));
      storage.share(organisationId);
      return null;
    },
    { inbox: fact.inbox },
  );
}
