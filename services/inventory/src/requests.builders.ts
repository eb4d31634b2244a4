import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { rawPublicKey, signEd25519 } from '@countersign/merkle';
import { canonicalJson } from '@countersign/record';
import type { PrincipalKeys } from './asset/laboratory-result.js';
import { NSN, OTHER_UII, PIID, REQUISITION_NUMBER, RIC, SHIPMENT, TALLY, TCN, UII } from './builders.js';

const LABORATORY = generateKeyPairSync('ed25519');

/** Knows the laboratory. */
export const LABORATORY_KEYS: PrincipalKeys = {
  resolve: (id) =>
    Promise.resolve(
      id === 'person-laboratory' ? { publicKey: rawPublicKey(LABORATORY.publicKey), roles: ['inspector'] } : undefined,
    ),
};

/** Context of a command, at a time of the story. */
export function contextAt(eventTime: string): { readonly commandId: string; readonly eventTime: string } {
  return { commandId: randomUUID(), eventTime };
}

/** Requests that are right in all but, maybe, who sends them. */
export const REQUESTS = {
  item: (nsn: string = NSN): object => ({
    context: contextAt('2026-10-01T08:00:00Z'),
    nsn,
    itemName: 'INERTIAL MEASUREMENT UNIT',
    unitOfIssue: 'EA',
    controlledItemCode: '7',
    demilitarisationCode: 'D',
    serialManaged: true,
    references: [{ cage: 'D9X91', partNumber: 'IMU7700-3' }],
  }),
  receipt: (change: object = {}): object => ({
    context: contextAt('2026-10-30T09:00:00Z'),
    ...{ ric: RIC, nsn: NSN, documentIdentifier: 'D4', documentNumber: 'W99DP163030001', condition: 'A', quantity: 2n },
    ...{ unitOfIssue: 'EA', items: [UII, OTHER_UII].map((uii) => ({ uii })) },
    ...{ supplierCage: 'D9X91', piid: PIID, shipmentNumber: SHIPMENT },
    ...change,
  }),
  /** A second item under a UII that is in stock. */
  clone: (change: object = {}): object =>
    REQUESTS.receipt({
      context: contextAt('2026-10-31T09:00:00Z'),
      ...{
        documentNumber: 'W99DP163040001',
        supplierCage: '9Z9Z9',
        piid: '',
        shipmentNumber: '',
        quantity: 1n,
        items: [{ uii: UII }],
      },
      ...change,
    }),
  issue: (change: object = {}): object => ({
    context: contextAt('2026-11-03T06:00:00Z'),
    ...{ ric: RIC, nsn: NSN, documentNumber: REQUISITION_NUMBER, year: 2026, condition: 'A', quantity: 1n, unitOfIssue: 'EA' },
    ...{ uiis: [UII], tcn: TCN, piece: 1 },
    ...change,
  }),
  offer: (taker: string, tcn = TCN): object => ({
    ...{ context: contextAt('2026-11-03T07:00:00Z'), unit: { tcn, piece: 1 }, taker, tally: TALLY },
    expiresAt: '2026-11-06T00:00:00Z',
  }),
  laboratory: (result: 'AUTHENTIC' | 'COUNTERFEIT', uii = UII): object => ({
    context: contextAt('2026-11-02T08:00:00Z'),
    uii,
    result: { jws: laboratoryResult(result) },
  }),
};

function laboratoryResult(result: string): string {
  const part = (value: Parameters<typeof canonicalJson>[0]): string => canonicalJson(value).toString('base64url');
  const payload = { uii: UII, result, report: 'LAB-77', examined_at: '2026-11-01T08:00:00Z' };
  const text = `${part({ alg: 'EdDSA', kid: 'person-laboratory' })}.${part(payload)}`;
  return `${text}.${signEd25519(LABORATORY.privateKey, Buffer.from(text)).toString('base64url')}`;
}
