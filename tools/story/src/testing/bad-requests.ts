import { randomUUID } from 'node:crypto';
import { create, toBinary, type DescMessage, type DescMethod, type Message, type MessageInitShape } from '@bufbuild/protobuf';
import { identityV1, inventoryV1, procurementV1 } from '@countersign/proto';
import type { PersonName } from '../cast.js';
import { FACTS } from '../story-facts.js';

/** Whose token a bad request carries: people of the story, the administrator, and a clerk of another nation's depot. */
export type Caller = PersonName | 'administrator' | 'foreignClerk';

export interface BadRequest {
  readonly name: string;
  readonly service: 'identity' | 'inventory' | 'procurement';
  readonly method: DescMethod;
  readonly body: Uint8Array;
  readonly caller: Caller;
  /** gRPC status, error code, field. */
  readonly expected: string;
}

/** An ordinary item, counted and not followed one by one; the suite registers it. */
export const PLAIN_NSN = '5905-00-734-5199';

const AT = '2026-11-10T08:00:00Z';

export function commandContext(eventTime: string = AT): { commandId: string; eventTime: string } {
  return { commandId: randomUUID(), eventTime };
}

/** Fields of a message that is still to be made. */
type FieldsOf<Schema extends DescMessage> = Exclude<MessageInitShape<Schema>, Message>;
type Receipt = FieldsOf<typeof inventoryV1.PostReceiptRequestSchema>;

/** A receipt that is accepted as it stands; each bad one differs from it in one thing. */
export function receipt(change: Receipt = {}): Uint8Array {
  const sound: Receipt = {
    context: commandContext(),
    ric: FACTS.ric,
    nsn: PLAIN_NSN,
    documentIdentifier: 'D6',
    documentNumber: 'W99DP163100001',
    condition: 'A',
    quantity: 1n,
    unitOfIssue: 'EA',
  };
  return encode(inventoryV1.StockService.method.postReceipt, { ...sound, ...change });
}

function encode<Method extends DescMethod>(method: Method, value: MessageInitShape<Method['input']>): Uint8Array {
  return toBinary(method.input, create(method.input, value));
}

type Line = readonly [name: string, change: Receipt, expected: string];

const item = (uii: string): Receipt => ({ nsn: FACTS.nsn, items: [{ uii }] });

const MARK = { construct: 1, agency: 'D', enterprise: FACTS.supplierCage, serial: '000999B' };

const IDENTIFIERS: readonly Line[] = [
  ['an NSN of 12 digits', { nsn: '5905-00-734-519' }, 'INVALID_ARGUMENT FIELD_INVALID nsn'],
  ['an NSN of 14 digits', { nsn: '59050073451990' }, 'INVALID_ARGUMENT FIELD_INVALID nsn'],
  ['an NSN with a letter O', { nsn: '59O5-00-734-5199' }, 'INVALID_ARGUMENT FIELD_INVALID nsn'],
  ['an NSN with dashes elsewhere', { nsn: '59050-0734-5199' }, 'INVALID_ARGUMENT FIELD_INVALID nsn'],
  ['an NSN of full-width digits', { nsn: '５９０５００７３４５１９９' }, 'INVALID_ARGUMENT FIELD_INVALID nsn'],
  ['an NSN of a bureau that is not in the table', { nsn: '5905-10-734-5199' }, 'INVALID_ARGUMENT CODE_UNKNOWN nsn'],
  ['an NSN of a supply group that is not in the table', { nsn: '0005-00-734-5199' }, 'INVALID_ARGUMENT CODE_UNKNOWN nsn'],
  ['an NSN that nobody registered', { nsn: '5820-01-546-5288' }, 'FAILED_PRECONDITION ITEM_UNKNOWN nsn'],
  ['no NSN', { nsn: '' }, 'INVALID_ARGUMENT FIELD_INVALID nsn'],
  ['a document number of 13 characters', { documentNumber: 'N001042279001' }, 'INVALID_ARGUMENT FIELD_INVALID document_number'],
  ['a document number of day 367', { documentNumber: 'N0010423670001' }, 'INVALID_ARGUMENT FIELD_INVALID document_number'],
  ['a document number of day 000', { documentNumber: 'W81X9C20000417' }, 'INVALID_ARGUMENT FIELD_INVALID document_number'],
  [
    'a document number of day 366 in an ordinary year',
    { documentNumber: 'W99DP153660001' },
    'INVALID_ARGUMENT FIELD_INVALID document_number',
  ],
  ['a document number with a letter I', { documentNumber: 'W99IP163100001' }, 'INVALID_ARGUMENT FIELD_INVALID document_number'],
  ['a suffix O', { suffix: 'O' }, 'INVALID_ARGUMENT FIELD_INVALID suffix'],
  ['a RIC of two characters', { ric: 'SM' }, 'INVALID_ARGUMENT FIELD_INVALID ric'],
  ['a RIC in lower case', { ric: 'sms' }, 'INVALID_ARGUMENT FIELD_INVALID ric'],
  ['a RIC that nobody holds', { ric: 'SMS' }, 'FAILED_PRECONDITION STORAGE_UNKNOWN ric'],
  ['a CAGE code of four characters', { supplierCage: '3596' }, 'INVALID_ARGUMENT FIELD_INVALID supplier_cage'],
  ['a CAGE code with a letter I', { supplierCage: '3I962' }, 'INVALID_ARGUMENT FIELD_INVALID supplier_cage'],
  ['a CAGE code with a Cyrillic letter', { supplierCage: '9359В' }, 'INVALID_ARGUMENT FIELD_INVALID supplier_cage'],
  ['a PIID of 12 characters', { piid: 'W91QUZ6D0020' }, 'INVALID_ARGUMENT FIELD_INVALID piid'],
  ['a PIID without its type letter', { piid: 'W91QUZ0640020' }, 'INVALID_ARGUMENT FIELD_INVALID piid'],
  ['a UII in lower case', item('d35962pq7vz4m37gxb92'), 'INVALID_ARGUMENT FIELD_INVALID items[0].uii'],
  ['a UII with a space', item('D35962PQ7VZ4 M37GXB92'), 'INVALID_ARGUMENT FIELD_INVALID items[0].uii'],
  ['a UII of 51 characters', item(`D35962${'9'.repeat(45)}`), 'INVALID_ARGUMENT FIELD_INVALID items[0].uii'],
  ['an empty UII', item(''), 'INVALID_ARGUMENT FIELD_INVALID items[0].uii'],
  [
    'a UII that its parts do not make',
    { nsn: FACTS.nsn, items: [{ uii: 'DD9X91000998B', parts: MARK }] },
    'INVALID_ARGUMENT FIELD_INVALID items[0].parts',
  ],
  [
    'a UII of an unknown issuing agency',
    { nsn: FACTS.nsn, items: [{ uii: 'XD9X91000999B', parts: { ...MARK, agency: 'X' } }] },
    'INVALID_ARGUMENT FIELD_INVALID items[0].parts.agency',
  ],
  [
    'a UII without a serial number',
    { nsn: FACTS.nsn, items: [{ uii: 'DD9X91', parts: { ...MARK, serial: '' } }] },
    'INVALID_ARGUMENT FIELD_INVALID items[0].parts.serial',
  ],
  [
    'the same UII twice',
    { nsn: FACTS.nsn, quantity: 2n, items: [{ uii: 'DD9X91000999B' }, { uii: 'DD9X91000999B' }] },
    'INVALID_ARGUMENT FIELD_INVALID items[1].uii',
  ],
];

const AMOUNTS: readonly Line[] = [
  ['a quantity of 0', { quantity: 0n }, 'INVALID_ARGUMENT FIELD_INVALID quantity'],
  ['a quantity of -1', { quantity: -1n }, 'INVALID_ARGUMENT FIELD_INVALID quantity'],
  ['the least integer as quantity', { quantity: -(2n ** 63n) }, 'INVALID_ARGUMENT FIELD_INVALID quantity'],
  ['a quantity of nine digits', { quantity: 100_000_000n }, 'INVALID_ARGUMENT FIELD_INVALID quantity'],
  ['a quantity of 2^31', { quantity: 2n ** 31n }, 'INVALID_ARGUMENT FIELD_INVALID quantity'],
  ['a quantity of 2^53 + 1', { quantity: 2n ** 53n + 1n }, 'INVALID_ARGUMENT FIELD_INVALID quantity'],
  ['the largest integer as quantity', { quantity: 2n ** 63n - 1n }, 'INVALID_ARGUMENT FIELD_INVALID quantity'],
  [
    'fewer items than counted',
    { nsn: FACTS.nsn, quantity: 2n, items: [{ uii: 'DD9X91000999B' }] },
    'FAILED_PRECONDITION ITEMS_DIFFER_FROM_QUANTITY items',
  ],
  ['a unit of issue that does not exist', { unitOfIssue: 'QQ' }, 'INVALID_ARGUMENT CODE_UNKNOWN unit_of_issue'],
  ['a unit of issue in lower case', { unitOfIssue: 'ea' }, 'INVALID_ARGUMENT FIELD_INVALID unit_of_issue'],
  ['no unit of issue', { unitOfIssue: '' }, 'INVALID_ARGUMENT FIELD_INVALID unit_of_issue'],
  ["a unit of issue that is not the item's", { unitOfIssue: 'BX' }, 'FAILED_PRECONDITION UNIT_OF_ISSUE_DIFFERS unit_of_issue'],
  ['a supply condition that is never assigned', { condition: 'I' }, 'INVALID_ARGUMENT CODE_UNKNOWN condition'],
  ['scrap, which is not stocked', { condition: 'S' }, 'INVALID_ARGUMENT CONDITION_NOT_STOCKED condition'],
  ['an unknown document identifier', { documentIdentifier: 'D9' }, 'INVALID_ARGUMENT FIELD_INVALID document_identifier'],
];

const timed = (name: string, eventTime: string, code = 'TIME_INVALID'): Line => [
  name,
  { context: { commandId: randomUUID(), eventTime } },
  `INVALID_ARGUMENT ${code} context.event_time`,
];

const named = (name: string, commandId: string): Line => [
  name,
  { context: { commandId, eventTime: AT } },
  'INVALID_ARGUMENT FIELD_INVALID context.command_id',
];

const CONTEXTS: readonly Line[] = [
  ['no context', { context: undefined }, 'INVALID_ARGUMENT FIELD_MISSING context'],
  named('no command id', ''),
  named('a command id that is no UUID', 'order-1'),
  named('a command id with a digit too few', '6b0c1f0e-3a57-4c86-9d55-2f5c7f3b8a4'),
  named('a command id of 4 KiB', 'a'.repeat(4096)),
  timed('a time without a zone', '2026-11-10T08:00:00'),
  timed('a date only', '2026-11-10'),
  timed('month 13', '2026-13-10T08:00:00Z'),
  timed('30 February', '2026-02-30T08:00:00Z'),
  timed('an offset of 25 hours', '2026-11-10T08:00:00+25:00'),
  timed('24 o’clock', '2026-11-10T24:00:00Z'),
  timed('a leap second', '2016-12-31T23:59:60Z'),
  timed('year 0', '0000-11-10T08:00:00Z'),
  timed('year 10000', '10000-11-10T08:00:00Z'),
  timed('ten fraction digits', '2026-11-10T08:00:00.0123456789Z'),
  timed('a time in the future', new Date(Date.now() + 3_600_000).toISOString()),
  timed('a time of 41 characters', `2026-11-10T08:00:00.${'0'.repeat(20)}Z`.padEnd(41, '0'), 'FIELD_INVALID'),
];

/** Bad receipts by the depot's own clerk. */
export const BAD_RECEIPTS: readonly BadRequest[] = [...IDENTIFIERS, ...AMOUNTS, ...CONTEXTS].map(([name, change, expected]) => ({
  name,
  service: 'inventory',
  method: inventoryV1.StockService.method.postReceipt,
  body: receipt(change),
  caller: 'clerk',
  expected,
}));

function request<Method extends DescMethod>(
  name: string,
  caller: Caller,
  service: BadRequest['service'],
  method: Method,
  value: MessageInitShape<Method['input']>,
  expected: string,
): BadRequest {
  return { name, caller, service, method, body: encode(method, value), expected };
}

const { registerOrganisation } = identityV1.OrganisationService.method;
const { registerItem } = inventoryV1.CatalogueService.method;
const { postReceipt, getStock, issueMateriel } = inventoryV1.StockService.method;

function organisation(name: string, codes: FieldsOf<typeof registerOrganisation.input>, field: string): BadRequest {
  const sound = { context: commandContext(), organisationId: 'e2e-bad', name: 'Bad', nation: 'USA' };
  const expected = `INVALID_ARGUMENT FIELD_INVALID ${field}`;
  return request(name, 'administrator', 'identity', registerOrganisation, { ...sound, ...codes }, expected);
}

/** Bad requests to other methods. */
export const OTHER_BAD_REQUESTS: readonly BadRequest[] = [
  organisation('a DoDAAC of five characters', { dodaacs: ['W81X9'] }, 'dodaacs[0]'),
  organisation('a DoDAAC with a letter O', { dodaacs: ['N00104', 'WO1234'] }, 'dodaacs[1]'),
  organisation('a DoDAAC with a dash', { dodaacs: ['W81-9C'] }, 'dodaacs[0]'),
  organisation('a CAGE code with a dash', { cageCodes: ['35-62'] }, 'cage_codes[0]'),
  organisation('a nation of two letters', { nation: 'US' }, 'nation'),
  organisation('an organisation id in capitals', { organisationId: 'E2E' }, 'organisation_id'),
  request(
    'an item name with a line break',
    'itemManager',
    'inventory',
    registerItem,
    {
      context: commandContext(),
      nsn: '5820-01-546-5288',
      itemName: 'RADIO\nSET',
      unitOfIssue: 'EA',
      controlledItemCode: 'U',
      demilitarisationCode: 'A',
    },
    'INVALID_ARGUMENT FIELD_INVALID item_name',
  ),
  request(
    'a TCN of 16 characters',
    'clerk',
    'inventory',
    issueMateriel,
    {
      context: commandContext(),
      ...{ ric: FACTS.ric, nsn: PLAIN_NSN, documentNumber: FACTS.requisition, year: FACTS.year, condition: 'A', quantity: 1n },
      ...{ unitOfIssue: 'EA', tcn: FACTS.tcn.slice(1), piece: 1 },
    },
    'INVALID_ARGUMENT FIELD_INVALID tcn',
  ),
  request(
    'an SSCC with a wrong check digit',
    'shipper',
    'procurement',
    procurementV1.ShipmentNoticeService.method.submitShipmentNotice,
    {
      context: commandContext(),
      ...{
        piid: FACTS.piid,
        clin: FACTS.clin,
        shipmentNumber: 'SER0002',
        sscc: '340123450000004177',
        quantity: 1n,
        unitOfIssue: 'EA',
      },
    },
    'INVALID_ARGUMENT FIELD_INVALID sscc',
  ),
  request(
    'a requisition under the DoDAAC of another unit',
    'requisitioner',
    'procurement',
    procurementV1.RequisitionService.method.submitRequisition,
    {
      context: commandContext(),
      ...{
        documentNumber: 'W99DP163100002',
        nsn: FACTS.nsn,
        quantity: 1n,
        unitOfIssue: 'EA',
        priority: '05',
        requiredDelivery: '320',
      },
      supplySource: FACTS.ric,
    },
    'PERMISSION_DENIED PERMISSION_DENIED document_number',
  ),
  request(
    'text with the character U+0000',
    'itemManager',
    'inventory',
    inventoryV1.StockService.method.reverseTransaction,
    {
      context: commandContext(),
      ...{ ric: FACTS.ric, nsn: PLAIN_NSN, quantity: 1n, reason: 'nothing\0here' },
      original: { position: 1n, recordDigest: new Uint8Array(32) },
    },
    'INVALID_ARGUMENT FIELD_INVALID reason',
  ),
  request(
    'an agreement of a CLIN that is none',
    'contractingOfficer',
    'procurement',
    procurementV1.AgreementService.method.evaluateAgreement,
    { context: commandContext(), piid: FACTS.piid, clin: 'A001' },
    'INVALID_ARGUMENT FIELD_INVALID clin',
  ),
];

/** Sound requests by somebody who may not make them. */
export const DENIED_REQUESTS: readonly BadRequest[] = [
  {
    name: 'a receipt by a clerk of another depot',
    ...{ service: 'inventory', method: postReceipt, body: receipt(), caller: 'foreignClerk' },
    expected: 'PERMISSION_DENIED PERMISSION_DENIED -',
  },
  {
    name: 'a receipt by an inspector of the same depot',
    ...{ service: 'inventory', method: postReceipt, body: receipt(), caller: 'inspector' },
    expected: 'PERMISSION_DENIED PERMISSION_DENIED -',
  },
  request(
    'stock asked for by a clerk of another depot',
    'foreignClerk',
    'inventory',
    getStock,
    { ric: FACTS.ric, niin: FACTS.niin },
    'NOT_FOUND NOT_FOUND -',
  ),
  request(
    'an organisation registered by a depot',
    'itemManager',
    'identity',
    registerOrganisation,
    { context: commandContext(), organisationId: 'e2e-own', name: 'Own', nation: 'USA' },
    'PERMISSION_DENIED PERMISSION_DENIED -',
  ),
  request(
    'an agreement activated by the supplier',
    'shipper',
    'procurement',
    procurementV1.AgreementService.method.activateAgreement,
    { context: commandContext(), piid: FACTS.piid, termsDigest: new Uint8Array(32) },
    'PERMISSION_DENIED PERMISSION_DENIED -',
  ),
];
