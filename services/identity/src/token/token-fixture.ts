import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createMemoryJournal, type MemoryJournal } from '@countersign/event-log';
import { rawPublicKey } from '@countersign/merkle';
import { AppointmentHandler } from '../appointment/appointment.handler.js';
import type { MakeAppointment } from '../appointment/make-appointment.decider.js';
import { actor, envelope, organisationRegistered } from '../identity.builders.js';
import { OrganisationHandler } from '../organisation/organisation.handler.js';
import { PersonHandler } from '../person/person.handler.js';
import { checkedPublicKey, PrincipalHandler } from '../principal/principal.handler.js';
import { IssueTokenHandler } from './issue-token.handler.js';
import type { Pseudonyms } from './pseudonyms.js';
import { createTokenSigner, type TokenSigner } from './token-signer.js';

export const ORIGINS = ['countersign.example/identity', 'countersign.example/inventory'];
const OPERATOR = { organisationId: 'operator' };

/** Identity without a database: the real handlers on a journal in memory. */
export interface IdentityInMemory {
  readonly journal: MemoryJournal;
  readonly signer: TokenSigner;
  readonly issue: IssueTokenHandler;
  readonly organisations: OrganisationHandler;
  readonly persons: PersonHandler;
  readonly appointments: AppointmentHandler;
  readonly principals: PrincipalHandler;
  readonly pseudonyms: Pseudonyms;
  /** Milliseconds by which identity's clock differs. */
  clockOffsetMs: number;
  /** Enrols a person of the depot with a key and these appointments. */
  staff(personId: string, ...appointments: Partial<MakeAppointment>[]): Promise<KeyObject>;
}

/** With the depot registered. */
export async function identityInMemory(): Promise<IdentityInMemory> {
  const journal = createMemoryJournal();
  const signer = await createTokenSigner(generateKeyPairSync('ed25519').privateKey);
  const used = new Set<string>();
  const pseudonyms: Pseudonyms = {
    of: ({ principalId, appointmentId }) =>
      Promise.resolve(new Map(ORIGINS.map((origin) => [origin, `${principalId}/${appointmentId}@${origin}`]))),
  };
  const world: IdentityInMemory = {
    journal,
    signer,
    organisations: new OrganisationHandler(journal, OPERATOR),
    persons: new PersonHandler(journal, OPERATOR),
    appointments: new AppointmentHandler(journal, OPERATOR),
    principals: new PrincipalHandler(journal, OPERATOR),
    pseudonyms,
    clockOffsetMs: 0,
    issue: new IssueTokenHandler({
      journal,
      signer,
      clock: () => new Date(Date.now() + world.clockOffsetMs),
      pseudonyms,
      usedAssertions: {
        use: (principalId, assertionId) => {
          const size = used.size;
          return Promise.resolve(used.add(`${principalId} ${assertionId}`).size > size);
        },
      },
    }),
    staff: async (personId, ...appointments) => {
      const { privateKey } = generateKeyPairSync('ed25519');
      const person = { personId, organisationId: 'depot-usa', nation: 'USA', clearance: 'UNCLASSIFIED', name: 'Somebody' };
      await world.persons.enrol(envelope(), person);
      await world.principals.registerPersonKey(envelope(), personId, checkedPublicKey(rawPublicKey(privateKey)));
      for (const [index, change] of appointments.entries()) {
        const appointmentId = `${personId}-${index + 1}`;
        const validFrom = '2026-01-01T00:00:00Z' as MakeAppointment['validFrom'];
        await world.appointments.make(envelope(), personId, {
          appointmentId,
          roles: ['storage-clerk'],
          actingFor: 'W99DP1',
          validFrom,
          ...change,
        });
      }
      return privateKey;
    },
  };
  await world.organisations.register(envelope(actor()), organisationRegistered().data);
  return world;
}
