import { join } from 'node:path';
import { goldenSamples, type GoldenRecordsOptions } from '@countersign/event-log';
import { ASSET } from '../asset/asset.js';
import * as builders from '../builders.js';
import { CATALOGUE_ITEM } from '../catalogue/catalogue-item.js';
import { CUSTODY } from '../custody/custody.js';
import { DUE_IN } from '../due-in/due-in.js';
import { RELEASE_ORDER } from '../release-order/release-order.js';
import { STOCK } from '../stock/stock.js';
import { STORAGE } from '../storage/storage.js';

const { CARRIER, CLERK, DEPOT, NSN, OTHER_UII, PIID, REQUISITION_NUMBER, RIC, TCN, UII, UNIT } = builders;
const UNITS = { ric: RIC, nsn: NSN, uiis: [UII, OTHER_UII] };
const PARTS = { construct: 2, agency: 'D', enterprise: 'D9X91', originalPart: 'IMU7700-3', serial: '000417B' } as const;
const RECEIPT = builders.receiptPosted([UII, OTHER_UII]).data;
const { supplierCage: _supplier, postedBy: _poster, ...ENTRY } = RECEIPT;
const RECEIVED = { piid: PIID, documentNumber: RECEIPT.documentNumber, year: 2026, suffix: 'A', quantity: 1, uiis: [UII] };
const EXAMINATION = { uii: UII, report: 'LAB-77', examinedAt: '2026-11-01T08:00:00Z', signedResult: 'e30.e30.c2lnbmF0dXJl' };
const HANDOVER = { tcn: TCN, piece: 1, uiis: [UII], giver: DEPOT, taker: CARRIER };
const OFFER = builders.namedRecord(`custody/${TCN}/1`, 1);
const CONTENT = { documentNumber: REQUISITION_NUMBER, year: 2026, nsn: NSN, quantity: 1, unitOfIssue: 'EA' };
const ISSUE = { documentNumber: REQUISITION_NUMBER, suffix: '', quantity: 1, tcn: TCN };

const ASSET_SAMPLES = goldenSamples(ASSET, {
  AssetDueIn: builders.assetDueIn(UII, { parts: PARTS }).data,
  AssetReceived: builders.assetReceived(UII, { parts: PARTS }).data,
  CloneAlert: {
    ...{ uii: UII, nsn: NSN, reason: 'ALREADY_KNOWN', ric: RIC, documentNumber: 'W99DP163040001', year: 2026 },
    ...{ supplierCage: '9Z9Z9', knownStatus: 'IN_STOCK', knownRic: RIC },
  },
  HoldPlaced: builders.holdPlaced().data,
  AuthenticityConfirmed: EXAMINATION,
  CounterfeitConfirmed: EXAMINATION,
  HoldReleased: { uii: UII, hold: 'SUSPECT_COUNTERFEIT', releasedBy: CLERK },
  AssetIssued: builders.assetIssued().data,
  AssetDelivered: { uii: UII, organisationId: UNIT, documentNumber: REQUISITION_NUMBER, tcn: TCN, piece: 1 },
  AssetReceiptReversed: { uii: UII, documentNumber: RECEIPT.documentNumber },
  AssetIssueReversed: { uii: UII, documentNumber: REQUISITION_NUMBER },
});

const STOCK_SAMPLES = goldenSamples(STOCK, {
  MaterielReceiptPosted: RECEIPT,
  SuspectMaterielPosted: { ...RECEIPT, condition: 'L', quantity: 1, uiis: [UII], reasons: ['ALREADY_KNOWN'] },
  MaterielIssued: builders.materielIssued().data,
  TransactionReversed: {
    ...ENTRY,
    ...{ original: { ...builders.namedRecord('stock/Z9D/129999901', 3), type: 'MaterielReceiptPosted' }, reason: 'keyed twice' },
    ...{ tcn: '', piece: 0 },
  },
  UnitsHeld: { ...UNITS, hold: 'SUSPECT_COUNTERFEIT' },
  UnitsFreed: { ...UNITS, hold: 'SUSPECT_COUNTERFEIT' },
});

const CUSTODY_SAMPLES = goldenSamples(CUSTODY, {
  CustodyHeld: builders.custodyHeld().data,
  CustodyOffered: builders.custodyOffered().data,
  CustodyAccepted: builders.custodyAccepted().data,
  CustodyRefused: { ...HANDOVER, offer: OFFER, reason: 'seal broken' },
  CustodyOfferWithdrawn: { ...HANDOVER, offer: OFFER },
  CustodyOfferExpired: { ...HANDOVER, expiresAt: '2026-11-03T12:00:00Z' },
  DeliveryConfirmed: { tcn: TCN, piece: 1, uiis: [UII], holder: UNIT, ...CONTENT },
  CustodyVoided: { tcn: TCN, piece: 1, uiis: [UII], holder: DEPOT, documentNumber: REQUISITION_NUMBER },
});

/** What the golden records of inventory are made from and compared with. */
export const GOLDEN_RECORDS: GoldenRecordsOptions = {
  service: 'inventory',
  folder: join(import.meta.dirname, '../../../../vectors/golden-records/inventory'),
  definitions: { ASSET, CATALOGUE_ITEM, CUSTODY, DUE_IN, RELEASE_ORDER, STOCK, STORAGE },
  samples: {
    ...ASSET_SAMPLES,
    ...STOCK_SAMPLES,
    ...CUSTODY_SAMPLES,
    ...goldenSamples(CATALOGUE_ITEM, { ItemRegistered: builders.itemRegistered().data }),
    ...goldenSamples(DUE_IN, {
      ShipmentExpected: builders.shipmentExpected([UII, OTHER_UII]).data,
      DueInReceived: RECEIVED,
      DueInReceiptReversed: RECEIVED,
    }),
    ...goldenSamples(RELEASE_ORDER, {
      ReleaseOrdered: builders.releaseOrdered().data,
      ReleaseOrderIssued: ISSUE,
      ReleaseOrderIssueReversed: ISSUE,
    }),
    ...goldenSamples(STORAGE, {
      StorageNoted: { ric: RIC, organisationId: DEPOT },
      StorageWithdrawn: { ric: RIC, organisationId: DEPOT },
    }),
    // Written before holds said why.
    'countersign.inventory.UnitsHeld.v1': UNITS,
    'countersign.inventory.UnitsFreed.v1': UNITS,
  },
  upcasted: {
    'countersign.inventory.UnitsHeld.v1': [{ type: 'UnitsHeld', data: { ...UNITS, hold: 'SUSPECT_COUNTERFEIT' } }],
    'countersign.inventory.UnitsFreed.v1': [{ type: 'UnitsFreed', data: { ...UNITS, hold: 'SUSPECT_COUNTERFEIT' } }],
  },
};
