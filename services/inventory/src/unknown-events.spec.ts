import 'reflect-metadata';
import { createTestTokens, type TestTokens } from '@countersign/access';
import { GrpcErrorFilter, KIND_STATUS } from '@countersign/grpc';
import type { CommandEnvelope, DomainEvent, EventSchema, StreamDefinition } from '@countersign/kernel';
import type { LogFields } from '@countersign/observability';
import { silentLogger } from '@countersign/observability';
import { inventoryV1 } from '@countersign/proto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openInventoryDoors, ORIGIN, type InventoryDoors, type InventoryMethod } from './access-fixture.js';
import { CLERK, DEPOT, NIIN, RIC } from './builders.js';
import { inventorySchema } from './event-schema.js';
import { REQUESTS } from './requests.builders.js';
import { STOCK } from './stock/stock.js';

interface Status {
  readonly code: number;
  readonly details: string;
}

const LEDGER = `stock/${RIC}/${NIIN}`;
const COUNTED = { ric: RIC, nsn: '6615129999901', uiis: [] };
const { postReceipt, issueMateriel, getStock } = inventoryV1.StockService.method;
const { getAsset } = inventoryV1.AssetService.method;

const ENVELOPE: CommandEnvelope = {
  commandId: 'of-a-newer-build',
  actor: { principalId: CLERK, pseudonym: 'p', organisationId: DEPOT, actingFor: 'W99DP1', nation: 'USA', roles: [] },
  eventTime: '2026-11-03T05:00:00Z',
  correlationId: 'of-a-newer-build',
  request: Buffer.alloc(0),
};

/** The ledger as a newer build knows it. */
function newer(name: string, schema: EventSchema): StreamDefinition<unknown, DomainEvent> {
  return { ...STOCK, initial: null, evolve: () => null, schemas: { [name]: schema }, links: () => [], upcasters: [] } as never;
}

describe('A ledger that a newer build has written to', () => {
  let tokens: TestTokens;
  let doors: InventoryDoors;
  let logged: LogFields[];

  beforeAll(async () => {
    tokens = await createTestTokens([ORIGIN]);
  });

  beforeEach(async () => {
    doors = await openInventoryDoors(tokens, 'ordered');
    logged = [];
  });

  const statusOf = async (method: InventoryMethod, request: object): Promise<Status> => {
    const by = {
      principalId: CLERK,
      organisationId: DEPOT,
      actingFor: 'W99DP1',
      nation: 'USA',
      roles: ['storage-clerk'],
    } as const;
    const token = await tokens.tokenOf(by);
    const filter = new GrpcErrorFilter({ ...silentLogger, error: (_event, fields = {}) => void logged.push(fields) });
    // The direct door throws what the real one hands to its filter.
    const error: unknown = await doors.call(method, request, token).then(
      (answer) => Promise.reject(new Error(`answered ${answer.code}`)),
      (thrown: unknown) => thrown,
    );
    return new Promise((resolve) => filter.catch(error).subscribe({ error: resolve }));
  };

  /** Another process of a newer build appends; the head of this one's cache is behind. */
  const writeNewer = async (name: string, schema: EventSchema, data: object): Promise<bigint> => {
    const definition = newer(name, schema);
    await doors.journal.another().execute(ENVELOPE, async (unit) => {
      // The newer build knows the earlier events, too; what they fold to is of no matter here.
      const stream = await unit.open(
        { ...definition, schemas: { ...STOCK.schemas, [name]: schema } } as typeof definition,
        `${RIC}/${NIIN}`,
      );
      stream.append({ type: name, data });
    });
    return doors.size();
  };

  it.each<[string, InventoryMethod, () => object]>([
    ['an issue', issueMateriel, REQUESTS.issue],
    ['a receipt', postReceipt, () => REQUESTS.receipt({ documentNumber: 'W99DP163050001', piid: '', shipmentNumber: '' })],
    ['a query', getStock, () => ({ ric: RIC, niin: NIIN })],
  ])(
    'stops %s at the event it does not know, names it to the operator only, and records nothing',
    async (_case, method, request) => {
      const size = await writeNewer('StockCounted', inventorySchema('StockCounted', ['ric', 'nsn', 'uiis']), COUNTED);
      const { code, details } = await statusOf(method, request());
      expect(code).toBe(KIND_STATUS.internal);
      expect(logged).toEqual([
        expect.objectContaining({
          error: expect.objectContaining({ code: 'EVENT_TYPE_UNKNOWN' }),
          streamId: LEDGER,
          sequence: '1',
          type: 'countersign.inventory.StockCounted.v1',
        }),
      ]);
      expect(details).not.toContain('StockCounted');
      expect(await doors.size()).toBe(size);
    },
  );

  it('stops at a field that its version of an event does not have', async () => {
    const { type, fields } = STOCK.schemas.UnitsHeld;
    const schema: EventSchema = { type, fields: { ...fields, until: { group: 'logistics' } } };
    const size = await writeNewer('UnitsHeld', schema, { ...COUNTED, hold: 'SUSPECT_COUNTERFEIT', until: '2026-12-01' });
    expect(await statusOf(issueMateriel, REQUESTS.issue())).toMatchObject({ code: KIND_STATUS.internal });
    expect(logged).toEqual([
      expect.objectContaining({
        error: expect.objectContaining({ code: 'EVENT_FIELD_UNKNOWN' }),
        ...{ streamId: LEDGER, sequence: '1', type, field: 'until' },
      }),
    ]);
    expect(await doors.size()).toBe(size);
  });

  it('leaves its neighbours alone', async () => {
    await writeNewer('StockCounted', inventorySchema('StockCounted', ['ric', 'nsn', 'uiis']), COUNTED);
    const by = { principalId: CLERK, organisationId: DEPOT, role: 'storage-clerk' } as const;
    expect(await doors.does({ method: getAsset, by, request: { uii: 'DD9X91IMU7700-3000417B' } })).toMatchObject({});
  });
});
