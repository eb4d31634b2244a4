import { expect, it } from '@jest/globals';
import { evidenceV1, inventoryV1, procurementV1 } from '@countersign/proto';
import { create, toBinary, type DescMethod, type MessageInitShape } from '@bufbuild/protobuf';
import type { PersonName } from '../cast.js';
import { FACTS, ITEM, uiiOf } from '../story-facts.js';
import { rawCall, type RawAnswer } from './raw-call.js';
import type { StoryRun } from './story-run.js';
import { principalOf, tokenOf } from './tokens.js';

type Service = 'inventory' | 'procurement';

/** The same question about a thing that is there and about one that is not, by somebody whom neither concerns. */
interface Question {
  readonly name: string;
  readonly service: Service;
  readonly person: PersonName;
  readonly method: DescMethod;
  readonly there: Uint8Array;
  readonly absent: Uint8Array;
}

function question<Method extends DescMethod>(
  name: string,
  service: Service,
  person: PersonName,
  method: Method,
  there: MessageInitShape<Method['input']>,
  absent: MessageInitShape<Method['input']>,
): Question {
  const encode = (value: MessageInitShape<Method['input']>): Uint8Array => toBinary(method.input, create(method.input, value));
  return { name, service, person, method, there: encode(there), absent: encode(absent) };
}

const OTHER_PIID = 'W99CT126C9999';
const { getStream } = evidenceV1.EvidenceService.method;
const SHIPMENT = { piid: FACTS.piid, shipmentNumber: FACTS.shipmentNumber };

const QUESTIONS: readonly Question[] = [
  question(
    'an asset',
    'inventory',
    'driver',
    inventoryV1.AssetService.method.getAsset,
    { uii: uiiOf('000418B') },
    { uii: uiiOf('999999B') },
  ),
  question(
    'a ledger',
    'inventory',
    'shipper',
    inventoryV1.StockService.method.getStock,
    { ric: FACTS.ric, niin: FACTS.niin },
    { ric: FACTS.ric, niin: '015465999' },
  ),
  question('a due-in', 'inventory', 'driver', inventoryV1.DueInService.method.getDueIn, SHIPMENT, {
    ...SHIPMENT,
    shipmentNumber: 'SER9999',
  }),
  question(
    'a custody',
    'inventory',
    'shipper',
    inventoryV1.CustodyService.method.getCustody,
    { unit: { tcn: FACTS.tcn, piece: 1 } },
    { unit: { tcn: FACTS.tcn, piece: 2 } },
  ),
  question(
    'an order',
    'procurement',
    'requisitioner',
    procurementV1.OrderService.method.getOrder,
    { piid: FACTS.piid },
    { piid: OTHER_PIID },
  ),
  question(
    'an agreement',
    'procurement',
    'requisitioner',
    procurementV1.AgreementService.method.getAgreement,
    { piid: FACTS.piid },
    { piid: OTHER_PIID },
  ),
  question('a shipment notice', 'procurement', 'driver', procurementV1.ShipmentNoticeService.method.getShipmentNotice, SHIPMENT, {
    ...SHIPMENT,
    shipmentNumber: 'SER9999',
  }),
  question(
    'a receiving report',
    'procurement',
    'driver',
    procurementV1.ReceivingReportService.method.getReceivingReport,
    SHIPMENT,
    { ...SHIPMENT, shipmentNumber: 'SER9999' },
  ),
  question(
    'a requisition',
    'procurement',
    'shipper',
    procurementV1.RequisitionService.method.getRequisition,
    { key: { case: 'numbered', value: { documentNumber: FACTS.requisition, year: FACTS.year } } },
    { key: { case: 'numbered', value: { documentNumber: FACTS.requisition, year: 2016 } } },
  ),
  question(
    "the evidence of an asset's stream",
    'inventory',
    'shipper',
    getStream,
    { streamId: `stock/${FACTS.ric}/${FACTS.niin}` },
    { streamId: 'stock/Z9D/015465999' },
  ),
  question(
    "the evidence of a requisition's stream",
    'procurement',
    'driver',
    getStream,
    { streamId: `requisition/${FACTS.requisition}/2026` },
    { streamId: 'requisition/none/2026' },
  ),
  question(
    "the evidence of an agreement's stream",
    'procurement',
    'requisitioner',
    getStream,
    { streamId: `agreement/${FACTS.piid}` },
    { streamId: `agreement/${OTHER_PIID}` },
  ),
];

/** Whoever has no part in a thing cannot tell it from one that does not exist. */
export function accessSuite(run: () => StoryRun): void {
  it.each(QUESTIONS)('answers $person about $name as if it did not exist', async ({ service, person, method, there, absent }) => {
    const { platform, keys } = run();
    const authorization = `Bearer ${await tokenOf(platform, principalOf(keys, person))}`;
    const path = `/${method.parent.typeName}/${method.name}`;
    const ask = (body: Uint8Array): Promise<RawAnswer> =>
      rawCall(platform.addresses[service].grpc, path, body, { authorization });
    const answers = [await ask(there), await ask(absent)].map(told);
    expect(answers[0]).toMatchObject({ status: 'NOT_FOUND', code: 'NOT_FOUND' });
    expect(answers[0]).toEqual(answers[1]);
    // The thing is there: who has a part in it, or audits it, sees it.
    const auditor = { authorization: `Bearer ${await tokenOf(platform, principalOf(keys, 'auditor'))}` };
    const seen = await rawCall(platform.addresses[service].grpc, path, there, auditor);
    const owner = { authorization: `Bearer ${await tokenOf(platform, principalOf(keys, 'clerk'))}` };
    const owned = await rawCall(platform.addresses[service].grpc, path, there, owner);
    expect([seen.status, owned.status]).toContain('OK');
  });

  it('finds no streams for whom they do not concern, and reads no log to anybody but an auditor', async () => {
    const { platform, keys, clients } = run();
    const { findStreams, readLog } = evidenceV1.EvidenceService.method;
    const send = async (person: PersonName, method: DescMethod, body: Uint8Array): Promise<RawAnswer> => {
      const authorization = `Bearer ${await tokenOf(platform, principalOf(keys, person))}`;
      return rawCall(platform.addresses.inventory.grpc, `/${method.parent.typeName}/${method.name}`, body, { authorization });
    };
    const keysOf = (value: string): Uint8Array =>
      toBinary(findStreams.input, create(findStreams.input, { keys: [{ kind: 'uii', value }] }));
    const foreign = await send('driver', findStreams, keysOf(uiiOf('000418B')));
    expect(foreign).toMatchObject({ status: 'OK', body: Buffer.alloc(0) });
    expect(told(foreign)).toEqual(told(await send('driver', findStreams, keysOf(uiiOf('999999B')))));
    const denied = await send('clerk', readLog, Buffer.alloc(0));
    expect(denied).toMatchObject({ status: 'PERMISSION_DENIED', code: 'PERMISSION_DENIED' });
    const inventory = clients.sources.find(({ name }) => name === 'inventory');
    const found = await inventory?.evidence.findStreams({ keys: [{ kind: 'uii', value: ITEM }] });
    expect(found?.streams.length).toBeGreaterThan(1);
  });
}

/** All that an answer tells but the id of the call. */
function told({ status, code, field, message, facts, body }: RawAnswer): object {
  return { status, code, field, message, facts: Object.keys(facts), body };
}
