/** Where a piece of evidence is recorded: enough to find the record and to see that it is the same one. */
export interface EvidenceSource {
  /** Origin of the log. */
  readonly origin: string;
  readonly eventId: string;
  /** Record digest, 64 hex digits. */
  readonly recordDigest: string;
}

/** The certificate of conformance a notice names. */
export interface CertificateFacts {
  readonly reference: string;
  readonly standard: string;
  /** SHA-256 of the document, 64 hex digits. */
  readonly documentDigest: string;
}

export interface NoticeFacts {
  readonly kind: 'SHIPMENT_NOTICE';
  readonly shipmentNumber: string;
  readonly quantity: number;
  readonly uiis: readonly string[];
  readonly certificate?: CertificateFacts;
}

export interface ReceiptFacts {
  readonly kind: 'RECEIPT';
  readonly shipmentNumber: string;
  readonly quantity: number;
  readonly uiis: readonly string[];
  /** Organisation that took the materiel in; custody begins with it. */
  readonly holder: string;
  /** Record digest of the depot's receipt, 64 hex digits. */
  readonly receipt: string;
}

/** The receipt of that record digest was reversed: it counts no more. */
export interface ReversalFacts {
  readonly kind: 'RECEIPT_REVERSED';
  readonly receipt: string;
}

export interface InspectionFacts {
  readonly kind: 'INSPECTION';
  readonly shipmentNumber: string;
  readonly conforming: boolean;
  readonly certificateReference?: string;
  readonly certificateDigest?: string;
}

export interface AcceptanceFacts {
  readonly kind: 'ACCEPTANCE';
  readonly shipmentNumber: string;
  readonly quantity: number;
  readonly uiis: readonly string[];
}

export interface DiscrepancyOpenedFacts {
  readonly kind: 'DISCREPANCY_OPENED';
  readonly discrepancyId: string;
  readonly code: string;
}

export interface DiscrepancyResolvedFacts {
  readonly kind: 'DISCREPANCY_RESOLVED';
  readonly discrepancyId: string;
  readonly disposition: string;
}

/** One step of a handover of items of the line; `transfer` names the shipment unit it belongs to. */
export interface CustodyFacts {
  readonly kind: 'CUSTODY';
  readonly step: 'OFFERED' | 'ACCEPTED' | 'REFUSED' | 'WITHDRAWN';
  readonly transfer: string;
  readonly from: string;
  readonly to: string;
  readonly uiis: readonly string[];
}

/** What a record shows about one contract line. */
export type EvidenceFacts =
  | NoticeFacts
  | ReceiptFacts
  | ReversalFacts
  | InspectionFacts
  | AcceptanceFacts
  | DiscrepancyOpenedFacts
  | DiscrepancyResolvedFacts
  | CustodyFacts;

export interface Evidence {
  readonly clin: string;
  readonly facts: EvidenceFacts;
  readonly source: EvidenceSource;
}
