import type { Role } from '@countersign/kernel';
import { FACTS } from './story-facts.js';

/** An organisation of the story. Codes are fictitious. */
export interface CastOrganisation {
  readonly id: string;
  readonly name: string;
  readonly nation: string;
  readonly cageCodes: readonly string[];
  readonly dodaacs: readonly string[];
  readonly rics: readonly string[];
}

/** Somebody with an appointment. Nobody of this name exists: they are called by their office. */
export interface CastPerson {
  readonly id: string;
  readonly office: string;
  readonly organisationId: string;
  readonly actingFor: string;
  readonly roles: readonly Role[];
}

export const ORGANISATIONS = [
  { id: 'depot-usa', name: 'Depot', nation: 'USA', cageCodes: [], dodaacs: ['W99DP1', 'W99CT1'], rics: [FACTS.ric] },
  { id: 'unit-usa', name: 'Unit', nation: 'USA', cageCodes: [], dodaacs: ['W99UN1'], rics: [] },
  { id: 'carrier-nld', name: 'Carrier', nation: 'NLD', cageCodes: ['H9C91'], dodaacs: [], rics: [] },
  { id: 'supplier-deu', name: 'Supplier', nation: 'DEU', cageCodes: [FACTS.supplierCage], dodaacs: [], rics: [] },
  { id: 'auditor-nld', name: 'Audit office', nation: 'NLD', cageCodes: ['H9A91'], dodaacs: [], rics: [] },
] as const satisfies readonly CastOrganisation[];

function person(id: string, office: string, organisationId: string, actingFor: string, ...roles: Role[]): CastPerson {
  return { id, office, organisationId, actingFor, roles };
}

export const PERSONS = {
  itemManager: person('item-manager', 'Item manager', 'depot-usa', 'W99DP1', 'item-manager'),
  contractingOfficer: person('contracting-officer', 'Contracting officer', 'depot-usa', 'W99CT1', 'contracting-officer'),
  clerk: person('receiving-clerk', 'Receiving clerk', 'depot-usa', 'W99DP1', 'storage-clerk'),
  inspector: person('inspector', 'Inspector', 'depot-usa', 'W99DP1', 'inspector'),
  acceptor: person('acceptor', 'Acceptor', 'depot-usa', 'W99DP1', 'acceptor'),
  depotCustodian: person('depot-custodian', 'Shipping custodian', 'depot-usa', 'W99DP1', 'custodian'),
  shipper: person('supplier-shipper', 'Shipping department', 'supplier-deu', FACTS.supplierCage, 'supplier'),
  driver: person('carrier-driver', 'Driver', 'carrier-nld', 'H9C91', 'custodian'),
  requisitioner: person('unit-supply', 'Supply sergeant', 'unit-usa', 'W99UN1', 'requisitioner'),
  commander: person('unit-commander', 'Commander', 'unit-usa', 'W99UN1', 'commander'),
  unitCustodian: person('unit-custodian', 'Unit custodian', 'unit-usa', 'W99UN1', 'custodian'),
  auditor: person('auditor', 'Auditor', 'auditor-nld', 'H9A91', 'auditor'),
} as const;

export type PersonName = keyof typeof PERSONS;

/** The ERP of the buying office; signs what it publishes. */
export const ERP = { id: 'erp-usa', organisationId: 'depot-usa', actingFor: 'W99CT1', roles: ['erp'] as readonly Role[] };
