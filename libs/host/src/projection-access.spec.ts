import 'reflect-metadata';

import { createTestTokens, createTokenVerifier, type TestTokens } from '@countersign/access';
import { createMemoryIdentity, type CompareStep, type Projections, type RebuildStep } from '@countersign/event-log';
import { createDirectDoor, type DirectAnswer } from '@countersign/grpc';
import { DomainError } from '@countersign/kernel';
import { operationsV1 } from '@countersign/proto';
import { contractComment, createAccessMatrix, type AccessRow, type MatrixWorld } from '@countersign/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';

import { ProjectionController } from './projection.controller.js';

const ORIGIN = 'countersign.example/parcels';
const LOG_IDENTITY = createMemoryIdentity({ origin: ORIGIN, organisation: 'operator' });
const { listProjections, rebuildProjection, compareProjection } = operationsV1.ProjectionService.method;
type Method = (typeof operationsV1.ProjectionService.methods)[number];

interface World extends MatrixWorld<Method> {
  /** What was done, by whomever. */
  readonly done: string[];
  call(method: Method, request: object, token?: string): Promise<DirectAnswer>;
}

const ORGANISATIONS = [
  { id: 'operator', codes: ['operator'] },
  { id: 'depot', codes: ['W99DP1'] },
] as const;

const name = 'parcels';
const ROWS: readonly AccessRow<Method, World>[] = [
  {
    method: listProjections,
    contract: 'how it is. Needs the role auditor, or administrator of the operator.',
    grants: [{ roles: ['auditor'] }, { roles: ['administrator'], of: ['operator'] }],
    foreign: 'PERMISSION_DENIED',
    request: () => ({}),
  },
  {
    method: rebuildProjection,
    contract: 'it goes on when the caller leaves. Needs the role administrator of the operator.',
    grants: [{ roles: ['administrator'], of: ['operator'] }],
    foreign: 'PERMISSION_DENIED',
    request: () => ({ name }),
  },
  {
    method: compareProjection,
    contract: 'Tells what the rows hold. Needs the role auditor.',
    grants: [{ roles: ['auditor'] }],
    request: () => ({ name }),
  },
];

function projections(done: string[]): Projections {
  const progress = { done: 5n, total: 7n, eventsPerSecond: 100 };
  return {
    list: () =>
      Promise.resolve([
        {
          ...{ name, version: 2, liveVersion: 1, position: 5n, head: 7n, state: 'stopped', failure: 'EVENT_TYPE_UNKNOWN' },
          beside: { state: 'building', version: 2, position: 3n },
        },
      ]),
    async *rebuild(asked): AsyncGenerator<RebuildStep> {
      done.push(`rebuild ${asked}`);
      if (asked !== name) throw new DomainError('PROJECTION_UNKNOWN', { field: 'name' });
      yield { phase: 'building', joined: true, ...progress, failure: 'UNIT_KEY_MISSING' };
      await Promise.resolve();
      yield { phase: 'switched', joined: true, ...progress, done: 7n };
    },
    async *compare(asked): AsyncGenerator<CompareStep> {
      done.push(`compare ${asked}`);
      yield { phase: 'building', ...progress };
      await Promise.resolve();
      const columns = [
        { column: 'pieces', live: '51', rebuilt: '61' },
        { column: 'contents', rebuilt: 'radios' },
      ];
      const differences = [{ table: 'parcels.parcel', key: 'TCN-1', kind: 'changed' as const, columns }];
      yield { phase: 'compared', comparison: { position: 7n, rowsCompared: 3n, differing: 1n, differences } };
    },
    endCalls: () => undefined,
    stop: () => Promise.resolve(),
  };
}

function openWorld(tokens: TestTokens): World {
  const done: string[] = [];
  const door = createDirectDoor({
    controllers: [[operationsV1.ProjectionService, new ProjectionController(projections(done), LOG_IDENTITY)]],
    authenticate: createTokenVerifier({ keys: { jwks: tokens.jwks }, logOrigin: ORIGIN }).authenticate,
    openMethods: [],
  });
  return { done, call: (method, request, token) => door.call(method, request, token), size: () => Promise.resolve(0n) };
}

describe('who may call what at the door of read models', () => {
  let tokens: TestTokens;
  const matrix = createAccessMatrix<Method, World>({
    methods: operationsV1.ProjectionService.methods,
    rows: ROWS,
    organisations: ORGANISATIONS,
    open: () => Promise.resolve(openWorld(tokens)),
    tokenOf: (caller, change) => tokens.tokenOf(caller, change),
  });
  beforeAll(async () => {
    tokens = await createTestTokens([ORIGIN]);
  });
  const tokenOf = (role: 'auditor' | 'administrator'): Promise<string> =>
    tokens.tokenOf({ principalId: role, organisationId: 'operator', actingFor: 'operator', nation: 'XXX', roles: [role] });

  it('is said of every rpc', () => {
    expect(matrix.missing).toEqual([]);
  });

  it.each(matrix.rows)('%s: as its contract says', (_name, { method, contract }) => {
    expect(contractComment(method.parent.file.name, method.parent.name, method.name)).toContain(contract);
  });

  it.each(matrix.rows)('%s: by everybody', async (_name, row) => {
    expect(await matrix.answers(row)).toEqual(matrix.expected(row));
  });

  it('asks nothing of a read model for somebody it refuses', async () => {
    const world = openWorld(tokens);
    await world.call(rebuildProjection, { name }, await tokenOf('auditor'));
    await world.call(compareProjection, { name }, await tokenOf('administrator'));
    expect(world.done).toEqual([]);
  });

  it('tells how a read model is, and how work on it goes', async () => {
    const world = openWorld(tokens);
    const listed = await world.call(listProjections, {}, await tokenOf('auditor'));
    expect(listed).toMatchObject({
      messages: [
        {
          projections: [
            { name, version: 2, liveVersion: 1, position: 5n, head: 7n, lag: 2n, state: 'stopped', besidePosition: 3n },
          ],
        },
      ],
    });
    const rebuilt = await world.call(rebuildProjection, { name }, await tokenOf('administrator'));
    expect(rebuilt).toMatchObject({
      messages: [
        { joined: true, progress: { phase: 'building', done: 5n, total: 7n, failure: 'UNIT_KEY_MISSING' } },
        { progress: { phase: 'switched', done: 7n, failure: '' } },
      ],
    });
    const compared = await world.call(compareProjection, { name }, await tokenOf('auditor'));
    expect(compared).toMatchObject({
      messages: [
        { progress: { phase: 'building' } },
        {
          progress: { phase: 'compared', done: 7n, total: 7n },
          comparison: {
            ...{ position: 7n, rows: 3n, differing: 1n },
            differences: [
              { table: 'parcels.parcel', key: 'TCN-1', kind: 'changed', columns: [{ live: '51', rebuilt: '61' }, {}] },
            ],
          },
        },
      ],
    });
    const unknown = await world.call(rebuildProjection, { name: 'nothing' }, await tokenOf('administrator'));
    expect(unknown).toMatchObject({ code: 'PROJECTION_UNKNOWN' });
  });
});
