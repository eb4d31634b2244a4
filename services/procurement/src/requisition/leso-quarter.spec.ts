import { createMemoryJournal } from '@countersign/event-log';
import { validateMessageData } from '@countersign/kafka';
import { DomainError, type Actor, type JsonValue } from '@countersign/kernel';
import { describe, expect, it } from '@jest/globals';
import type { DirectoryEntry, OrganisationDirectory } from '../organisation-directory/organisation-directory.js';
import { cancelledRows, shippedRows } from './leso-quarter.builders.js';
import { ReportRequisitionHandler, type ReportedRow } from './report-requisition.handler.js';
import { REQUISITION } from './requisition.js';

const ERP: Actor = {
  principalId: 'erp-usa-1',
  pseudonym: 'p-erp',
  organisationId: 'usa-leso',
  actingFor: 'W99DP1',
  nation: 'USA',
  roles: ['erp'],
};
const SHIPPED = shippedRows();
const CANCELLED = cancelledRows();
const ROWS: readonly ReportedRow[] = [...SHIPPED, ...CANCELLED];

const nameOf = ({ agency }: ReportedRow): string => JSON.stringify([agency.state, agency.station]);

/** Every agency of the files, with the DoDAACs its document numbers begin with. */
function agencies(): Map<string, DirectoryEntry> {
  const entries = new Map<string, DirectoryEntry>();
  for (const [index, row] of ROWS.entries()) {
    const known = entries.get(nameOf(row)) ?? { organisationId: `agency-${index}`, codes: [] };
    const code = 'documentNumber' in row ? row.documentNumber.slice(0, 6) : undefined;
    const codes = new Map(
      [...known.codes, ...(code === undefined ? [] : [{ kind: 'dodaac' as const, code }])].map((held) => [held.code, held]),
    );
    entries.set(nameOf(row), { ...known, codes: [...codes.values()] });
  }
  return entries;
}

const AGENCIES = agencies();
const DIRECTORY: OrganisationDirectory = {
  byCode: () => Promise.resolve(undefined),
  byAgency: (state, station) => Promise.resolve(AGENCIES.get(JSON.stringify([state, station]))),
};

const requestOf = (row: ReportedRow): Uint8Array => Buffer.from(JSON.stringify(row));

async function publish(rows: readonly ReportedRow[]) {
  const journal = createMemoryJournal();
  const handler = new ReportRequisitionHandler(journal, DIRECTORY);
  const refused: Record<string, number> = {};
  let accepted = 0;
  for (const [index, row] of rows.entries()) {
    try {
      validateMessageData('in.procurement.requisition.v1', row as unknown as JsonValue);
      const envelope = { commandId: `row-${index}`, actor: ERP, correlationId: 'quarter', request: requestOf(row) };
      await handler.handle(ERP, (eventTime) => ({ ...envelope, eventTime }), row);
      accepted += 1;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const reason = `${error.code} ${error.detail.field}`;
      refused[reason] = (refused[reason] ?? 0) + 1;
    }
  }
  return { journal, accepted, refused };
}

describe('the files of the quarter', () => {
  it('hold what their README says', () => {
    expect([SHIPPED.length, CANCELLED.length]).toEqual([5_417, 6_992]);
    expect(AGENCIES.size).toBe(903);
    const withCodes = [...AGENCIES.values()].filter(({ codes }) => codes.length > 0);
    expect([withCodes.length, new Set(withCodes.flatMap(({ codes }) => codes.map(({ code }) => code))).size]).toEqual([616, 616]);
    expect(ROWS.filter(({ item }) => 'localStockNumber' in item).length).toBe(4_108);
    expect(CANCELLED.filter(({ requestedDate }) => requestedDate.includes('.')).length).toBe(6_123);
  });
});

describe('the quarter through the ERP door', () => {
  it('accepts every shipment, refuses cancellations by reason, loses none', async () => {
    const { journal, accepted, refused } = await publish(ROWS);
    expect(refused).toEqual({
      'FIELD_MISSING cancellationReason': 306,
      'FIELD_MISSING justification': 6,
      'QUANTITY_INVALID quantity': 1,
    });
    expect(accepted).toBe(12_096);
    // Three events a shipment, two a cancellation, and LogOpened.
    expect(await journal.size()).toBe(BigInt(5_417 * 3 + 6_679 * 2 + 1));
  }, 120_000);

  it('keeps what the source says, digit by digit, and makes nothing up', async () => {
    const row = CANCELLED.find(({ requestedDate }) => requestedDate === '2019-11-26 19:35:40.000002');
    if (row === undefined) throw new Error('the row is gone');
    const { journal } = await publish([row]);
    const [submitted] = await journal.openRows(await journal.readStreamRows(`requisition/rtd/${row.rtdReference}`));
    expect(submitted?.header?.time).toBe('2019-11-26T19:35:40.000002-00:00');
    expect(submitted?.data).toMatchObject({
      name: { rtdReference: row.rtdReference },
      priority: 'not-stated',
      requiredDelivery: 'not-stated',
      justification: row.justification,
      statedDate: { of: 'requested', text: '2019-11-26 19:35:40.000002' },
    });
  });

  it('seals the justification apart: neither the header nor another disclosure tells it', async () => {
    const [row] = SHIPPED;
    if (row === undefined) throw new Error('no row');
    const { journal } = await publish([row]);
    const [submitted] = await journal.openRows(await journal.readStreamRows(`requisition/${row.documentNumber}/2019`));
    const groups = submitted?.disclosures.map(({ group, object }) => [group, JSON.stringify(object).includes(row.justification)]);
    expect(groups).toEqual(
      expect.arrayContaining([
        ['requisition', false],
        ['justification', true],
      ]),
    );
    expect(Buffer.from(submitted?.row.header ?? []).includes(row.justification)).toBe(false);
    // No decider reads it back.
    expect(await journal.read(REQUISITION, `${row.documentNumber}/2019`)).not.toHaveProperty('justification');
  });

  it('keeps a reason that begins with a literal backslash', async () => {
    const row = CANCELLED.find(
      ({ cancellationReason, justification }) => cancellationReason.startsWith('\\n') && justification !== '',
    );
    if (row === undefined) throw new Error('the row is gone');
    const { journal } = await publish([row]);
    expect(await journal.read(REQUISITION, `rtd/${row.rtdReference}`)).toMatchObject({ reason: row.cancellationReason });
  });
});

describe('a row that was tampered with', () => {
  const shipped = SHIPPED[0]!;
  const other = SHIPPED.find(({ agency }) => agency.station !== shipped.agency.station)!;

  it.each([
    [
      'an agency nobody registered',
      { ...shipped, agency: { state: 'AL', station: 'ATMORE PD ' } },
      'ORGANISATION_UNKNOWN agency',
    ],
    ['a document number of another agency', { ...shipped, agency: other.agency }, 'DODAAC_NOT_OF_AGENCY documentNumber'],
    ['day 367', { ...shipped, documentNumber: '2YTRYZ93678384' }, 'FIELD_INVALID documentNumber'],
    ['an NSN with a letter in the wrong place', { ...shipped, item: { nsn: '59O5007345199' } }, 'FIELD_INVALID item.nsn'],
    [
      'a local stock number that is an NSN',
      { ...shipped, item: { localStockNumber: '5905007345199' } },
      'FIELD_INVALID item.localStockNumber',
    ],
    ['an unknown unit', { ...shipped, unitOfIssue: 'QQ' }, 'CODE_UNKNOWN unitOfIssue'],
    ['a negative quantity', { ...shipped, quantity: -1 }, 'QUANTITY_INVALID quantity'],
    ['an overflowing quantity', { ...shipped, quantity: 2 ** 40 }, 'QUANTITY_INVALID quantity'],
    ['a date that does not exist', { ...shipped, shippedDate: '2019-02-30 00:00:00' }, 'TIME_INVALID shippedDate'],
    ['a date in the future', { ...shipped, shippedDate: '2999-01-01 00:00:00' }, 'TIME_INVALID shippedDate'],
    ['a member the schema does not name', { ...shipped, priority: '02' }, 'SCHEMA_INVALID data'],
    ['both kinds of name', { ...shipped, rtdReference: '2451077' }, 'SCHEMA_INVALID data'],
    ['no agency', { ...shipped, agency: undefined }, 'SCHEMA_INVALID agency'],
  ] as [string, ReportedRow, string][])('is refused: %s', async (_case, row, reason) => {
    const plain = JSON.parse(JSON.stringify(row)) as ReportedRow;
    expect((await publish([plain])).refused).toEqual({ [reason]: 1 });
  });

  it('is refused when its document number is there already', async () => {
    expect((await publish([shipped, { ...shipped, quantity: 2 }])).refused).toEqual({ 'REQUISITION_EXISTS documentNumber': 1 });
  });
});
