import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { CancelledRow, ReportedRow, ShippedRow } from './report-requisition.handler.js';

const FOLDER = new URL('../../../../data/leso-2019q4/', import.meta.url);

type CsvRow = Readonly<Record<string, string>>;

/** The shipments file as an ERP publishes it, in file order. */
export function shippedRows(): ShippedRow[] {
  return readCsv('2019q4-shipments.csv.gz').map((row) => ({
    ...statedBy(row),
    documentNumber: row['Requisition ID'] ?? '',
    shippedDate: row['Date Shipped'] ?? '',
  }));
}

/** The cancellations file as an ERP publishes it, in file order. */
export function cancelledRows(): CancelledRow[] {
  return readCsv('2019q4-cancellations.csv.gz').map((row) => ({
    ...statedBy(row),
    rtdReference: row['RTD Ref'] ?? '',
    requestedDate: row['Date Requested'] ?? '',
    cancelledBy: row['Cancelled By'] ?? '',
    cancellationReason: row['Reason Cancelled'] ?? '',
  }));
}

function statedBy(row: CsvRow): Omit<ReportedRow, 'documentNumber' | 'shippedDate' | 'rtdReference' | 'requestedDate'> {
  const stockNumber = `${row['FSC']}${row['NIIN']}`;
  return {
    agency: { state: row['State'] ?? '', station: row['Station Name (LEA)'] ?? '' },
    item: /^\d{13}$/.test(stockNumber) ? { nsn: stockNumber } : { localStockNumber: stockNumber },
    itemName: row['Item Name'] ?? '',
    unitOfIssue: row['UI'] ?? '',
    quantity: Number(row['Quantity']),
    acquisitionValue: row['Acquisition Value'] ?? '',
    justification: row['Justification'] ?? '',
  };
}

/** A field of RFC 4180, quoted or plain, and what ends it. */
const CSV_FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;

function readCsv(name: string): CsvRow[] {
  const text = gunzipSync(readFileSync(new URL(name, FOLDER))).toString('utf8');
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(CSV_FIELD)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ',') rows.push([]);
  }
  const [header = [], ...body] = rows.filter((row) => row.length > 1);
  return body.map((row) => Object.fromEntries(header.map((column, index) => [column, row[index] ?? ''])));
}
