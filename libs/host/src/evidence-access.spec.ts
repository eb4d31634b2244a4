import 'reflect-metadata';

import { randomUUID } from 'node:crypto';

import { createTestTokens, createTokenVerifier, type TestTokens } from '@countersign/access';
import { createMemoryIdentity, createMemoryJournal } from '@countersign/event-log';
import { createDirectDoor, type DirectAnswer } from '@countersign/grpc';
import type { DomainEvent, StreamDefinition } from '@countersign/kernel';
import { evidenceV1 } from '@countersign/proto';
import { contractComment, createAccessMatrix, type AccessRow, type MatrixCaller, type MatrixWorld } from '@countersign/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';

import { EvidenceController } from './evidence.controller.js';
import { Subscriptions } from './subscriptions.js';

const ORIGIN = 'countersign.example/parcels';
const LOG_IDENTITY = createMemoryIdentity({ origin: ORIGIN });
const { getLog, findStreams, getStream, readLog, subscribe } = evidenceV1.EvidenceService.method;
type Method = (typeof evidenceV1.EvidenceService.methods)[number];
type World = MatrixWorld<Method>;

type ParcelPacked = DomainEvent<'ParcelPacked', { readonly tcn: string; readonly packedBy: string }>;
const PARCEL: StreamDefinition<null, ParcelPacked> = {
  category: 'parcel',
  initial: null,
  evolve: () => null,
  schemas: {
    ParcelPacked: {
      type: 'countersign.parcels.ParcelPacked.v1',
      fields: { tcn: { group: 'logistics' }, packedBy: { group: 'personal-duty' } },
    },
  },
  links: ({ data }) => [{ kind: 'tcn', value: data.tcn, role: 'identifies' }],
};

const ORGANISATIONS = [
  { id: 'depot', codes: ['W99DP1'] },
  { id: 'carrier', codes: ['H9C91'] },
  { id: 'stranger', codes: ['9Z9Z9'] },
] as const;

const ROWS: readonly AccessRow<Method, World>[] = [
  { method: getLog, contract: 'registration and current size. Any caller with a token.', grants: [{}], request: () => ({}) },
  {
    method: findStreams,
    contract: 'one of the given natural keys. Any caller with a token; what he may not read is absent.',
    grants: [{}],
    request: () => ({ keys: [{ kind: 'tcn', value: 'TCN-1' }] }),
  },
  {
    method: getStream,
    contract:
      'Callers need the role auditor, or belong to an organisation that the stream was shared with; all others get NOT_FOUND.',
    grants: [{ roles: ['auditor'] }, { of: ['depot', 'carrier'] }],
    request: () => ({ streamId: 'parcel/TCN-1' }),
    absent: () => ({ streamId: 'parcel/TCN-9' }),
  },
  { method: readLog, contract: 'Auditors only.', grants: [{ roles: ['auditor'] }], request: () => ({ fromPosition: 0n }) },
  {
    method: subscribe,
    contract:
      'with heartbeats. Any caller with a token; the records of streams he may not read are absent, as if they did not match.',
    grants: [{}],
    request: () => ({ endAtHead: true }),
  },
];

/** The depot packed TCN-1, which the carrier was given a part in, and TCN-2, which is nobody else's. */
async function openWorld(tokens: TestTokens): Promise<World> {
  const journal = createMemoryJournal({ identity: LOG_IDENTITY });
  for (const [tcn, ...readers] of [['TCN-1', 'carrier'], ['TCN-2']] as const) {
    const commandId = randomUUID();
    const actor = { principalId: 'p', pseudonym: 'x', organisationId: 'depot', actingFor: 'W99DP1', nation: 'USA', roles: [] };
    const envelope = { commandId, actor, eventTime: '2026-11-01T08:00:00Z', correlationId: 'c', request: Buffer.from(commandId) };
    await journal.execute(envelope, async (unit) => {
      const parcel = await unit.open(PARCEL, tcn);
      parcel.append({ type: 'ParcelPacked', data: { tcn, packedBy: 'person-packer' } });
      parcel.share(...readers);
      return null;
    });
  }
  const followed = { ...journal, onAppended: () => () => undefined };
  const subscriptions = new Subscriptions({ log: followed, journal, identity: journal.identity });
  const verifier = createTokenVerifier({ keys: { jwks: tokens.jwks }, logOrigin: ORIGIN });
  const door = createDirectDoor({
    controllers: [[evidenceV1.EvidenceService, new EvidenceController(journal, journal, journal.identity, subscriptions)]],
    authenticate: verifier.authenticate,
    openMethods: [],
  });
  return { call: (method, request, token) => door.call(method, request, token), size: () => journal.size() };
}

describe('who may call what at the evidence door', () => {
  let tokens: TestTokens;
  const matrix = createAccessMatrix<Method, World>({
    methods: evidenceV1.EvidenceService.methods,
    rows: ROWS,
    organisations: ORGANISATIONS,
    open: () => openWorld(tokens),
    tokenOf: (caller, change) => tokens.tokenOf(caller, change),
  });
  beforeAll(async () => {
    tokens = await createTestTokens([ORIGIN]);
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

  it('is the same answer for a stream that is not theirs and one that is not there', async () => {
    for (const [, row] of matrix.rows) {
      const hints = await matrix.hints(row);
      expect(hints?.existing).toEqual(hints?.absent);
    }
  });

  it('sends nobody a record that he may not read, and hides it like one that is not there', async () => {
    const world = await openWorld(tokens);
    const subscribed = async (caller: Partial<MatrixCaller>, request: object = {}): Promise<object[]> => {
      const somebody = { principalId: 'p-1', organisationId: 'stranger', actingFor: '9Z9Z9', nation: 'USA', roles: [] };
      const token = await tokens.tokenOf({ ...somebody, ...caller });
      const answer = (await world.call(subscribe, { ...request, endAtHead: true }, token)) as DirectAnswer;
      if (answer.code !== 'OK') throw new Error(answer.code);
      return answer.messages.map((message) => (message as evidenceV1.SubscribeResponse).message);
    };
    const streams = async (caller: Partial<MatrixCaller>): Promise<string[]> =>
      JSON.stringify(await subscribed(caller), (_key, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ).match(/parcel\/TCN-\d/g) ?? [];
    expect(await streams({})).toEqual([]);
    expect(await streams({ organisationId: 'carrier' })).toEqual(['parcel/TCN-1']);
    expect(await streams({ organisationId: 'depot' })).toEqual(['parcel/TCN-1', 'parcel/TCN-2']);
    expect(await streams({ roles: ['auditor'] })).toEqual(['parcel/TCN-1', 'parcel/TCN-2']);
    const about = async (tcn: string): Promise<object[]> =>
      (await subscribed({}, { filter: { streamIds: [`parcel/${tcn}`], naturalKeys: [{ kind: 'tcn', value: tcn }] } })).map(
        (message) => ({ ...message, value: { ...(message as { value: object }).value, resumeToken: '' } }),
      );
    expect(await about('TCN-2')).toEqual(await about('TCN-9'));
  });

  const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `x${index}`);
  const key = { kind: 'tcn', value: 'TCN-1' };
  it.each([
    ['heartbeat_interval_ms', 'FIELD_INVALID', { heartbeatIntervalMs: 999 }],
    ['heartbeat_interval_ms', 'FIELD_INVALID', { heartbeatIntervalMs: 60_001 }],
    ['resume_token', 'FIELD_INVALID', { start: { case: 'resumeToken', value: '' } }],
    ['resume_token', 'FIELD_INVALID', { start: { case: 'resumeToken', value: 'x'.repeat(257) } }],
    ['resume_token', 'RESUME_TOKEN_INVALID', { start: { case: 'resumeToken', value: 'x'.repeat(119) } }],
    ['from_position', 'FIELD_INVALID', { start: { case: 'fromPosition', value: 4n } }],
    ['from_position', 'FIELD_INVALID', { start: { case: 'fromPosition', value: 2n ** 64n - 1n } }],
    ['filter.categories[0]', 'FIELD_INVALID', { filter: { categories: ['Parcel'] } }],
    ['filter.categories[0]', 'FIELD_INVALID', { filter: { categories: ['parcel/TCN-1'] } }],
    ['filter.categories', 'FIELD_INVALID', { filter: { categories: many(33) } }],
    ['filter.types[1]', 'FIELD_INVALID', { filter: { types: ['countersign.a.B.v1', 'ParcelPacked'] } }],
    ['filter.types[0]', 'FIELD_INVALID', { filter: { types: ['countersign.a.B.v0'] } }],
    ['filter.types[0]', 'FIELD_INVALID', { filter: { types: [`countersign.a.B${'b'.repeat(128)}`] } }],
    ['filter.stream_ids[0]', 'FIELD_INVALID', { filter: { streamIds: [''] } }],
    ['filter.stream_ids', 'FIELD_INVALID', { filter: { streamIds: many(101) } }],
    ['filter.stream_ids[0]', 'FIELD_INVALID', { filter: { streamIds: ['a\0'] } }],
    ['filter.natural_keys', 'FIELD_INVALID', { filter: { naturalKeys: many(21).map(() => key) } }],
    ['filter.natural_keys[1].kind', 'CODE_UNKNOWN', { filter: { naturalKeys: [key, { ...key, kind: 'nsn' }] } }],
    ['filter.natural_keys[0].value', 'FIELD_INVALID', { filter: { naturalKeys: [{ ...key, value: '' }] } }],
  ])('refuses a subscription for its %s (%s)', async (field, code, request) => {
    const world = await openWorld(tokens);
    const actingFor = '9Z9Z9';
    const token = await tokens.tokenOf({ principalId: 'p', organisationId: 'stranger', actingFor, nation: 'USA', roles: [] });
    const violations = [expect.objectContaining({ field, code })];
    expect(await world.call(subscribe, { ...request, endAtHead: true }, token)).toMatchObject({ code, violations });
  });

  it('finds no stream for those who may not read it, and opens nothing personal to anybody', async () => {
    const world = await openWorld(tokens);
    const ask = async (caller: Partial<MatrixCaller>, method: Method, request: object): Promise<DirectAnswer> => {
      const somebody = { principalId: 'p-1', organisationId: 'stranger', actingFor: '9Z9Z9', nation: 'USA', roles: [] };
      return (await world.call(method, request, await tokens.tokenOf({ ...somebody, ...caller }))) as DirectAnswer;
    };
    const found = async (caller: Partial<MatrixCaller>): Promise<string> =>
      JSON.stringify(await ask(caller, findStreams, { keys: ['TCN-1', 'TCN-2'].map((value) => ({ kind: 'tcn', value })) }));
    expect(await found({})).not.toContain('parcel/');
    expect(await found({ organisationId: 'carrier' })).toContain('parcel/TCN-1');
    expect(await found({ organisationId: 'carrier' })).not.toContain('TCN-2');
    expect(await found({ roles: ['auditor'] })).toContain('parcel/TCN-2');
    const read = await ask({ roles: ['auditor'] }, getStream, { streamId: 'parcel/TCN-1' });
    const opened = read.code === 'OK' ? (read.messages as evidenceV1.GetStreamResponse[])[0]?.records[0]?.disclosures : [];
    const groups = opened?.map((encoded) => JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')) as unknown[]);
    expect(groups?.map(([, group]) => group)).toEqual(['logistics']);
  });
});
