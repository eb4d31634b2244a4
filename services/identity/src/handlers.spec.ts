import { beforeEach, describe, expect, it } from '@jest/globals';
import { codeOf } from '@countersign/testing';
import { getAppointment } from './appointment/appointment.query.js';
import { actor, envelope, organisationRegistered } from './identity.builders.js';
import { findOrganisation, getOrganisation } from './organisation/organisation.query.js';
import { getPerson } from './person/person.query.js';
import { identityInMemory, type IdentityInMemory } from './token/token-fixture.js';

const operator = { organisationId: 'operator' };
const depotAdministrator = actor({ principalId: 'depot-admin', organisationId: 'depot-usa' });
const foreignAdministrator = actor({ principalId: 'unit-admin', organisationId: 'unit-usa' });
const person = {
  personId: 'clerk',
  organisationId: 'depot-usa',
  nation: 'USA',
  clearance: 'NATO RESTRICTED',
  name: 'Receiving clerk',
};

let identity: IdentityInMemory;

beforeEach(async () => {
  identity = await identityInMemory();
});

describe('registering organisations', () => {
  it('is for the administrators of the operator', async () => {
    const { data } = organisationRegistered({ organisationId: 'unit-usa', dodaacs: ['W99UN1'], rics: [] });
    expect(await codeOf(() => identity.organisations.register(envelope(depotAdministrator), data))).toBe('PERMISSION_DENIED');
    expect(await codeOf(() => identity.organisations.register(envelope(actor({}, 'auditor')), data))).toBe('PERMISSION_DENIED');
  });

  it('gives a code to one of many who ask at once', async () => {
    const rivals = Array.from({ length: 8 }, (_, index) =>
      identity.organisations.register(
        envelope(),
        organisationRegistered({ organisationId: `rival-${index}`, dodaacs: ['W99UN1'], rics: [] }).data,
      ),
    );
    const outcomes = await Promise.allSettled(rivals);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CODE_TAKEN' });
    const winner = `rival-${outcomes.findIndex(({ status }) => status === 'fulfilled')}`;
    expect((await findOrganisation(identity.journal, { kind: 'dodaac', code: 'W99UN1' })).organisationId).toBe(winner);
    expect(await codeOf(() => getOrganisation(identity.journal, winner === 'rival-0' ? 'rival-1' : 'rival-0'))).toBe('NOT_FOUND');
  });

  it('is recorded once however often it is sent, and refused with another content', async () => {
    const { data } = organisationRegistered({ organisationId: 'unit-usa', dodaacs: ['W99UN1'], rics: [] });
    const command = envelope();
    const first = await identity.organisations.register(command, data);
    const again = await identity.organisations.register(command, data);
    expect(again).toMatchObject({ replayed: true, recorded: first.recorded });
    expect(first.recorded.map(({ type }) => type)).toEqual([
      'countersign.identity.OrganisationRegistered.v1',
      'countersign.identity.CodeAssigned.v1',
    ]);
    expect(await codeOf(() => identity.organisations.register({ ...command, request: Buffer.from('other') }, data))).toBe(
      'COMMAND_ID_REUSED',
    );
  });

  it('tells agencies apart by every byte of their names', async () => {
    for (const [index, station] of ['SAVAGE POLICE DEPT', 'SAVAGE POLICE DEPT '].entries()) {
      const agency = { state: 'MN', station };
      await identity.organisations.register(
        envelope(),
        organisationRegistered({ organisationId: `agency-${index}`, dodaacs: [], rics: [], agency }).data,
      );
    }
    const found = await findOrganisation(identity.journal, { kind: 'agency', code: 'MN/SAVAGE POLICE DEPT ' });
    expect(found.organisationId).toBe('agency-1');
  });
});

describe('persons', () => {
  beforeEach(async () => {
    await identity.persons.enrol(envelope(depotAdministrator), person);
  });

  it('are enrolled by administrators of their own organisation or of the operator', async () => {
    expect(await codeOf(() => identity.persons.enrol(envelope(foreignAdministrator), { ...person, personId: 'other' }))).toBe(
      'NOT_FOUND',
    );
    expect(
      await codeOf(() =>
        identity.persons.enrol(envelope(actor({ organisationId: 'depot-usa' }, 'inspector')), { ...person, personId: 'other' }),
      ),
    ).toBe('PERMISSION_DENIED');
    expect(await codeOf(() => identity.persons.enrol(envelope(), { ...person, organisationId: 'absent-org' }))).toBe('NOT_FOUND');
  });

  it('show their name to administrators of their own organisation only', async () => {
    const parts = { journal: identity.journal, log: identity.journal, operator };
    expect((await getPerson(parts, 'clerk', depotAdministrator)).name).toBe('Receiving clerk');
    expect((await getPerson(parts, 'clerk', actor())).name).toBeUndefined();
    expect((await getPerson(parts, 'clerk', actor({ organisationId: 'auditor-nld' }, 'auditor'))).name).toBeUndefined();
    for (const stranger of [foreignAdministrator, actor({ organisationId: 'depot-usa' }, 'inspector')]) {
      expect(await codeOf(() => getPerson(parts, 'clerk', stranger))).toBe('NOT_FOUND');
    }
    expect(await codeOf(() => getPerson(parts, 'absent', depotAdministrator))).toBe('NOT_FOUND');
  });

  it('leave nothing personal in any header', async () => {
    await identity.staff('second', {});
    const rows = await identity.journal.readLog(0n, 100);
    const headers = rows.map(({ header }) => Buffer.from(header).toString('utf8')).join('\n');
    expect(headers).toContain('person/clerk');
    for (const secret of ['Receiving clerk', 'Somebody', 'NATO RESTRICTED', 'storage-clerk'])
      expect(headers).not.toContain(secret);
  });
});

describe('appointments', () => {
  it('are nobody else’s to make, to end or to read', async () => {
    await identity.staff('clerk', {});
    const command = {
      appointmentId: 'x-1',
      roles: ['inspector'],
      actingFor: 'W99DP1',
      validFrom: '2026-01-01T00:00:00Z' as never,
    };
    expect(await codeOf(() => identity.appointments.make(envelope(foreignAdministrator), 'clerk', command))).toBe('NOT_FOUND');
    expect(await codeOf(() => identity.appointments.make(envelope(foreignAdministrator), 'absent', command))).toBe('NOT_FOUND');
    expect(await codeOf(() => identity.appointments.revoke(envelope(foreignAdministrator), 'clerk-1'))).toBe('NOT_FOUND');
    const parts = { journal: identity.journal, operator };
    expect(await codeOf(() => getAppointment(parts, 'clerk-1', foreignAdministrator))).toBe('NOT_FOUND');
    expect(
      (await getAppointment(parts, 'clerk-1', actor({ principalId: 'clerk', organisationId: 'depot-usa' }, 'storage-clerk')))
        .actingFor,
    ).toBe('W99DP1');
  });

  it('cannot be made by the person for himself', async () => {
    await identity.staff('clerk', {});
    const self = actor({ principalId: 'clerk', organisationId: 'depot-usa' });
    const command = {
      appointmentId: 'x-1',
      roles: ['acceptor'],
      actingFor: 'W99DP1',
      validFrom: '2026-01-01T00:00:00Z' as never,
    };
    expect(await codeOf(() => identity.appointments.make(envelope(self), 'clerk', command))).toBe('SELF_DELEGATION');
  });
});
