import { DomainError, parseClin, parseNsn, parsePiid, parseQuantity, parseUnitOfIssue } from '@countersign/kernel';
import type { LinePrice, OrderedLine, OrderPlaced, OrderState, Parties, ShipTo } from './order.js';
import { parseMoney, type Money } from './money.js';

/** One line as the ERP states it. */
export interface StatedLine {
  readonly clin: string;
  readonly nsn: string;
  readonly partNumber: string;
  readonly quantity: number;
  readonly unitOfIssue: string;
  readonly unitPrice: Money;
}

export interface PlaceOrder {
  readonly piid: string;
  readonly supplierCage: string;
  readonly shipTo: ShipTo;
  readonly parties: Parties;
  readonly lines: readonly StatedLine[];
}

/** @throws DomainError ORDER_EXISTS, FIELD_INVALID, CODE_UNKNOWN, QUANTITY_INVALID, SAME_ORGANISATION */
export function placeOrder(state: OrderState, command: PlaceOrder): OrderPlaced {
  if (state.status !== 'NONE') throw new DomainError('ORDER_EXISTS', { field: 'piid' });
  if (command.parties.buyer === command.parties.supplier) throw new DomainError('SAME_ORGANISATION', { field: 'supplier.cage' });
  refuseRepeatedLines(command.lines);
  return {
    type: 'OrderPlaced',
    data: {
      piid: parsePiid(command.piid, 'piid'),
      supplierCage: command.supplierCage,
      shipTo: command.shipTo,
      parties: command.parties,
      lines: command.lines.map(checkLine),
      prices: command.lines.map(checkPrice),
    },
  };
}

function refuseRepeatedLines(lines: readonly StatedLine[]): void {
  const seen = new Set(lines.map((line) => line.clin));
  if (seen.size !== lines.length) throw new DomainError('FIELD_INVALID', { field: 'lines', rule: 'every CLIN stands once' });
}

function checkLine(line: StatedLine, index: number): OrderedLine {
  const at = `lines[${index}]`;
  return {
    clin: parseClin(line.clin, `${at}.clin`),
    nsn: parseNsn(line.nsn, `${at}.nsn`),
    partNumber: line.partNumber,
    quantity: parseQuantity(line.quantity, `${at}.quantity`),
    unitOfIssue: parseUnitOfIssue(line.unitOfIssue, `${at}.unitOfIssue`),
  };
}

function checkPrice(line: StatedLine, index: number): LinePrice {
  return { clin: line.clin, ...parseMoney(line.unitPrice, `lines[${index}].unitPrice`) };
}
