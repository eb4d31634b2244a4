import type { ErpMessage } from '../erp.js';
import type { QuarterRow } from './rows.js';

/** A row as the ERP's message; texts stay as they are, and what is no number stays text for the door to judge. */
export function messageOf(row: QuarterRow): ErpMessage {
  return { id: row.id, key: keyOf(row), data: dataOf(row) };
}

/** As the topic catalogue says: document number with year, or the RTD reference. */
function keyOf({ id, shipment, cancellation }: QuarterRow): string {
  if (shipment !== undefined) return `${shipment.documentNumber}/${shipment.shippedDate.slice(0, 4)}`;
  return cancellation?.rtdReference ?? id;
}

function dataOf(row: QuarterRow): object {
  const { shipment, cancellation } = row;
  return {
    agency: { state: row.state, station: row.station },
    item: itemOf(row),
    itemName: row.itemName,
    unitOfIssue: row.unitOfIssue,
    quantity: /^(0|[1-9][0-9]{0,14})$/.test(row.quantity) ? Number(row.quantity) : row.quantity,
    acquisitionValue: row.acquisitionValue,
    justification: row.justification,
    ...(shipment === undefined ? {} : { documentNumber: shipment.documentNumber, shippedDate: shipment.shippedDate }),
    ...(cancellation === undefined
      ? {}
      : {
          rtdReference: cancellation.rtdReference,
          requestedDate: cancellation.requestedDate,
          cancelledBy: cancellation.cancelledBy,
          cancellationReason: cancellation.reason,
        }),
  };
}

/** Nine digits are a NIIN; letters make it a local stock number, which is a type of its own and never becomes an NSN. */
function itemOf({ fsc, niin }: QuarterRow): object {
  return /^\d{9}$/.test(niin) ? { nsn: `${fsc}${niin}` } : { localStockNumber: `${fsc}${niin}` };
}
