import {
  PersistentList,
  PersistentMap,
  PersistentSet,
  type DomainEvent,
  type EventSchema,
  type Link,
  type StreamDefinition,
} from '@countersign/kernel';
import type { Money } from '../order/money.js';
import type { Parties } from '../order/order.js';
import type { ConditionResult } from './evaluation.js';
import type { Evidence } from './evidence.js';
import type { Terms } from './terms.js';

export type Party = 'buyer' | 'supplier';

export type AgreementDrafted = DomainEvent<
  'AgreementDrafted',
  { readonly piid: string; readonly parties: Parties; readonly terms: Terms; readonly termsDigest: string }
>;

export type AgreementSigned = DomainEvent<
  'AgreementSigned',
  { readonly piid: string; readonly party: Party; readonly termsDigest: string }
>;

export type AgreementActivated = DomainEvent<'AgreementActivated', { readonly piid: string; readonly termsDigest: string }>;

/** Something recorded elsewhere that bears on a line; the order of these is the order the evaluation sees. */
export type EvidenceNoted = DomainEvent<'EvidenceNoted', { readonly piid: string } & Evidence>;

/** One evaluation of a line. `evidence` lists the record digests of all evidence of the line, in order. */
export interface Evaluation {
  readonly clin: string;
  readonly termsDigest: string;
  readonly evidence: readonly string[];
  readonly results: readonly ConditionResult[];
  readonly evaluationDigest: string;
}

export type ConditionsEvaluated = DomainEvent<'ConditionsEvaluated', { readonly piid: string } & Evaluation>;

/** Payment of one line; at most once per (agreement, line), ever (invariant S2). */
export interface Payment {
  readonly clin: string;
  readonly quantity: number;
  readonly amount: Money;
  readonly evaluationDigest: string;
}

export type PaymentAuthorised = DomainEvent<
  'PaymentAuthorised',
  { readonly piid: string; readonly supplierCage: string; readonly buyerDodaac: string; readonly termsDigest: string } & Payment
>;

export type AgreementEvent =
  AgreementDrafted | AgreementSigned | AgreementActivated | EvidenceNoted | ConditionsEvaluated | PaymentAuthorised;

export type AgreementState =
  | { readonly status: 'NONE' }
  | {
      readonly status: 'DRAFT' | 'SIGNED' | 'ACTIVE';
      readonly parties: Parties;
      readonly terms: Terms;
      readonly termsDigest: string;
      /** Of all lines, in the order in which it became known. */
      readonly evidence: PersistentList<Evidence>;
      /** The same by CLIN. */
      readonly evidenceOf: PersistentMap<string, PersistentList<Evidence>>;
      /** What is noted already, see `evidenceKey`. */
      readonly notedKeys: PersistentSet<string>;
      /** The latest of each line, by CLIN. */
      readonly evaluations: PersistentMap<string, Evaluation>;
      /** By CLIN. */
      readonly payments: PersistentMap<string, Payment>;
    };

export type ExistingAgreement = Exclude<AgreementState, { status: 'NONE' }>;

const AGREEMENT_GROUP = { group: 'agreement' } as const;
const TERMS_GROUP = { group: 'terms' } as const;
const PAYMENT_GROUP = { group: 'payment' } as const;
const EVIDENCE_GROUP = { group: 'evidence' } as const;

const SCHEMAS = {
  AgreementDrafted: {
    type: 'countersign.procurement.AgreementDrafted.v1',
    fields: { piid: AGREEMENT_GROUP, parties: AGREEMENT_GROUP, terms: TERMS_GROUP, termsDigest: TERMS_GROUP },
  },
  AgreementSigned: {
    type: 'countersign.procurement.AgreementSigned.v1',
    fields: { piid: AGREEMENT_GROUP, party: AGREEMENT_GROUP, termsDigest: TERMS_GROUP },
  },
  AgreementActivated: {
    type: 'countersign.procurement.AgreementActivated.v1',
    fields: { piid: AGREEMENT_GROUP, termsDigest: TERMS_GROUP },
  },
  EvidenceNoted: {
    type: 'countersign.procurement.EvidenceNoted.v1',
    fields: { piid: EVIDENCE_GROUP, clin: EVIDENCE_GROUP, facts: EVIDENCE_GROUP, source: EVIDENCE_GROUP },
  },
  ConditionsEvaluated: {
    type: 'countersign.procurement.ConditionsEvaluated.v1',
    fields: {
      piid: EVIDENCE_GROUP,
      clin: EVIDENCE_GROUP,
      termsDigest: EVIDENCE_GROUP,
      evidence: EVIDENCE_GROUP,
      results: EVIDENCE_GROUP,
      evaluationDigest: EVIDENCE_GROUP,
    },
  },
  PaymentAuthorised: {
    type: 'countersign.procurement.PaymentAuthorised.v1',
    fields: {
      piid: PAYMENT_GROUP,
      clin: PAYMENT_GROUP,
      supplierCage: PAYMENT_GROUP,
      buyerDodaac: PAYMENT_GROUP,
      quantity: PAYMENT_GROUP,
      amount: PAYMENT_GROUP,
      termsDigest: PAYMENT_GROUP,
      evaluationDigest: PAYMENT_GROUP,
    },
  },
} as const satisfies Record<AgreementEvent['type'], EventSchema>;

/** `agreement/<PIID>` */
export const AGREEMENT: StreamDefinition<AgreementState, AgreementEvent> = {
  category: 'agreement',
  initial: { status: 'NONE' },
  evolve,
  schemas: SCHEMAS,
  links,
};

/** A record is evidence for a line once. */
export function evidenceKey({ clin, source: { origin, eventId } }: Pick<Evidence, 'clin' | 'source'>): string {
  return JSON.stringify([clin, origin, eventId]);
}

const NOTHING_YET: Pick<ExistingAgreement, 'evidence' | 'evidenceOf' | 'notedKeys' | 'evaluations' | 'payments'> = {
  evidence: PersistentList.empty(),
  evidenceOf: PersistentMap.empty(),
  notedKeys: PersistentSet.empty(),
  evaluations: PersistentMap.empty(),
  payments: PersistentMap.empty(),
};

function evolve(state: AgreementState, event: AgreementEvent): AgreementState {
  if (event.type === 'AgreementDrafted') {
    const { parties, terms, termsDigest } = event.data;
    return { status: 'DRAFT', parties, terms, termsDigest, ...NOTHING_YET };
  }
  return state.status === 'NONE' ? state : evolveExisting(state, event);
}

function evolveExisting(state: ExistingAgreement, event: Exclude<AgreementEvent, AgreementDrafted>): AgreementState {
  switch (event.type) {
    case 'AgreementSigned':
      return event.data.party === 'supplier' ? { ...state, status: 'SIGNED' } : state;
    case 'AgreementActivated':
      return { ...state, status: 'ACTIVE' };
    case 'EvidenceNoted': {
      const { clin, facts, source } = event.data;
      return withEvidence(state, { clin, facts, source });
    }
    case 'ConditionsEvaluated': {
      const { piid: _piid, ...evaluation } = event.data;
      return { ...state, evaluations: state.evaluations.set(evaluation.clin, evaluation) };
    }
    case 'PaymentAuthorised': {
      const { clin, quantity, amount, evaluationDigest } = event.data;
      return { ...state, payments: state.payments.set(clin, { clin, quantity, amount, evaluationDigest }) };
    }
  }
}

function withEvidence(state: ExistingAgreement, noted: Evidence): AgreementState {
  const ofLine = state.evidenceOf.get(noted.clin) ?? PersistentList.empty<Evidence>();
  return {
    ...state,
    evidence: state.evidence.append(noted),
    evidenceOf: state.evidenceOf.set(noted.clin, ofLine.append(noted)),
    notedKeys: state.notedKeys.add(evidenceKey(noted)),
  };
}

function links(event: AgreementEvent): readonly Link[] {
  const own: Link = { kind: 'piid', value: event.data.piid, role: 'identifies' };
  if (event.type === 'AgreementDrafted') {
    return [own, { kind: 'organisation', value: event.data.parties.supplier, role: 'mentions' }];
  }
  if (event.type !== 'EvidenceNoted') return [own];
  const { facts } = event.data;
  return 'uiis' in facts ? [own, ...facts.uiis.map((uii): Link => ({ kind: 'uii', value: uii, role: 'mentions' }))] : [own];
}
