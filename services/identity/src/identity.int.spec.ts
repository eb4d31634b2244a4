import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createTokenSource, createTokenVerifier, signAssertion, type TokenSource } from '@countersign/access';
import { CallError, createClient, type Client } from '@countersign/grpc';
import { createKafkaBus, TOPICS } from '@countersign/kafka';
import { rawPublicKey } from '@countersign/merkle';
import { evidenceV1, identityV1, operationsV1 } from '@countersign/proto';
import { eventually, testAddresses } from '@countersign/testing';
import { ORIGIN, startIdentity, type RunningIdentity } from './identity-fixture.js';

jest.setTimeout(90_000);

let identity: RunningIdentity;
const open: { close(): void }[] = [];

const keyOf = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const raw = (key: KeyObject): Uint8Array<ArrayBuffer> => new Uint8Array(rawPublicKey(key));
const context = () => ({ commandId: randomUUID() });

interface Doors {
  readonly tokens: TokenSource;
  readonly organisations: Client<typeof identityV1.OrganisationService>;
  readonly persons: Client<typeof identityV1.PersonService>;
  readonly appointments: Client<typeof identityV1.AppointmentService>;
  readonly principals: Client<typeof identityV1.PrincipalService>;
  readonly keys: Client<typeof identityV1.KeyService>;
}

function doorsOf(principalId: string, privateKey: KeyObject, appointmentId?: string): Doors {
  const tokens = createTokenSource({ identityAddress: identity.address, principalId, privateKey, appointmentId });
  const doors = {
    tokens,
    organisations: createClient(identityV1.OrganisationService, identity.address, { tokenSource: tokens }),
    persons: createClient(identityV1.PersonService, identity.address, { tokenSource: tokens }),
    appointments: createClient(identityV1.AppointmentService, identity.address, { tokenSource: tokens }),
    principals: createClient(identityV1.PrincipalService, identity.address, { tokenSource: tokens }),
    keys: createClient(identityV1.KeyService, identity.address, { tokenSource: tokens }),
  };
  open.push(...Object.values(doors));
  return doors;
}

async function reasonOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CallError)) throw new Error('expected a refusal', { cause: error });
  return error.code;
}

beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(async () => {
  open.forEach((each) => each.close());
  await identity.close();
});

describe('identity on real parts', () => {
  it('knows its first administrator and its services, once, however often it starts', async () => {
    const { log } = identity.service.context;
    const before = await log?.size();
    await identity.restart();
    expect(await identity.service.context.log?.size()).toBe(before);
    const administrator = doorsOf('administrator', identity.administratorKey);
    const { organisation } = await administrator.organisations.getOrganisation({ organisationId: 'operator' });
    expect(organisation).toMatchObject({ organisationId: 'operator', nation: 'XXX' });
    expect(await reasonOf(doorsOf('administrator', keyOf()).tokens.token())).toBe('UNAUTHENTICATED');
  });

  it('lists its organisations from the log, also after a restart', async () => {
    const { organisations } = doorsOf('administrator', identity.administratorKey);
    const { outcome } = await organisations.registerOrganisation({
      ...{ context: context(), organisationId: 'carrier-nld', name: 'Carrier', nation: 'NLD' },
      ...{ cageCodes: ['H9C91'], kinds: ['carrier'] },
    });
    const atLeastPosition = outcome?.recorded.at(-1)?.position ?? 0n;
    const listed = await organisations.listOrganisations({ nation: 'NLD', atLeastPosition });
    expect(listed.organisations).toMatchObject([{ organisationId: 'carrier-nld', codes: { cageCodes: ['H9C91'] } }]);
    expect(listed.asOf).toBeGreaterThan(atLeastPosition);
    const first = await organisations.listOrganisations({ pageSize: 1 });
    const second = await organisations.listOrganisations({ pageToken: first.nextPageToken });
    expect([...first.organisations, ...second.organisations].map(({ organisationId }) => organisationId)).toEqual([
      'carrier-nld',
      'operator',
    ]);
    const operations = createClient(operationsV1.ProjectionService, identity.address, {
      tokenSource: doorsOf('administrator', identity.administratorKey).tokens,
    });
    open.push(operations);
    for await (const { progress } of operations.rebuildProjection({ name: 'organisations' })) {
      expect(['building', 'switched']).toContain(progress?.phase);
    }
    const { projections } = await operations.listProjections({});
    expect(projections).toMatchObject([{ name: 'organisations', state: 'following', version: 1, liveVersion: 1, failure: '' }]);
    expect((await organisations.listOrganisations({ atLeastPosition })).organisations).toHaveLength(2);
  });

  it('lets a registered person sign in, under a pseudonym of his own in each log', async () => {
    const administrator = doorsOf('administrator', identity.administratorKey);
    await administrator.organisations.registerOrganisation({
      context: context(),
      organisationId: 'depot-usa',
      name: 'Depot',
      nation: 'USA',
      dodaacs: ['W99DP1'],
      rics: ['Z9D'],
      kinds: ['storage'],
    });
    const enrol = {
      context: context(),
      organisationId: 'depot-usa',
      name: 'Receiving clerk',
      nation: 'USA',
      clearance: 'NATO RESTRICTED',
    };
    const { personId } = await administrator.persons.enrolPerson(enrol);
    expect((await administrator.persons.enrolPerson(enrol)).personId).toBe(personId);
    const key = keyOf();
    await administrator.principals.registerPersonKey({ context: context(), personId, publicKey: raw(key) });
    const person = doorsOf(personId, key);
    expect(await reasonOf(person.tokens.token())).toBe('APPOINTMENT_REQUIRED');
    const { appointmentId } = await administrator.appointments.makeAppointment({
      context: context(),
      personId,
      roles: ['administrator', 'storage-clerk'],
      actingFor: 'W99DP1',
    });
    const token = await person.tokens.token();
    const keySet = { jwksUrl: `http://${identity.httpAddress}/.well-known/jwks.json` };
    const actors = await Promise.all(
      ['identity', 'inventory', 'procurement'].map((log) =>
        createTokenVerifier({ keys: keySet, logOrigin: `countersign.example/${log}` }).verify(token),
      ),
    );
    expect(actors[0]).toMatchObject({
      principalId: personId,
      organisationId: 'depot-usa',
      actingFor: 'W99DP1',
      nation: 'USA',
      roles: ['administrator', 'storage-clerk'],
    });
    expect(new Set(actors.map(({ pseudonym }) => pseudonym)).size).toBe(3);
    const again = doorsOf(personId, key, appointmentId);
    const sameLog = createTokenVerifier({ keys: keySet, logOrigin: ORIGIN });
    expect((await sameLog.verify(await again.tokens.token())).pseudonym).toBe(actors[0]?.pseudonym);
    expect((await person.persons.getPerson({ personId })).name).toBe('Receiving clerk');
    expect((await administrator.persons.getPerson({ personId })).name).toBe('');
    // The evidence door shows the record to whoever may read the stream, and nothing that is personal.
    const evidence = createClient(evidenceV1.EvidenceService, identity.address, { tokenSource: person.tokens });
    open.push(evidence);
    const { records } = await evidence.getStream({ streamId: `person/${personId}` });
    const shown = records
      .flatMap(({ disclosures }) => disclosures.map((each) => Buffer.from(each, 'base64url').toString()))
      .join('\n');
    expect(shown).toContain('depot-usa');
    expect(shown).not.toContain('Receiving clerk');
    expect(shown).not.toContain('NATO RESTRICTED');
    expect(records.flatMap(({ alteredDisclosures }) => alteredDisclosures)).toEqual([]);
  });

  it('takes an assertion once, also when it comes twice at the same time, and gives many who ask at once one pseudonym', async () => {
    const client = createClient(identityV1.TokenService, identity.address);
    open.push(client);
    const sign = () => signAssertion({ principalId: 'administrator', privateKey: identity.administratorKey });
    const clientAssertion = await sign();
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => client.issueToken({ clientAssertion })));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const issued = await Promise.all(Array.from({ length: 8 }, async () => client.issueToken({ clientAssertion: await sign() })));
    const verifier = createTokenVerifier({
      keys: { jwksUrl: `http://${identity.httpAddress}/.well-known/jwks.json` },
      logOrigin: ORIGIN,
    });
    const actors = await Promise.all(issued.map(({ accessToken }) => verifier.verify(accessToken)));
    expect(new Set(actors.map(({ pseudonym }) => pseudonym)).size).toBe(1);
    expect(actors[0]?.pseudonym).toMatch(/^p-[\w-]{22}$/);
  });

  it('resolves who signs messages, for services only', async () => {
    const administrator = doorsOf('administrator', identity.administratorKey);
    const inventory = doorsOf('service-inventory', identity.inventoryKey);
    const key = keyOf();
    await administrator.organisations.registerOrganisation({
      context: context(),
      organisationId: 'buyer-usa',
      name: 'Buyer',
      nation: 'USA',
      dodaacs: ['W99CT1'],
    });
    await administrator.principals.registerServicePrincipal({
      context: context(),
      principalId: 'erp-usa',
      organisationId: 'buyer-usa',
      publicKey: raw(key),
      roles: ['erp'],
      actingFor: 'W99CT1',
    });
    const question = { principalId: 'erp-usa', logOrigin: 'countersign.example/procurement' };
    const answer = await inventory.principals.resolvePrincipal(question);
    expect(Buffer.from(answer.publicKey)).toEqual(Buffer.from(raw(key)));
    expect(answer).toMatchObject({ organisationId: 'buyer-usa', actingFor: 'W99CT1', nation: 'USA', roles: ['erp'] });
    expect((await inventory.principals.resolvePrincipal(question)).pseudonym).toBe(answer.pseudonym);
    expect(await reasonOf(inventory.principals.resolvePrincipal({ ...question, logOrigin: 'countersign.example/absent' }))).toBe(
      'CODE_UNKNOWN',
    );
    expect(await reasonOf(inventory.principals.resolvePrincipal({ ...question, principalId: 'absent' }))).toBe('NOT_FOUND');
    expect(await reasonOf(administrator.principals.resolvePrincipal(question))).toBe('PERMISSION_DENIED');
    await administrator.principals.revokePrincipal({ context: context(), principalId: 'erp-usa' });
    expect(await reasonOf(inventory.principals.resolvePrincipal(question))).toBe('NOT_FOUND');
  });

  it('hands unit keys to services only, and the same ones after a restart', async () => {
    const inventory = doorsOf('service-inventory', identity.inventoryKey);
    const { keys } = await inventory.keys.drawUnitKeys({ count: 1_000 });
    expect(new Set(keys.map(({ keyId }) => Buffer.from(keyId).toString('hex'))).size).toBe(1_000);
    await identity.restart();
    const never = new Uint8Array(16);
    const found = await eventually(() => inventory.keys.getUnitKeys({ keyIds: [keys[0]!.keyId, never] }));
    expect(found.keys).toEqual([expect.objectContaining({ key: keys[0]!.key })]);
    expect(found.unknown).toEqual([never]);
    const administrator = doorsOf('administrator', identity.administratorKey);
    expect(await reasonOf(administrator.keys.drawUnitKeys({ count: 1 }))).toBe('PERMISSION_DENIED');
    expect(await reasonOf(inventory.keys.drawUnitKeys({ count: 5_001 }))).toBe('FIELD_INVALID');
  });

  it('registers 903 agencies by single calls, and publishes their codes readable', async () => {
    const administrator = doorsOf('administrator', identity.administratorKey);
    const agencies = Array.from({ length: 903 }, (_, index) => ({
      context: context(),
      organisationId: `agency-${index}`,
      name: `AGENCY ${index}`,
      nation: 'USA',
      dodaacs: [`2Y${String(1000 + index)}`],
      agency: { state: 'AL', station: `AGENCY ${index} PD   ` },
      kinds: ['requisitioner'],
    }));
    const begin = performance.now();
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let agency = agencies[next++]; agency !== undefined; agency = agencies[next++])
        await administrator.organisations.registerOrganisation(agency);
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    expect(performance.now() - begin).toBeLessThan(20_000);
    const found = await administrator.organisations.findOrganisation({
      key: { case: 'agency', value: { state: 'AL', station: 'AGENCY 902 PD   ' } },
    });
    expect(found.organisation?.organisationId).toBe('agency-902');
    expect(
      await reasonOf(
        administrator.organisations.findOrganisation({
          key: { case: 'agency', value: { state: 'AL', station: 'AGENCY 902 PD' } },
        }),
      ),
    ).toBe('NOT_FOUND');
    const published = await publishedOrganisations();
    expect(published.get('agency-902')).toMatchObject({
      dodaacs: ['2Y1902'],
      agency: { state: 'AL', station: 'AGENCY 902 PD   ' },
      nation: 'USA',
    });
  });

  it.each([
    ['a DoDAAC with the letter O', { dodaacs: ['W99DO1'] }, 'FIELD_INVALID'],
    ['a CAGE code that is too short', { cageCodes: ['3596'] }, 'FIELD_INVALID'],
    ['a lower-case RIC', { rics: ['sms'] }, 'FIELD_INVALID'],
    ['a code twice', { dodaacs: ['W99ZZ1', 'W99ZZ1'] }, 'FIELD_INVALID'],
    ['a kind that is in no list', { kinds: ['emperor'] }, 'FIELD_INVALID'],
    ['an id in upper case', { organisationId: 'DEPOT' }, 'FIELD_INVALID'],
    ['no context', { context: undefined }, 'FIELD_MISSING'],
  ])('refuses %s', async (_case, change, reason) => {
    const administrator = doorsOf('administrator', identity.administratorKey);
    const request = { context: context(), organisationId: 'refused-org', name: 'Refused', nation: 'USA', ...change };
    expect(await reasonOf(administrator.organisations.registerOrganisation(request))).toBe(reason);
  });

  async function publishedOrganisations(): Promise<Map<string, Record<string, unknown>>> {
    const bus = createKafkaBus({ brokers: testAddresses.kafkaBrokers, clientId: 'directory' });
    const topic = `${identity.topicPrefix}${TOPICS.identityOrganisation.name}`;
    const found = new Map<string, Record<string, unknown>>();
    try {
      await bus.consume({ groupId: topic, topics: [topic] }, async (batch) => {
        for (const { value } of batch.messages) {
          const { data } = JSON.parse(value?.toString() ?? '') as { data: Record<string, unknown> };
          found.set(String(data['organisationId']), data);
        }
        const next = (batch.messages.at(-1)?.offset ?? -1n) + 1n;
        await batch.commit(next);
        return { next };
      });
      await eventually(() => expect(found.size).toBeGreaterThanOrEqual(906), { limitMs: 30_000 });
      return found;
    } finally {
      await bus.close();
    }
  }
});
