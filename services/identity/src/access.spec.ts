import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { createTestTokens, signAssertion, type TestTokens } from '@countersign/access';
import { contractComment, createAccessMatrix, type AccessRow, type MatrixCaller } from '@countersign/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { identityV1 } from '@countersign/proto';
import { newPublicKey, openIdentityDoors, type IdentityDoors, type IdentityMethod } from './access-fixture.js';
import { IDENTITY } from './service.js';
import { ORIGINS } from './token/token-fixture.js';

const ORGANISATIONS = [
  { id: 'operator', codes: ['operator'] },
  { id: 'depot-usa', codes: ['W99DP1'] },
  { id: 'unit-usa', codes: ['W99UN1'] },
  { id: 'auditor-nld', codes: ['H9A91'] },
] as const;

const context = (): object => ({ commandId: randomUUID(), eventTime: '2026-09-14T08:00:00Z' });
const OPERATORS = { roles: ['administrator'], of: ['operator'] } as const;
const ADMINISTRATORS = { roles: ['administrator'], of: ['operator', 'depot-usa'] } as const;
/** What an administrator of the depot is told who does for an auditor what only the operator's may; others learn nothing. */
const notGrantable = ({ organisationId }: MatrixCaller): 'ROLE_NOT_GRANTABLE' | 'NOT_FOUND' =>
  organisationId === 'depot-usa' ? 'ROLE_NOT_GRANTABLE' : 'NOT_FOUND';
const denied = ({ organisationId }: MatrixCaller): 'PERMISSION_DENIED' | 'NOT_FOUND' =>
  organisationId === 'depot-usa' ? 'PERMISSION_DENIED' : 'NOT_FOUND';

type Row = AccessRow<IdentityMethod, IdentityDoors>;
const { issueToken } = identityV1.TokenService.method;
const { drawUnitKeys, getUnitKeys } = identityV1.KeyService.method;
const organisations = identityV1.OrganisationService.method;
const persons = identityV1.PersonService.method;
const appointments = identityV1.AppointmentService.method;
const principals = identityV1.PrincipalService.method;

const KEYS_AND_TOKENS: readonly Row[] = [
  {
    method: issueToken,
    contract: 'The only door that needs no token.',
    open: true,
    request: async ({ clerkKey }) => ({
      clientAssertion: await signAssertion({ principalId: 'clerk', privateKey: clerkKey }),
    }),
  },
  {
    method: drawUnitKeys,
    contract: 'Callers need the role service.',
    grants: [{ roles: ['service'] }],
    request: () => ({ count: 1 }),
  },
  {
    method: getUnitKeys,
    contract: 'Callers need the role service.',
    grants: [{ roles: ['service'] }],
    request: ({ unitKeyIds }) => ({ keyIds: unitKeyIds }),
  },
];

const unit = (): object => ({ organisationId: 'unit-usa', name: 'Unit', nation: 'USA', dodaacs: ['W99UN1'] });
const OF_ORGANISATIONS: readonly Row[] = [
  {
    method: organisations.registerOrganisation,
    contract: 'Registers an organisation with its first codes. Needs the role administrator of the operator.',
    grants: [OPERATORS],
    foreign: 'PERMISSION_DENIED',
    request: () => ({ context: context(), ...unit() }),
  },
  {
    method: organisations.changeOrganisationCodes,
    contract: 'Gives an organisation codes that are free, and takes codes from it. Needs the role administrator of the operator.',
    grants: [OPERATORS],
    foreign: 'PERMISSION_DENIED',
    request: () => ({ context: context(), organisationId: 'depot-usa', assigned: { rics: ['Z8D'] } }),
  },
  {
    method: organisations.getOrganisation,
    contract: 'An organisation by its id. Any caller with a token.',
    grants: [{}],
    request: () => ({ organisationId: 'depot-usa' }),
  },
  {
    method: organisations.findOrganisation,
    contract: 'The organisation that holds a code now. Any caller with a token.',
    grants: [{}],
    request: () => ({ key: { case: 'dodaac', value: 'W99DP1' } }),
  },
  {
    method: organisations.listOrganisations,
    contract: 'All organisations. Read from a read model. Any caller with a token.',
    grants: [{}],
    request: () => ({}),
  },
];

const person = (organisationId = 'depot-usa'): object => ({
  context: context(),
  organisationId,
  name: 'Somebody',
  nation: 'USA',
});
const SEES_THE_CLERK = [ADMINISTRATORS, { roles: ['auditor', 'service'] }] as const;
const appointment = (personId = 'clerk', role = 'inspector'): object => ({
  context: context(),
  personId,
  roles: [role],
  actingFor: 'W99DP1',
});
const OF_PERSONS: readonly Row[] = [
  {
    method: persons.enrolPerson,
    contract: 'Needs the role administrator of that organisation, or of the operator.',
    grants: [ADMINISTRATORS],
    request: () => person(),
    absent: () => person('absent-org'),
  },
  {
    method: persons.getPerson,
    contract:
      "A person. Administrators of the person's organisation see everything; administrators of the operator, auditors and services see no name; all others get NOT_FOUND.",
    grants: SEES_THE_CLERK,
    wrongRole: 'NOT_FOUND',
    request: () => ({ personId: 'clerk' }),
    absent: () => ({ personId: 'absent' }),
  },
  {
    method: appointments.makeAppointment,
    contract: "Needs the role administrator of that organisation, or of the operator; only the operator's appoint auditors.",
    grants: [ADMINISTRATORS],
    request: () => appointment(),
    absent: () => appointment('absent'),
  },
  {
    method: appointments.makeAppointment,
    about: 'of an auditor',
    contract: "only the operator's appoint auditors.",
    grants: [OPERATORS],
    foreign: notGrantable,
    request: () => appointment('clerk', 'auditor'),
    absent: () => appointment('absent', 'auditor'),
  },
  {
    method: appointments.revokeAppointment,
    contract: 'Needs what making it needs.',
    grants: [ADMINISTRATORS],
    request: () => ({ context: context(), appointmentId: 'clerk-1' }),
    absent: () => ({ context: context(), appointmentId: 'absent' }),
  },
  {
    method: appointments.revokeAppointment,
    about: 'of an auditor',
    contract: 'Needs what making it needs.',
    grants: [OPERATORS],
    foreign: denied,
    request: () => ({ context: context(), appointmentId: 'depot-auditor-1' }),
    absent: () => ({ context: context(), appointmentId: 'absent' }),
  },
  {
    method: appointments.getAppointment,
    contract:
      'An appointment. Administrators of the organisation or the operator, auditors, services and the appointed person; others get NOT_FOUND.',
    grants: [...SEES_THE_CLERK, { principals: ['clerk'] }],
    wrongRole: 'NOT_FOUND',
    request: () => ({ appointmentId: 'clerk-1' }),
    absent: () => ({ appointmentId: 'absent' }),
  },
];

const machine = (role: string, organisationId = 'depot-usa'): object => ({
  context: context(),
  principalId: 'erp-usa-2',
  organisationId,
  publicKey: newPublicKey(),
  roles: [role],
  actingFor: 'W99CT1',
});
const personKey = (personId: string): object => ({ context: context(), personId, publicKey: newPublicKey() });
const OF_PRINCIPALS: readonly Row[] = [
  {
    method: principals.registerServicePrincipal,
    contract:
      "Needs the role administrator of that organisation, or of the operator; only the operator's grant the role auditor.",
    grants: [ADMINISTRATORS],
    request: () => machine('erp'),
    absent: () => machine('erp', 'absent-org'),
  },
  {
    method: principals.registerServicePrincipal,
    about: 'that audits',
    contract: "only the operator's grant the role auditor.",
    grants: [OPERATORS],
    foreign: notGrantable,
    request: () => machine('auditor'),
    absent: () => machine('auditor', 'absent-org'),
  },
  {
    method: principals.registerPersonKey,
    contract: "Needs the role administrator of the person's organisation, or of the operator.",
    grants: [ADMINISTRATORS],
    request: () => personKey('clerk'),
    absent: () => personKey('absent'),
  },
  {
    method: principals.registerPersonKey,
    about: 'of an auditor',
    contract: "so the key of an auditor is registered by the operator's only.",
    grants: [OPERATORS],
    foreign: denied,
    request: () => personKey('depot-auditor'),
    absent: () => personKey('absent'),
  },
  {
    method: principals.revokePrincipal,
    contract: 'Needs what registering it needs.',
    grants: [ADMINISTRATORS],
    request: () => ({ context: context(), principalId: 'erp-usa' }),
    absent: () => ({ context: context(), principalId: 'absent' }),
  },
  {
    method: principals.revokePrincipal,
    about: 'of a machine that audits',
    contract: 'Needs what registering it needs.',
    grants: [OPERATORS],
    foreign: denied,
    request: () => ({ context: context(), principalId: 'audit-machine' }),
    absent: () => ({ context: context(), principalId: 'absent' }),
  },
  {
    method: principals.revokePrincipal,
    about: 'of an auditor',
    contract: 'Needs what registering it needs.',
    grants: [OPERATORS],
    foreign: denied,
    request: () => ({ context: context(), principalId: 'depot-auditor' }),
    absent: () => ({ context: context(), principalId: 'absent' }),
  },
  {
    method: principals.resolvePrincipal,
    contract: 'Needs the role service.',
    grants: [{ roles: ['service'] }],
    request: () => ({ principalId: 'erp-usa', logOrigin: ORIGINS[0] }),
  },
];

describe('who may call what at the doors of identity', () => {
  let tokens: TestTokens;
  const matrix = createAccessMatrix<IdentityMethod, IdentityDoors>({
    methods: IDENTITY.grpcServices.flatMap(({ methods }) => methods),
    rows: [...KEYS_AND_TOKENS, ...OF_ORGANISATIONS, ...OF_PERSONS, ...OF_PRINCIPALS],
    organisations: ORGANISATIONS,
    others: [{ principalId: 'clerk', organisationId: 'depot-usa', actingFor: 'W99DP1', nation: 'USA', roles: ['storage-clerk'] }],
    open: () => openIdentityDoors(tokens),
    tokenOf: (caller, change) => tokens.tokenOf(caller, change),
  });
  beforeAll(async () => {
    tokens = await createTestTokens(ORIGINS);
  });

  it('is said of every rpc', () => {
    expect(matrix.missing).toEqual([]);
  });

  it.each(matrix.rows)('%s: as its contract says', (_name, { method, contract }) => {
    expect(contractComment(method.parent.file.name, method.parent.name, method.name)).toContain(contract);
  });

  it.each(matrix.rows)('%s: by everybody', async (_name, row) => {
    expect(await matrix.answers(row)).toEqual(matrix.expected(row));
  });

  it.each(matrix.rows)('%s: no hint whether it is there', async (_name, row) => {
    const hints = await matrix.hints(row);
    expect(hints?.existing).toEqual(hints?.absent);
  });

  it('a name is told to administrators of the own organisation only', async () => {
    const doors = await openIdentityDoors(tokens);
    for (const { id, codes } of ORGANISATIONS) {
      for (const role of ['administrator', 'auditor', 'service'] as const) {
        const token = await tokens.tokenOf({
          principalId: 'reader',
          organisationId: id,
          actingFor: codes[0],
          nation: 'USA',
          roles: [role],
        });
        const answer = JSON.stringify(await doors.call(persons.getPerson, { personId: 'clerk' }, token));
        expect([id, role, answer.includes('Somebody')]).toEqual([id, role, id === 'depot-usa' && role === 'administrator']);
      }
    }
  });
});
