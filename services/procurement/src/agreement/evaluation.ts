import type { Condition, Terms, TermsLine } from './terms.js';
import type {
  AcceptanceFacts,
  CustodyFacts,
  Evidence,
  EvidenceFacts,
  InspectionFacts,
  NoticeFacts,
  ReceiptFacts,
  ReversalFacts,
} from './evidence.js';

export type ConditionStatus = 'PENDING' | 'SATISFIED' | 'BREACHED';

export interface ConditionResult {
  /** Type of the condition; `Accepted` is the acceptance that every payment needs. */
  readonly condition: Condition['type'] | 'Accepted';
  readonly status: ConditionStatus;
  /** Stable code. */
  readonly reason: string;
  /** Record digests of the evidence that decided it. */
  readonly evidence: readonly string[];
}

type Verdict = Omit<ConditionResult, 'condition'>;

/**
 * How a line's conditions stand. Pure: a function of the terms and the ordered evidence, nothing else (invariant S1).
 * The acceptance comes first, then the conditions in the order of the terms.
 */
export function evaluateLine(terms: Terms, line: TermsLine, evidence: readonly Evidence[]): readonly ConditionResult[] {
  const own = evidence.filter((entry) => entry.clin === line.clin);
  return [
    { condition: 'Accepted', ...accepted(own) },
    ...terms.conditions.map((condition) => ({ condition: condition.type, ...evaluate(condition, line, own) })),
  ];
}

/** Quantity the Government accepted on a line. */
export function acceptedQuantity(clin: string, evidence: readonly Evidence[]): number {
  return sumAccepted(evidence.filter((entry) => entry.clin === clin));
}

function evaluate(condition: Condition, line: TermsLine, evidence: readonly Evidence[]): Verdict {
  switch (condition.type) {
    case 'CoCValid':
      return certificateValid(condition.standard, evidence);
    case 'UiiSetMatches':
      return uiiSetMatches(evidence);
    case 'NoOpenDiscrepancy':
      return noOpenDiscrepancy(evidence);
    case 'CustodyUnbroken':
      return custodyUnbroken(evidence);
    case 'QuantityWithin':
      return quantityWithin(line.quantity - condition.under, line.quantity + condition.over, evidence);
  }
}

function accepted(evidence: readonly Evidence[]): Verdict {
  const acceptances = ofKind<AcceptanceFacts>(evidence, 'ACCEPTANCE');
  return acceptances.length === 0 ? pending('NOT_ACCEPTED') : satisfied('ACCEPTED', acceptances);
}

function certificateValid(standard: string, evidence: readonly Evidence[]): Verdict {
  return forEveryAcceptedShipment(evidence, 'CERTIFICATE_EXAMINED', (shipment) => {
    const certificate = shipment.notice.facts.certificate;
    if (certificate === undefined) return breached('NO_CERTIFICATE', [shipment.notice]);
    if (certificate.standard !== standard) return breached('OTHER_STANDARD', [shipment.notice]);
    if (shipment.inspection === undefined) return pending('NOT_INSPECTED');
    const examined = shipment.inspection.facts;
    if (examined.certificateReference === undefined) return pending('CERTIFICATE_NOT_EXAMINED');
    const same =
      examined.certificateReference === certificate.reference && examined.certificateDigest === certificate.documentDigest;
    return same ? undefined : breached('CERTIFICATE_DIFFERS', [shipment.notice, shipment.inspection]);
  });
}

function uiiSetMatches(evidence: readonly Evidence[]): Verdict {
  return forEveryAcceptedShipment(evidence, 'UIIS_EQUAL', (shipment) => {
    const announced = shipment.notice.facts.uiis;
    if (announced.length === 0) return breached('NO_UIIS_ANNOUNCED', [shipment.notice]);
    if (shipment.receipts.length === 0) return pending('NOT_RECEIVED');
    const received = shipment.receipts.flatMap(({ facts }) => facts.uiis);
    const equal = sameSet(announced, received) && sameSet(announced, shipment.acceptance.facts.uiis);
    return equal ? undefined : breached('UIIS_DIFFER', [shipment.notice, ...shipment.receipts, shipment.acceptance]);
  });
}

function noOpenDiscrepancy(evidence: readonly Evidence[]): Verdict {
  const open = new Map<string, Evidence>();
  const seen: Evidence[] = [];
  for (const entry of evidence) {
    if (entry.facts.kind === 'DISCREPANCY_OPENED') open.set(entry.facts.discrepancyId, entry);
    else if (entry.facts.kind === 'DISCREPANCY_RESOLVED') open.delete(entry.facts.discrepancyId);
    else continue;
    seen.push(entry);
  }
  return open.size === 0 ? satisfied('NONE_OPEN', seen) : pending('DISCREPANCY_OPEN', [...open.values()]);
}

/**
 * Follows each item from its receipt on: who offers must hold it, who accepts holds it next, an open offer keeps it pending.
 * Receipts count first, wherever they stand: they come from another stream than the transfers and may be noted later.
 */
function custodyUnbroken(evidence: readonly Evidence[]): Verdict {
  const receipts = standingReceipts(evidence);
  if (receipts.length === 0) return pending('NOT_RECEIVED');
  const holders = new Map(receipts.flatMap(({ facts }) => facts.uiis.map((uii) => [uii, facts.holder] as const)));
  const transfers = ofKind<CustodyFacts>(evidence, 'CUSTODY');
  const offers = new Map<string, Evidence>();
  for (const transfer of transfers) {
    if (!followTransfer(transfer, transfer.facts, holders, offers)) return breached('NOT_THE_HOLDER', [transfer]);
  }
  return offers.size === 0 ? satisfied('EVERY_TRANSFER_ACCEPTED', transfers) : pending('OFFER_OPEN', [...offers.values()]);
}

/** False if the transfer does not begin with the holder, or accepts what was not offered. */
function followTransfer(
  entry: Evidence,
  facts: CustodyFacts,
  holders: Map<string, string>,
  offers: Map<string, Evidence>,
): boolean {
  if (!facts.uiis.every((uii) => holders.get(uii) === facts.from)) return false;
  if (facts.step === 'OFFERED') {
    offers.set(facts.transfer, entry);
    return true;
  }
  const offered = offers.delete(facts.transfer);
  if (facts.step === 'ACCEPTED') for (const uii of facts.uiis) holders.set(uii, facts.to);
  return offered;
}

function quantityWithin(least: number, most: number, evidence: readonly Evidence[]): Verdict {
  const acceptances = ofKind<AcceptanceFacts>(evidence, 'ACCEPTANCE');
  const quantity = sumAccepted(evidence);
  if (quantity > most) return breached('ACCEPTED_TOO_MANY', acceptances);
  return quantity < least ? pending('ACCEPTED_TOO_FEW', acceptances) : satisfied('ACCEPTED_WITHIN', acceptances);
}

interface Shipment {
  readonly notice: Found<NoticeFacts>;
  readonly receipts: readonly Found<ReceiptFacts>[];
  readonly inspection?: Found<InspectionFacts>;
  readonly acceptance: Found<AcceptanceFacts>;
}

/** The first shipment that does not hold decides; `check` gives undefined for one that holds. */
function forEveryAcceptedShipment(
  evidence: readonly Evidence[],
  reason: string,
  check: (shipment: Shipment) => Verdict | undefined,
): Verdict {
  const acceptances = ofKind<AcceptanceFacts>(evidence, 'ACCEPTANCE');
  if (acceptances.length === 0) return pending('NOT_ACCEPTED');
  const used: Evidence[] = [];
  for (const acceptance of acceptances) {
    const shipment = gatherShipment(acceptance, evidence);
    if (shipment === undefined) return pending('NOT_ANNOUNCED', [acceptance]);
    const verdict = check(shipment);
    if (verdict !== undefined) return verdict;
    used.push(shipment.notice, ...shipment.receipts, ...(shipment.inspection ? [shipment.inspection] : []), acceptance);
  }
  return satisfied(reason, used);
}

function gatherShipment(acceptance: Found<AcceptanceFacts>, evidence: readonly Evidence[]): Shipment | undefined {
  const number = acceptance.facts.shipmentNumber;
  const notice = ofKind<NoticeFacts>(evidence, 'SHIPMENT_NOTICE').find((entry) => entry.facts.shipmentNumber === number);
  if (notice === undefined) return undefined;
  const receipts = standingReceipts(evidence).filter((entry) => entry.facts.shipmentNumber === number);
  const inspection = ofKind<InspectionFacts>(evidence, 'INSPECTION').findLast((entry) => entry.facts.shipmentNumber === number);
  return { notice, receipts, inspection, acceptance };
}

/** Receipts that the depot did not reverse. */
function standingReceipts(evidence: readonly Evidence[]): Found<ReceiptFacts>[] {
  const reversed = new Set(ofKind<ReversalFacts>(evidence, 'RECEIPT_REVERSED').map(({ facts }) => facts.receipt));
  return ofKind<ReceiptFacts>(evidence, 'RECEIPT').filter(({ facts }) => !reversed.has(facts.receipt));
}

type Found<Facts extends EvidenceFacts> = Evidence & { readonly facts: Facts };

function ofKind<Facts extends EvidenceFacts>(evidence: readonly Evidence[], kind: Facts['kind']): Found<Facts>[] {
  return evidence.filter((entry): entry is Found<Facts> => entry.facts.kind === kind);
}

function sumAccepted(evidence: readonly Evidence[]): number {
  return ofKind<AcceptanceFacts>(evidence, 'ACCEPTANCE').reduce((sum, entry) => sum + entry.facts.quantity, 0);
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const set = new Set(left);
  return set.size === new Set(right).size && right.every((value) => set.has(value));
}

function satisfied(reason: string, evidence: readonly Evidence[]): Verdict {
  return { status: 'SATISFIED', reason, evidence: digestsOf(evidence) };
}

function pending(reason: string, evidence: readonly Evidence[] = []): Verdict {
  return { status: 'PENDING', reason, evidence: digestsOf(evidence) };
}

function breached(reason: string, evidence: readonly Evidence[]): Verdict {
  return { status: 'BREACHED', reason, evidence: digestsOf(evidence) };
}

function digestsOf(evidence: readonly Evidence[]): readonly string[] {
  return evidence.map((entry) => entry.source.recordDigest);
}
