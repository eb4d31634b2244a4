import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';

/** A row of the public quarter as the ERP client sends it: text exactly as in the file, nothing trimmed or repaired. */
export interface QuarterRow {
  /** Message id, from file and line: sending the quarter again sends the same ids. */
  readonly id: string;
  readonly state: string;
  readonly station: string;
  readonly fsc: string;
  readonly niin: string;
  readonly itemName: string;
  readonly unitOfIssue: string;
  readonly quantity: string;
  readonly acquisitionValue: string;
  readonly justification: string;
  readonly shipment?: { readonly documentNumber: string; readonly shippedDate: string };
  readonly cancellation?: {
    readonly rtdReference: string;
    readonly requestedDate: string;
    readonly cancelledBy: string;
    readonly reason: string;
  };
}

/** An agency of the quarter; its DoDAAC is known if it received a shipment (first six of the document number). */
export interface QuarterAgency {
  readonly state: string;
  readonly station: string;
  readonly dodaac?: string;
}

const FOLDER = new URL('../../../../data/leso-2019q4/', import.meta.url);

type CsvRow = Readonly<Record<string, string>>;

/** Both files of the quarter: 5,417 shipments, then 6,992 cancellations. */
export function readQuarter(): readonly QuarterRow[] {
  const shipments = readCsv('2019q4-shipments.csv.gz').map((row, at): QuarterRow => ({
    ...common(row, `leso-2019q4-shipment-${at + 1}`),
    shipment: { documentNumber: text(row, 'Requisition ID'), shippedDate: text(row, 'Date Shipped') },
  }));
  const cancellations = readCsv('2019q4-cancellations.csv.gz').map((row, at): QuarterRow => ({
    ...common(row, `leso-2019q4-cancellation-${at + 1}`),
    cancellation: {
      rtdReference: text(row, 'RTD Ref'),
      requestedDate: text(row, 'Date Requested'),
      cancelledBy: text(row, 'Cancelled By'),
      reason: text(row, 'Reason Cancelled'),
    },
  }));
  return [...shipments, ...cancellations];
}

/** Every agency that occurs in the rows, once, in order of first occurrence. */
export function agenciesOf(rows: readonly QuarterRow[]): readonly QuarterAgency[] {
  const agencies = new Map<string, QuarterAgency>();
  for (const { state, station, shipment } of rows) {
    const key = `${state}\n${station}`;
    const dodaac = shipment?.documentNumber.slice(0, 6);
    if (agencies.get(key)?.dodaac === undefined)
      agencies.set(key, { state, station, ...(dodaac === undefined ? {} : { dodaac }) });
  }
  return [...agencies.values()];
}

function readCsv(name: string): readonly CsvRow[] {
  return parse(gunzipSync(readFileSync(new URL(name, FOLDER))), {
    columns: true,
    trim: false,
    relax_column_count: false,
  }) as CsvRow[];
}

function common(row: CsvRow, id: string): QuarterRow {
  return {
    id,
    state: text(row, 'State'),
    station: text(row, 'Station Name (LEA)'),
    fsc: text(row, 'FSC'),
    niin: text(row, 'NIIN'),
    itemName: text(row, 'Item Name'),
    unitOfIssue: text(row, 'UI'),
    quantity: text(row, 'Quantity'),
    acquisitionValue: text(row, 'Acquisition Value'),
    justification: text(row, 'Justification'),
  };
}

/** A column that is not there is a broken file, not an empty value. */
function text(row: CsvRow, column: string): string {
  const value = row[column];
  if (value === undefined) throw new Error(`data/leso-2019q4: no column "${column}"`);
  return value;
}
