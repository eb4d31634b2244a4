/** The values of the story. All identifiers are fictitious but of the right form; times are those at which things happened. */
export const FACTS = {
  nsn: '6615-12-999-9901',
  niin: '129999901',
  itemName: 'INERTIAL UNIT',
  unitOfIssue: 'EA',
  partNumber: 'IMU7700-3',
  supplierCage: 'D9X91',
  brokerCage: '9Z9Z9',
  serials: ['000417B', '000418B', '000419B', '000420B'],
  misreadSerial: '000477B',
  piid: 'W99CT126C0017',
  clin: '0001',
  orderQuantity: 4,
  unitPrice: '18250.00',
  currency: 'EUR',
  shipmentNumber: 'SER0001',
  sscc: '340123450000004176',
  certificate: 'COC-2026-0417',
  ric: 'Z9D',
  receiptDocument: 'W99DP163030001',
  suspectDocument: 'W99DP163040007',
  misreadDocument: 'W99DP163050009',
  requisition: 'W99UN163060042',
  year: 2026,
  tcn: 'W99UN163060042XXX',
  seal: '88123',
} as const;

/** UII of construct 2: issuing agency D, NCAGE, original part number, serial (MIL-STD-130). */
export function uiiOf(serial: string): string {
  return `D${FACTS.supplierCage}${FACTS.partNumber}${serial}`;
}

/** The item whose dossier the story ends with. */
export const ITEM = uiiOf(FACTS.serials[0]);
