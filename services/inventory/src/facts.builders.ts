import { randomUUID } from 'node:crypto';
import type { Fact } from '@countersign/host';
import type { Actor, JsonObject } from '@countersign/kernel';
import { DEPOT, NSN, PIID, REQUISITION_NUMBER, RIC, SHIPMENT, SUPPLIER, UNIT } from './builders.js';

/** Inventory itself, as it records what follows from facts of others. */
const SERVICE: Actor = {
  principalId: 'service-inventory',
  pseudonym: 'pseudonym-service-inventory',
  organisationId: 'operator',
  actingFor: 'W99DP1',
  nation: 'USA',
  roles: ['service'],
};

/** A fact of another service, as the host hands it to a reaction; each is the first of its subject. */
export function factOf(data: JsonObject): Fact {
  const eventId = randomUUID();
  const inbox = { source: 'countersign.example/other', eventId, subject: `other/${eventId}`, sequence: 0n };
  const envelope = {
    commandId: eventId,
    actor: SERVICE,
    eventTime: '2026-10-28T10:00:01Z',
    correlationId: randomUUID(),
    causationId: eventId,
    request: Buffer.from(eventId),
  };
  return { data, inbox, header: { id: eventId, time: '2026-10-28T10:00:00Z' }, envelope } as unknown as Fact;
}

/** Procurement's notice of two inertial units. */
export const NOTICE: JsonObject = {
  piid: PIID,
  shipmentNumber: SHIPMENT,
  clin: '0001',
  supplierCage: 'D9X91',
  shipTo: { dodaac: 'W99DP1', ric: RIC },
  parties: { buyer: DEPOT, supplier: SUPPLIER, consignee: DEPOT },
  sscc: '340123450000004176',
  nsn: NSN,
  partNumber: 'IMU7700-3',
  quantity: 2,
  unitOfIssue: 'EA',
  items: ['000417B', '000418B'].map((serial) => ({
    uii: `DD9X91IMU7700-3${serial}`,
    construct: 2,
    agency: 'D',
    enterprise: 'D9X91',
    originalPart: 'IMU7700-3',
    serial,
  })),
};

/** Procurement's release of one of them to the unit. */
export const RELEASED: JsonObject = {
  name: { documentNumber: REQUISITION_NUMBER, year: 2026 },
  requisitioner: { organisation: UNIT },
  supplySource: { ric: RIC, organisation: DEPOT },
  item: { nsn: NSN },
  quantity: 1,
  unitOfIssue: 'EA',
  priority: '02',
  requiredDelivery: '999',
};
