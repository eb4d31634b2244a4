import { ERP, ORGANISATIONS, PERSONS, type CastPerson } from './cast.js';
import type { Doors } from './doors.js';
import type { ParticipantKeys } from './participant-keys.js';
import { eachAtOnce } from './quarter/each-at-once.js';
import type { QuarterAgency } from './quarter/rows.js';
import type { StepWorld } from './steps/step-world.js';
import { FACTS } from './story-facts.js';
import { until } from './until.js';

const FOUNDED = '2026-08-01T00:00:00Z';
const AT_ONCE = 32;

/** Organisations, persons with appointments and keys, and the ERP: everyone of the story gets to know identity. */
export async function registerCast(administrator: Doors, world: StepWorld, keys: ParticipantKeys): Promise<void> {
  const { narrator, context } = world;
  narrator.chapter('Identity');
  await narrator.step(`${ORGANISATIONS.length} organisations of 3 nations with their codes`, () =>
    eachAtOnce(ORGANISATIONS, AT_ONCE, async ({ id, name, nation, cageCodes, dodaacs, rics }) => {
      await administrator.organisations.registerOrganisation({
        context: context(`organisation-${id}`, FOUNDED),
        organisationId: id,
        name,
        nation,
        cageCodes: [...cageCodes],
        dodaacs: [...dodaacs],
        rics: [...rics],
      });
    }),
  );
  const persons = Object.values(PERSONS);
  await narrator.step(`${persons.length} persons with keys and appointments`, () =>
    eachAtOnce(persons, AT_ONCE, (person) => registerPerson(administrator, world, keys, person)),
  );
  await narrator.step('the ERP of the buying office as a service principal', () =>
    administrator.principals.registerServicePrincipal({
      context: context('principal-erp', FOUNDED),
      principalId: ERP.id,
      organisationId: ERP.organisationId,
      publicKey: keys.publicKey(ERP.id),
      roles: [...ERP.roles],
      actingFor: ERP.actingFor,
    }),
  );
  await narrator.step('everybody gets a token; inventory and procurement know the organisations', async () => {
    await until('inventory knowing the depot', () => world.as('clerk').storage.getStorage({ ric: FACTS.ric }));
    await untilKnown(world, ORGANISATIONS.length);
  });
}

async function registerPerson(
  administrator: Doors,
  { context }: StepWorld,
  keys: ParticipantKeys,
  person: CastPerson,
): Promise<void> {
  const { id, office, organisationId, actingFor, roles } = person;
  const nation = ORGANISATIONS.find((organisation) => organisation.id === organisationId)?.nation ?? '';
  await administrator.persons.enrolPerson({
    context: context(`person-${id}`, FOUNDED),
    personId: id,
    organisationId,
    name: office,
    nation,
    clearance: 'NATO RESTRICTED',
  });
  await Promise.all([
    administrator.principals.registerPersonKey({
      context: context(`key-${id}`, FOUNDED),
      personId: id,
      publicKey: keys.publicKey(id),
    }),
    administrator.appointments.makeAppointment({
      context: context(`appointment-${id}`, FOUNDED),
      appointmentId: `${id}-1`,
      personId: id,
      roles: [...roles],
      actingFor,
    }),
  ]);
}

/** Every agency that the quarter names, registered by unary calls and known to procurement before its first row is sent. */
export async function registerAgencies(
  administrator: Doors,
  world: StepWorld,
  agencies: readonly QuarterAgency[],
): Promise<void> {
  const numbered = agencies.map((agency, at) => ({ ...agency, id: `leso-agency-${String(at + 1).padStart(4, '0')}` }));
  let done = 0;
  await eachAtOnce(numbered, AT_ONCE, async ({ id, state, station, dodaac }) => {
    await administrator.organisations.registerOrganisation({
      context: world.context(id, FOUNDED),
      organisationId: id,
      name: `${station.trim()}, ${state}`,
      nation: 'USA',
      dodaacs: dodaac === undefined ? [] : [dodaac],
      agency: { state, station },
      kinds: ['requisitioner'],
    });
    done += 1;
    world.narrator.progress(`${done} of ${numbered.length} agencies registered`, done === numbered.length);
  });
  await untilKnown(world, ORGANISATIONS.length + numbered.length);
}

async function untilKnown({ as }: StepWorld, count: number): Promise<void> {
  const key = { case: 'ric', value: FACTS.ric } as const;
  await until('procurement knowing the organisations', async () => {
    const { known } = await as('contractingOfficer').directory.findOrganisation({ key });
    return known >= count ? known : undefined;
  });
}
