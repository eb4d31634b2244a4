import {
  concatenateUii,
  DomainError,
  parseCage,
  parseDocumentNumber,
  parseNsn,
  parsePiid,
  parseQuantity,
  parseRic,
  parseShipmentNumber,
  parseSuffix,
  parseSupplyCondition,
  parseTcn,
  parseUii,
  parseUiiParts,
  parseUnitOfIssue,
  resolveDocumentYear,
} from '@countersign/kernel';
import type { inventoryV1 } from '@countersign/proto';
import type { IssueStatement } from './issue-materiel.handler.js';
import type { ScannedItem } from './post-receipt.decider.js';
import type { ReceiptStatement } from './post-receipt.handler.js';

/** @throws DomainError naming the field that breaks its rule */
export function receiptStatement(request: inventoryV1.PostReceiptRequest, eventTime: string): ReceiptStatement {
  const documentNumber = parseDocumentNumber(request.documentNumber, 'document_number');
  return {
    ric: parseRic(request.ric, 'ric'),
    nsn: parseNsn(request.nsn, 'nsn'),
    documentIdentifier: request.documentIdentifier === 'D4' ? 'D4' : 'D6',
    documentNumber,
    year: resolveDocumentYear(documentNumber, eventTime, 'document_number'),
    suffix: optional(request.suffix, 'suffix', parseSuffix),
    condition: parseSupplyCondition(request.condition, 'condition'),
    quantity: parseQuantity(request.quantity, 'quantity'),
    unitOfIssue: parseUnitOfIssue(request.unitOfIssue, 'unit_of_issue'),
    items: request.items.map((item, index) => scannedItem(item, `items[${index}]`)),
    supplierCage: optional(request.supplierCage, 'supplier_cage', parseCage),
    piid: optional(request.piid, 'piid', parsePiid),
    shipmentNumber: optional(request.shipmentNumber, 'shipment_number', parseShipmentNumber),
  };
}

/** @throws DomainError naming the field that breaks its rule */
export function issueStatement(request: inventoryV1.IssueMaterielRequest): IssueStatement {
  return {
    ric: parseRic(request.ric, 'ric'),
    nsn: parseNsn(request.nsn, 'nsn'),
    documentNumber: parseDocumentNumber(request.documentNumber, 'document_number'),
    year: request.year,
    suffix: optional(request.suffix, 'suffix', parseSuffix),
    condition: parseSupplyCondition(request.condition, 'condition'),
    quantity: parseQuantity(request.quantity, 'quantity'),
    unitOfIssue: parseUnitOfIssue(request.unitOfIssue, 'unit_of_issue'),
    uiis: request.uiis.map((uii, index) => parseUii(uii, `uiis[${index}]`)),
    tcn: parseTcn(request.tcn, 'tcn'),
    piece: request.piece,
  };
}

function scannedItem(item: inventoryV1.ScannedItem, field: string): ScannedItem {
  const uii = parseUii(item.uii, `${field}.uii`);
  if (item.parts === undefined) return { uii, parts: null };
  const { construct, agency, enterprise, originalPart, serial } = item.parts;
  const parts = parseUiiParts({ construct, agency, enterprise, originalPart, serial }, `${field}.parts`);
  if (concatenateUii(parts) !== uii)
    throw new DomainError('FIELD_INVALID', { field: `${field}.parts`, rule: 'the parts must make the UII' });
  return { uii, parts };
}

function optional(text: string, field: string, parse: (text: string, field: string) => string): string {
  return text === '' ? '' : parse(text, field);
}
