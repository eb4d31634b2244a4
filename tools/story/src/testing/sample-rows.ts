import { readQuarter, type QuarterRow } from '../quarter/rows.js';

const SHIPMENTS = 60;
const CANCELLATIONS = 40;
const WITHOUT_REASON = 8;

/** Why the door has to refuse a row, judged by the text of the file alone; undefined if it has to take it. */
export function flawOf({ quantity, justification, cancellation }: QuarterRow): string | undefined {
  if (cancellation?.reason === '') return 'FIELD_MISSING cancellationReason';
  if (justification === '') return 'FIELD_MISSING justification';
  return quantity === '0' ? 'QUANTITY_INVALID quantity' : undefined;
}

/** A few rows of the quarter: ordinary ones of both files, local stock numbers among them, and every kind of dirty one. */
export function sampleRows(): readonly QuarterRow[] {
  const rows = readQuarter();
  const sound = rows.filter((row) => flawOf(row) === undefined);
  const flawed = rows.filter((row) => flawOf(row) !== undefined);
  const withoutReason = flawed.filter((row) => flawOf(row) === 'FIELD_MISSING cancellationReason');
  return [
    ...sound.filter(({ shipment }) => shipment !== undefined).slice(0, SHIPMENTS),
    ...sound.filter(({ cancellation }) => cancellation !== undefined).slice(0, CANCELLATIONS),
    ...withoutReason.slice(0, WITHOUT_REASON),
    ...flawed.filter((row) => !withoutReason.includes(row)),
  ];
}
