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

/** RFC 4180. */
function readCsv(name: string): CsvRow[] {
  const text = gunzipSync(readFileSync(new URL(name, FOLDER))).toString('utf8');
  const rows: string[][] = [[]];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[(at += 1)];
      else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',' || character === '\n') {
      rows.at(-1)?.push(character === '\n' ? field.replace(/\r$/, '') : field);
      field = '';
      if (character === '\n') rows.push([]);
    } else field += character;
  }
  const [header = [], ...body] = rows.filter((row) => row.length > 1);
  return body.map((row) => Object.fromEntries(header.map((column, index) => [column, row[index] ?? ''])));
}
