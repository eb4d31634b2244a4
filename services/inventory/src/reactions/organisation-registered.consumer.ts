import type { Journal } from '@countersign/event-log';
import { IGNORED, type Reaction } from '@countersign/host';
import { DomainError } from '@countersign/kernel';
import { z } from 'zod';
import { noteStorage } from '../storage/note-storage.decider.js';
import { STORAGE } from '../storage/storage.js';

/** Identity's event of this type, as far as it is read here. */
export const ORGANISATION_REGISTERED = 'countersign.identity.OrganisationRegistered.v1';

const REGISTERED = z.object({ organisationId: z.string(), rics: z.array(z.string()).default([]) });

/** An organisation with routing identifier codes stores materiel: the ledgers of those codes are its own. */
export function onOrganisationRegistered(journal: Journal): Reaction {
  return async (fact) => {
    const parsed = REGISTERED.safeParse(fact.data);
    if (!parsed.success) throw new DomainError('SCHEMA_INVALID', { rule: 'an organisation that this service can read' });
    const { organisationId, rics } = parsed.data;
    if (rics.length === 0) return IGNORED;
    return journal.execute(
      { ...fact.envelope, eventTime: fact.header.time },
      async (unit) => {
        for (const ric of rics) {
          const storage = await unit.open(STORAGE, ric);
          storage.append(...noteStorage(storage.state, ric, organisationId));
          storage.share(organisationId);
        }
        return null;
      },
      { inbox: fact.inbox },
    );
  };
}
