import type { DomainEvent, Nsn, Quantity, DocumentNumber, Rfc3339, StreamDefinition } from '@countersign/kernel';
import type { AssetDueIn, AssetIssued, AssetReceived, HoldPlaced } from './asset/asset.js';
import type { ItemRegistered } from './catalogue/catalogue-item.js';
import type { CustodyAccepted, CustodyHeld, CustodyOffered } from './custody/custody.js';
import type { ShipmentExpected } from './due-in/due-in.js';
import type { NamedRecord } from './named-record.js';
import type { ReleaseOrdered } from './release-order/release-order.js';
import type { IssueMateriel } from './stock/issue-materiel.decider.js';
import type { PostReceipt } from './stock/post-receipt.decider.js';
import type { MaterielIssued, MaterielReceiptPosted } from './stock/stock-events.js';

/** The state after a history. Histories are built from events, never from state. */
export function given<State, Event extends DomainEvent>(
  definition: StreamDefinition<State, Event>,
  ...history: readonly Event[]
): State {
  return history.reduce((state, event) => definition.evolve(state, event), definition.initial);
}

export const DEPOT = 'usa-depot';
export const UNIT = 'usa-unit';
export const CARRIER = 'nld-carrier';
export const SUPPLIER = 'deu-supplier';
export const CLERK = 'person-clerk';

export const RIC = 'Z9D';
export const NSN = '6615129999901' as Nsn;
export const NIIN = '129999901';
export const PIID = 'W99CT126C0017';
export const SHIPMENT = 'SER0001';
export const UII = 'DD9X91IMU7700-3000417B';
export const OTHER_UII = 'DD9X91IMU7700-3000418B';
const RECEIPT_NUMBER = 'W99DP163030001' as DocumentNumber;
export const REQUISITION_NUMBER = 'W99UN163060042' as DocumentNumber;
export const TCN = 'W99UN163060042XXX';
const RECEIVED_AT = '2026-10-30T09:00:00Z' as Rfc3339;

export function itemRegistered(change: Partial<ItemRegistered['data']> = {}): ItemRegistered {
  return {
    type: 'ItemRegistered',
    data: {
      nsn: NSN,
      itemName: 'INERTIAL MEASUREMENT UNIT',
      unitOfIssue: 'EA',
      controlledItemCode: '7',
      demilitarisationCode: 'D',
      serialManaged: true,
      references: [{ cage: 'D9X91', partNumber: 'IMU7700-3' }],
      ...change,
    },
  };
}

export function shipmentExpected(uiis: readonly string[] = [UII]): ShipmentExpected {
  return {
    type: 'ShipmentExpected',
    data: {
      piid: PIID,
      clin: '0001',
      shipmentNumber: SHIPMENT,
      nsn: NSN,
      quantity: uiis.length,
      unitOfIssue: 'EA',
      uiis,
      supplierCage: 'D9X91',
      ric: RIC,
      supplier: SUPPLIER,
      consignee: DEPOT,
    },
  };
}

export function assetDueIn(uii: string = UII, change: Partial<AssetDueIn['data']> = {}): AssetDueIn {
  const data = {
    uii,
    parts: null,
    nsn: NSN,
    piid: PIID,
    clin: '0001',
    shipmentNumber: SHIPMENT,
    supplierCage: 'D9X91',
    ric: RIC,
  };
  return { type: 'AssetDueIn', data: { ...data, ...change } };
}

export function assetReceived(uii: string = UII, change: Partial<AssetReceived['data']> = {}): AssetReceived {
  const document = { documentNumber: RECEIPT_NUMBER, year: 2026, suffix: '' };
  return {
    type: 'AssetReceived',
    data: { uii, parts: null, nsn: NSN, ric: RIC, condition: 'A', ...document, supplierCage: 'D9X91', ...change },
  };
}

export function assetIssued(uii: string = UII): AssetIssued {
  const data = { uii, ric: RIC, condition: 'A', documentNumber: REQUISITION_NUMBER, year: 2026, tcn: TCN, piece: 1 };
  return { type: 'AssetIssued', data };
}

export function holdPlaced(uii: string = UII): HoldPlaced {
  return { type: 'HoldPlaced', data: { uii, hold: 'SUSPECT_COUNTERFEIT', placedBy: CLERK, placedAt: '2026-10-31T10:00:00Z' } };
}

/** A receipt of one or more inertial units from their supplier. */
export function receiptOf(uiis: readonly string[], change: Partial<PostReceipt> = {}): PostReceipt {
  return {
    ric: RIC,
    nsn: NSN,
    documentIdentifier: 'D4',
    documentNumber: RECEIPT_NUMBER,
    year: 2026,
    suffix: '',
    condition: 'A',
    quantity: uiis.length as Quantity,
    unitOfIssue: 'EA',
    items: uiis.map((uii) => ({ uii, parts: null })),
    supplierCage: 'D9X91',
    piid: PIID,
    shipmentNumber: SHIPMENT,
    organisationId: DEPOT,
    postedBy: CLERK,
    eventTime: RECEIVED_AT,
    ...change,
  };
}

export function receiptPosted(
  uiis: readonly string[] = [UII],
  change: Partial<MaterielReceiptPosted['data']> = {},
): MaterielReceiptPosted {
  const { items: _items, eventTime: _eventTime, ...entry } = receiptOf(uiis);
  return { type: 'MaterielReceiptPosted', data: { ...entry, clin: '0001', uiis, ...change } };
}

export function releaseOrdered(quantity = 1): ReleaseOrdered {
  const order = { documentNumber: REQUISITION_NUMBER, year: 2026, ric: RIC, nsn: NSN, quantity, unitOfIssue: 'EA' };
  return { type: 'ReleaseOrdered', data: { ...order, requisitioner: UNIT, storer: DEPOT } };
}

export function issueOf(uiis: readonly string[], change: Partial<IssueMateriel> = {}): IssueMateriel {
  return {
    ric: RIC,
    nsn: NSN,
    documentNumber: REQUISITION_NUMBER,
    year: 2026,
    suffix: '',
    condition: 'A',
    quantity: uiis.length as Quantity,
    unitOfIssue: 'EA',
    uiis,
    tcn: TCN,
    piece: 1,
    organisationId: DEPOT,
    ...change,
  };
}

export function materielIssued(uiis: readonly string[] = [UII], change: Partial<MaterielIssued['data']> = {}): MaterielIssued {
  return { type: 'MaterielIssued', data: { ...issueOf(uiis), documentIdentifier: 'D7', requisitioner: UNIT, ...change } };
}

export function custodyHeld(uiis: readonly string[] = [UII]): CustodyHeld {
  const document = { documentNumber: REQUISITION_NUMBER, year: 2026 };
  const content = { nsn: NSN, quantity: uiis.length, unitOfIssue: 'EA', uiis };
  return { type: 'CustodyHeld', data: { tcn: TCN, piece: 1, holder: DEPOT, requisitioner: UNIT, ...document, ...content } };
}

export const TALLY = { seals: ['88123'], packaging: 'INTACT', place: 'Z9D gate 2', forms: ['DD1907-3'] };
export const TALLY_DIGEST = 'ab'.repeat(32);

export function custodyOffered(change: Partial<CustodyOffered['data']> = {}): CustodyOffered {
  return {
    type: 'CustodyOffered',
    data: {
      tcn: TCN,
      piece: 1,
      uiis: [UII],
      giver: DEPOT,
      taker: CARRIER,
      tally: TALLY,
      tallySalt: 'cd'.repeat(32),
      tallyDigest: TALLY_DIGEST,
      expiresAt: '2026-11-03T12:00:00Z',
      offeredBy: CLERK,
      ...change,
    },
  };
}

export function custodyAccepted(change: Partial<CustodyAccepted['data']> = {}): CustodyAccepted {
  return {
    type: 'CustodyAccepted',
    data: {
      tcn: TCN,
      piece: 1,
      uiis: [UII],
      giver: DEPOT,
      taker: CARRIER,
      offer: namedRecord(`custody/${TCN}/1`, 1),
      tallyDigest: TALLY_DIGEST,
      acceptedBy: 'person-driver',
      ...change,
    },
  };
}

export function namedRecord(streamId: string, sequence: number): NamedRecord {
  return { streamId, sequence, position: '7', recordDigest: '7'.repeat(43) };
}
