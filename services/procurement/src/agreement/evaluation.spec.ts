import { describe, expect, it } from '@jest/globals';
import { acceptance, CERTIFICATE, delivered, inspection, noted, notice, receipt, TERMS, UIIS } from './agreement.builders.js';
import type { EvidenceNoted } from './agreement.js';
import { evaluateLine } from './evaluation.js';
import type { CustodyFacts, EvidenceFacts } from './evidence.js';

const LINE = TERMS.lines[0]!;

/** Status and reason of one condition over this evidence. */
function verdict(condition: string, evidence: readonly EvidenceNoted[]): string {
  const results = evaluateLine(
    TERMS,
    LINE,
    evidence.map(({ data: { clin, facts, source } }) => ({ clin, facts, source })),
  );
  const result = results.find((candidate) => candidate.condition === condition)!;
  return `${result.status} ${result.reason}`;
}

const all = (...facts: EvidenceFacts[]): EvidenceNoted[] => facts.map((entry, index) => noted(index + 1, entry));
const transfer = (step: CustodyFacts['step'], from: string, to: string, uiis = UIIS.slice(0, 1)): CustodyFacts => ({
  kind: 'CUSTODY',
  step,
  transfer: 'W99UN163060042XXX/1',
  from,
  to,
  uiis,
});

describe('when everything was delivered as agreed', () => {
  it.each(['Accepted', 'CoCValid', 'UiiSetMatches', 'NoOpenDiscrepancy', 'CustodyUnbroken', 'QuantityWithin'])(
    'satisfies %s',
    (condition) => {
      expect(verdict(condition, delivered)).toMatch(/^SATISFIED /);
    },
  );

  it('names the evidence that decided', () => {
    const results = evaluateLine(
      TERMS,
      LINE,
      delivered.map(({ data }) => data),
    );
    expect(results.find(({ condition }) => condition === 'UiiSetMatches')?.evidence).toEqual(
      delivered.map(({ data }) => data.source.recordDigest),
    );
  });

  it('sees no evidence of other lines', () => {
    const foreign = noted(9, { kind: 'DISCREPANCY_OPENED', discrepancyId: 'd', code: 'OVERAGE' }, '0002');
    expect(verdict('NoOpenDiscrepancy', [...delivered, foreign])).toBe('SATISFIED NONE_OPEN');
  });
});

describe('when nothing is accepted', () => {
  it.each(['Accepted', 'CoCValid', 'UiiSetMatches', 'QuantityWithin'])('leaves %s pending', (condition) => {
    expect(verdict(condition, all(notice, receipt, inspection))).toMatch(/^PENDING /);
  });
});

describe('CoCValid', () => {
  const withoutCertificate: EvidenceFacts = { kind: 'SHIPMENT_NOTICE', shipmentNumber: 'SER0001', quantity: 4, uiis: UIIS };
  const otherStandard: EvidenceFacts = { ...withoutCertificate, certificate: { ...CERTIFICATE, standard: 'AQAP-2070' } };
  const notExamined: EvidenceFacts = { kind: 'INSPECTION', shipmentNumber: 'SER0001', conforming: true };
  const otherDocument: EvidenceFacts = {
    ...notExamined,
    certificateReference: CERTIFICATE.reference,
    certificateDigest: '00'.repeat(32),
  };

  it.each([
    ['no certificate', all(withoutCertificate, receipt, inspection, acceptance), 'BREACHED NO_CERTIFICATE'],
    ['another standard', all(otherStandard, receipt, inspection, acceptance), 'BREACHED OTHER_STANDARD'],
    ['no examination', all(notice, receipt, notExamined, acceptance), 'PENDING CERTIFICATE_NOT_EXAMINED'],
    ['another document under the same number', all(notice, receipt, otherDocument, acceptance), 'BREACHED CERTIFICATE_DIFFERS'],
    ['an acceptance nobody announced', all(receipt, inspection, acceptance), 'PENDING NOT_ANNOUNCED'],
  ])('with %s', (_case, evidence, expected) => {
    expect(verdict('CoCValid', evidence)).toBe(expected);
  });
});

describe('UiiSetMatches', () => {
  const swapped = [...UIIS.slice(1), 'DD9X91IMU7700-3000999B'];

  it.each([
    ['another item received', all(notice, { ...receipt, uiis: swapped }, inspection, acceptance)],
    ['another item accepted', all(notice, receipt, inspection, { ...acceptance, uiis: swapped })],
    ['an item missing', all(notice, { ...receipt, uiis: UIIS.slice(1) }, inspection, acceptance)],
  ])('is breached with %s', (_case, evidence) => {
    expect(verdict('UiiSetMatches', evidence)).toBe('BREACHED UIIS_DIFFER');
  });

  it('adds up the parts of a shipment, without reversed ones', () => {
    const parts = [
      { ...receipt, uiis: UIIS, receipt: '01'.repeat(32) },
      { kind: 'RECEIPT_REVERSED', receipt: '01'.repeat(32) } as const,
      { ...receipt, uiis: UIIS.slice(0, 1), receipt: '02'.repeat(32) },
    ];
    const rest = { ...receipt, uiis: UIIS.slice(1), receipt: '03'.repeat(32) };
    expect(verdict('UiiSetMatches', all(notice, ...parts, rest, inspection, acceptance))).toBe('SATISFIED UIIS_EQUAL');
    expect(verdict('UiiSetMatches', all(notice, ...parts, inspection, acceptance))).toBe('BREACHED UIIS_DIFFER');
  });

  it('ignores the order of the items', () => {
    const reversed = { ...receipt, uiis: UIIS.toReversed() };
    expect(verdict('UiiSetMatches', all(notice, reversed, inspection, acceptance))).toBe('SATISFIED UIIS_EQUAL');
  });
});

describe('NoOpenDiscrepancy', () => {
  const opened = noted(5, { kind: 'DISCREPANCY_OPENED', discrepancyId: 'clone-1', code: 'SUSPECTED_COUNTERFEIT' });
  const resolved = noted(6, { kind: 'DISCREPANCY_RESOLVED', discrepancyId: 'clone-1', disposition: 'AUTHENTIC' });

  it('waits while one is open', () => {
    expect(verdict('NoOpenDiscrepancy', [...delivered, opened])).toBe('PENDING DISCREPANCY_OPEN');
  });

  it('is satisfied once it is resolved', () => {
    expect(verdict('NoOpenDiscrepancy', [...delivered, opened, resolved])).toBe('SATISFIED NONE_OPEN');
  });
});

describe('CustodyUnbroken', () => {
  const offered = noted(5, transfer('OFFERED', 'usa-depot', 'nld-carrier'));
  const accepted = noted(6, transfer('ACCEPTED', 'usa-depot', 'nld-carrier'));

  it.each([
    ['every transfer accepted', [offered, accepted], 'SATISFIED EVERY_TRANSFER_ACCEPTED'],
    ['an open offer', [offered], 'PENDING OFFER_OPEN'],
    [
      'an offer by somebody who does not hold it',
      [noted(5, transfer('OFFERED', 'pol-carrier', 'usa-unit'))],
      'BREACHED NOT_THE_HOLDER',
    ],
    ['an acceptance nobody offered', [accepted], 'BREACHED NOT_THE_HOLDER'],
    [
      'a second transfer by the new holder',
      [
        offered,
        accepted,
        noted(7, transfer('OFFERED', 'nld-carrier', 'usa-unit')),
        noted(8, transfer('ACCEPTED', 'nld-carrier', 'usa-unit')),
      ],
      'SATISFIED EVERY_TRANSFER_ACCEPTED',
    ],
    [
      'a refused offer: the giver still holds it',
      [
        offered,
        noted(6, transfer('REFUSED', 'usa-depot', 'nld-carrier')),
        noted(7, transfer('OFFERED', 'usa-depot', 'pol-carrier')),
      ],
      'PENDING OFFER_OPEN',
    ],
  ])('with %s', (_case, transfers, expected) => {
    expect(verdict('CustodyUnbroken', [...delivered, ...transfers])).toBe(expected);
  });

  it('does not depend on whether the receipt was noted before the transfers', () => {
    const receiptLast = [noted(1, notice), offered, accepted, noted(2, receipt), noted(3, inspection), noted(4, acceptance)];
    expect(verdict('CustodyUnbroken', receiptLast)).toBe('SATISFIED EVERY_TRANSFER_ACCEPTED');
  });
});

describe('QuantityWithin', () => {
  it.each([
    [3, 'PENDING ACCEPTED_TOO_FEW'],
    [4, 'SATISFIED ACCEPTED_WITHIN'],
    [5, 'BREACHED ACCEPTED_TOO_MANY'],
  ])('with %d of 4 accepted', (quantity, expected) => {
    expect(verdict('QuantityWithin', all(notice, receipt, inspection, { ...acceptance, quantity }))).toBe(expected);
  });
});
