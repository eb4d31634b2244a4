/** What an appointment lets its holder do. */
export const ROLES = [
  'administrator', // registers organisations, persons, appointments and principals
  'storage-clerk', // posts receipts and issues at a depot
  'item-manager', // keeps the catalogue, releases requisitions, corrects entries
  'inspector', // inspects received materiel
  'acceptor', // accepts materiel for the Government
  'contracting-officer', // activates agreements, has conditions evaluated
  'supplier', // sends shipment notices for its own contracts
  'requisitioner', // submits requisitions for its own DoDAAC
  'commander', // reviews urgency and releases requisitions of its own unit
  'custodian', // offers, accepts and refuses custody for its organisation
  'auditor', // reads evidence, changes nothing
  'erp', // publishes on the in.* topics for its organisation
  'service', // one of our own services
] as const;

export type Role = (typeof ROLES)[number];

/** Who calls, for whom. Built from a verified token or a verified message signature, never from the request. */
export interface Actor {
  /** Identity's id of the person or service; stays inside services. */
  readonly principalId: string;
  /** Pseudonym of this principal, appointment and log; the only form that enters a header (formats §3). */
  readonly pseudonym: string;
  readonly organisationId: string;
  /** The code the principal acts for: a DoDAAC or CAGE code. */
  readonly actingFor: string;
  /** ISO 3166 trigraph of the organisation. */
  readonly nation: string;
  readonly roles: readonly Role[];
}

/** Everything a command carries besides its own content. Deciders see times and actors only through it. */
export interface CommandEnvelope {
  /** Caller's id, unique per principal: UUID over gRPC, CloudEvents id over Kafka. At most 64 visible ASCII characters. */
  readonly commandId: string;
  readonly actor: Actor;
  /** When it happened, RFC 3339 with offset (`-00:00` = offset unknown, RFC 3339 §4.3). */
  readonly eventTime: string;
  readonly correlationId: string;
  /** Id of the event that caused this command, if any. */
  readonly causationId?: string;
  /** The request exactly as received; its keyed digest detects a reused command id. */
  readonly request: Uint8Array;
}
