import 'reflect-metadata';
import { createTestTokens, createTokenVerifier, type TestTokens } from '@countersign/access';
import { createDirectDoor } from '@countersign/grpc';
import { silentLogger } from '@countersign/observability';
import { anchoringV1 } from '@countersign/proto';
import { contractComment, createAccessMatrix, type AccessRow, type MatrixWorld } from '@countersign/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Anchoring } from './anchoring.js';
import { LogController } from './log.controller.js';
import { ProofController } from './proof.controller.js';
import { ANCHORING } from './service.js';
import { AnchoringWorld } from './testing/anchoring-world.js';

type Method = (typeof ANCHORING.grpcServices)[number]['methods'][number];
interface Doors extends MatrixWorld<Method> {
  readonly logId: Uint8Array;
}

const ENTRIES = 10;
const ORGANISATIONS = [
  { id: 'operator', codes: ['operator'] },
  { id: 'depot-usa', codes: ['W99DP1'] },
  { id: 'auditor-nld', codes: ['H9A91'] },
] as const;

/** Both services say it, one of them within a sentence. */
const CONTRACT = { contract: 'allers need the role auditor or service.', grants: [{ roles: ['auditor', 'service'] }] } as const;
const { listLogs, readEntries } = anchoringV1.LogService.method;
const { getInclusionProofs, getConsistencyProof, getItemEvidence } = anchoringV1.ProofService.method;
const ROWS: readonly AccessRow<Method, Doors>[] = [
  { ...CONTRACT, method: listLogs, request: () => ({}) },
  { ...CONTRACT, method: readEntries, request: ({ logId }) => ({ logId, fromIndex: 0n }) },
  {
    ...CONTRACT,
    method: getInclusionProofs,
    request: ({ logId }) => ({ logId, indexes: [0n, 9n], allowUnanchored: true }),
  },
  { ...CONTRACT, method: getConsistencyProof, request: ({ logId }) => ({ logId, fromSize: 4n, toSize: BigInt(ENTRIES) }) },
  {
    ...CONTRACT,
    method: getItemEvidence,
    request: ({ logId }) => ({ logId, itemKeys: [Buffer.alloc(32, 1)], allowUnanchored: true }),
  },
];

async function openDoors(tokens: TestTokens): Promise<Doors> {
  const { samples, stores, ...world } = await grown();
  const anchoring = await Anchoring.open(
    samples.map(({ log }) => log),
    stores,
    silentLogger,
  );
  const door = createDirectDoor({
    controllers: [
      [anchoringV1.LogService, new LogController(anchoring)],
      [anchoringV1.ProofService, new ProofController(anchoring)],
    ],
    authenticate: createTokenVerifier({ keys: { jwks: tokens.jwks } }).authenticate,
    openMethods: ANCHORING.openMethods ?? [],
  });
  return {
    logId: world.logId,
    call: (method, request, token) => door.call(method, request, token),
    size: async () => BigInt(await stores.leaves.received(0)),
  };
}

/** One log with a tree. */
async function grown(): Promise<Pick<AnchoringWorld, 'samples' | 'stores'> & { readonly logId: Uint8Array }> {
  const world = await AnchoringWorld.open(1);
  await world.grow(0, ENTRIES);
  await world.publisher.step();
  await world.growHeads(0);
  const [sample] = world.samples;
  if (sample === undefined) throw new Error('no log');
  return { samples: world.samples, stores: world.stores, logId: sample.log.logId };
}

describe('who may call what at the doors of anchoring', () => {
  let tokens: TestTokens;
  const matrix = createAccessMatrix<Method, Doors>({
    methods: ANCHORING.grpcServices.flatMap(({ methods }) => methods),
    rows: ROWS,
    organisations: ORGANISATIONS,
    open: () => openDoors(tokens),
    tokenOf: (caller, change) => tokens.tokenOf(caller, change),
  });
  beforeAll(async () => {
    tokens = await createTestTokens();
  });

  it('is said of every rpc, and none needs no token', () => {
    expect(matrix.missing).toEqual([]);
    expect(ANCHORING.openMethods).toBeUndefined();
  });

  it.each(matrix.rows)('%s: as its contract says', (_name, { method, contract }) => {
    expect(contractComment(method.parent.file.name, method.parent.name, method.name)).toContain(contract);
  });

  it.each(matrix.rows)('%s: by everybody', async (_name, row) => {
    expect(await matrix.answers(row)).toEqual(matrix.expected(row));
  });
});
