/** What kind of failure a code is. One table in `libs/grpc` maps kinds to gRPC status codes. */
export type ErrorKind =
  | 'invalid'
  | 'missing'
  | 'wrong-state'
  | 'version-conflict'
  | 'exists'
  | 'unauthenticated'
  | 'denied'
  | 'overload'
  | 'unavailable'
  | 'broken-proof'
  | 'unimplemented'
  | 'deadline'
  | 'internal';

interface CodeEntry {
  readonly kind: ErrorKind;
  /** Safe for every caller: names no value. */
  readonly message: string;
}

/** The closed list of error codes. A code never changes its meaning; `docs/errors.md` documents each. */
export const ERROR_CODES = {
  // Every service
  FIELD_INVALID: { kind: 'invalid', message: 'a field breaks its rule' },
  FIELD_MISSING: { kind: 'invalid', message: 'a required field is missing' },
  CODE_UNKNOWN: { kind: 'invalid', message: 'a code is not in its code list' },
  QUANTITY_INVALID: { kind: 'invalid', message: 'a quantity must be a positive integer in the unit of issue' },
  TIME_INVALID: { kind: 'invalid', message: 'a time must be RFC 3339 with an offset' },
  MESSAGE_TOO_LARGE: { kind: 'overload', message: 'the message is larger than the limit' },
  NOT_FOUND: { kind: 'missing', message: 'there is no such thing, or it is not yours to know' },
  UNAUTHENTICATED: { kind: 'unauthenticated', message: 'the call carries no valid token' },
  PERMISSION_DENIED: { kind: 'denied', message: 'the appointment does not allow this' },
  COMMAND_ID_REUSED: { kind: 'exists', message: 'the command id was used for another request' },
  VERSION_CONFLICT: { kind: 'version-conflict', message: 'the stream changed meanwhile; try again' },
  OVERLOADED: { kind: 'overload', message: 'too much work is queued; try again later' },
  DEPENDENCY_UNAVAILABLE: { kind: 'unavailable', message: 'a part this service depends on does not answer' },
  PROOF_BROKEN: { kind: 'broken-proof', message: 'a proof does not verify' },
  RECORD_ALTERED: { kind: 'broken-proof', message: 'a stored record does not match its digest' },
  // libs/merkle and libs/record: bytes that are hashed or signed
  RECORD_MALFORMED: { kind: 'invalid', message: 'bytes break the record format' },
  NOTE_MALFORMED: { kind: 'invalid', message: 'a signed note breaks its format' },
  KEY_REFUSED: { kind: 'invalid', message: 'a key is not acceptable' },
  POLICY_INVALID: { kind: 'invalid', message: 'a witness policy breaks its format' },
  SIGNATURE_INVALID: { kind: 'broken-proof', message: 'a signature does not verify' },
  INTERNAL: { kind: 'internal', message: 'an unexpected failure; quote the error id' },

  // Event log
  EVENT_TYPE_UNKNOWN: { kind: 'internal', message: 'a stored event has a type this service does not know' },
  EVENT_FIELD_UNKNOWN: {
    kind: 'internal',
    message: 'a stored event has a field that its version does not have, or has it in another group',
  },
  FOLD_DIVERGED: { kind: 'internal', message: 'a remembered state is not what its records fold to' },
  UNIT_KEY_MISSING: { kind: 'internal', message: 'a unit key that a stream needs is not there' },
  MESSAGE_CONSUMED: { kind: 'exists', message: 'the effect of this message, or of a later one of its subject, is recorded' },
  MESSAGE_GAP: { kind: 'wrong-state', message: 'an earlier message of the same subject has not been recorded yet' },
  LOG_BEHIND_ANCHOR: { kind: 'broken-proof', message: 'the log holds fewer records than were anchored' },
  LOG_MISMATCH: { kind: 'internal', message: 'the database holds the log of another registration' },
  STORAGE_UNSAFE: { kind: 'internal', message: 'the database may lose committed records' },

  // Read models
  PROJECTION_UNKNOWN: { kind: 'missing', message: 'this service has no such read model' },
  PROJECTION_BUSY: { kind: 'wrong-state', message: 'the read model is being rebuilt or compared already' },
  PROJECTION_NOT_BUILT: { kind: 'unavailable', message: 'the read model is not built yet' },
  PROJECTION_BEHIND: { kind: 'unavailable', message: 'the read model has not reached that position yet' },
  PROJECTION_GIVEN_UP: { kind: 'wrong-state', message: 'the rebuild was given up for another one' },

  // The gRPC edge (libs/grpc)
  MESSAGE_MALFORMED: { kind: 'invalid', message: 'the message cannot be decoded' },
  FIELD_UNKNOWN: { kind: 'invalid', message: 'the message holds a field that this version does not know' },
  METHOD_UNKNOWN: { kind: 'unimplemented', message: 'this service has no such method' },
  DEADLINE_EXCEEDED: { kind: 'deadline', message: 'the answer was not ready before the deadline' },

  // Kafka messages (libs/kafka)
  SCHEMA_INVALID: { kind: 'invalid', message: 'the message breaks the schema of its topic' },
  SCHEMA_UNKNOWN: { kind: 'invalid', message: 'the topic does not take messages of this type' },
  TENANT_MISMATCH: { kind: 'denied', message: 'the message speaks for another organisation than its signer' },

  // Subscriptions to a log (libs/host)
  RESUME_TOKEN_INVALID: {
    kind: 'invalid',
    message: 'the resume token is not one of this log, this filter and this kind of reader',
  },
  LOG_REWOUND: { kind: 'broken-proof', message: 'the log does not hold what the resume token was given for' },
  SUBSCRIPTIONS_EXHAUSTED: { kind: 'overload', message: 'too many subscriptions are open' },
  READER_STALLED: { kind: 'overload', message: 'the reader took no message for too long' },
  SERVICE_STOPPING: { kind: 'unavailable', message: 'the service is about to stop; call again' },

  // Inventory
  ITEM_EXISTS: { kind: 'exists', message: 'the item is registered already' },
  ITEM_UNKNOWN: { kind: 'wrong-state', message: 'the item is not registered' },
  UNIT_OF_ISSUE_DIFFERS: { kind: 'wrong-state', message: 'the unit of issue is not the one of the item; nothing is ever scaled' },
  ITEMS_DIFFER_FROM_QUANTITY: {
    kind: 'wrong-state',
    message: 'a serial-managed item needs exactly as many UIIs as its quantity, others none',
  },
  STORAGE_UNKNOWN: { kind: 'wrong-state', message: 'the RIC is not known yet' },
  CONDITION_NOT_STOCKED: { kind: 'invalid', message: 'no balance is kept in this supply condition' },
  CONDITION_NOT_ISSUABLE: { kind: 'wrong-state', message: 'materiel in this supply condition is not issued' },
  RECEIPT_EXISTS: { kind: 'exists', message: 'a receipt for this document number and suffix is posted already' },
  ISSUE_EXISTS: { kind: 'exists', message: 'an issue for this document number and suffix is recorded already' },
  DUE_IN_UNKNOWN: { kind: 'wrong-state', message: 'no such shipment is expected, or not yet' },
  DUE_IN_DIFFERS: { kind: 'wrong-state', message: 'the receipt does not fit the expected shipment' },
  STOCK_INSUFFICIENT: { kind: 'wrong-state', message: 'there is not as much on hand in this supply condition' },
  ASSET_NOT_IN_STOCK: { kind: 'wrong-state', message: 'an item is not in this stock' },
  ASSET_HELD: { kind: 'wrong-state', message: 'an item is held' },
  ASSET_NOT_HELD: { kind: 'wrong-state', message: 'the item is not held' },
  RESULT_SIGNATURE_INVALID: {
    kind: 'denied',
    message: 'the laboratory result is not signed by an inspector this service can verify',
  },
  RESULT_DIFFERS: { kind: 'wrong-state', message: 'the laboratory result does not say what the command needs' },
  RELEASE_ORDER_UNKNOWN: { kind: 'wrong-state', message: 'no release order for this document number, or not yet' },
  RELEASE_ORDER_DIFFERS: { kind: 'wrong-state', message: 'the issue does not fit the release order' },
  RELEASE_ORDER_EXCEEDED: { kind: 'wrong-state', message: 'more than the released quantity' },
  RECORD_REFERENCE_WRONG: { kind: 'wrong-state', message: 'position and digest do not name the record that is meant' },
  TRANSACTION_NOT_REVERSIBLE: { kind: 'wrong-state', message: 'this record is no entry that can be reversed' },
  TRANSACTION_REVERSED: { kind: 'wrong-state', message: 'the entry is reversed already' },
  REVERSAL_QUANTITY_DIFFERS: { kind: 'wrong-state', message: 'a reversal carries the quantity of its original' },
  SHIPMENT_UNIT_EXISTS: { kind: 'exists', message: 'the transportation control number and piece are in use' },
  CUSTODY_NOT_HELD: { kind: 'wrong-state', message: 'the shipment unit is not in your custody' },
  CUSTODY_OFFER_OPEN: { kind: 'wrong-state', message: 'an offer is open already' },
  CUSTODY_OFFER_ABSENT: { kind: 'wrong-state', message: 'there is no open offer' },
  CUSTODY_OFFER_EXPIRED: { kind: 'wrong-state', message: 'the offer has expired' },
  CUSTODY_TAKER_INVALID: { kind: 'wrong-state', message: 'custody passes between two organisations' },
  CUSTODY_MOVED: { kind: 'wrong-state', message: 'the shipment unit has left the storage activity' },
  TALLY_DIFFERS: { kind: 'wrong-state', message: 'the tally is not the one that was offered' },
  DELIVERY_DIFFERS: { kind: 'wrong-state', message: 'what was found is not what was issued' },

  // Procurement
  SAME_PERSON: { kind: 'denied', message: 'these two duties need two persons' },
  SAME_ORGANISATION: { kind: 'wrong-state', message: 'buyer and supplier are one organisation' },
  ORGANISATION_UNKNOWN: { kind: 'wrong-state', message: 'the organisation is not in the directory, or not yet' },
  DODAAC_NOT_OF_AGENCY: {
    kind: 'wrong-state',
    message: "the document number begins with a DoDAAC that is not the named agency's",
  },
  ORDER_EXISTS: { kind: 'exists', message: 'the order is placed already' },
  LINE_UNKNOWN: { kind: 'wrong-state', message: 'the order has no such line' },
  AGREEMENT_SIGNED: { kind: 'wrong-state', message: 'the agreement is signed already' },
  AGREEMENT_NOT_SIGNED: { kind: 'wrong-state', message: 'the supplier has not signed the agreement' },
  AGREEMENT_ACTIVE: { kind: 'wrong-state', message: 'the agreement is active already' },
  AGREEMENT_NOT_ACTIVE: { kind: 'wrong-state', message: 'the agreement is not active' },
  TERMS_DIFFER: { kind: 'wrong-state', message: "the digest is not the one of the agreement's terms" },
  SHIPMENT_NOTICE_EXISTS: { kind: 'exists', message: 'the shipment is announced already' },
  SHIPPED_EXCEEDS_ORDERED: { kind: 'wrong-state', message: 'more would be shipped than ordered' },
  UII_ALREADY_ANNOUNCED: { kind: 'exists', message: 'the item stands on a shipment notice already' },
  RECEIPT_NOT_INSPECTED: { kind: 'wrong-state', message: 'the receipt is not inspected' },
  RECEIPT_MISSING: { kind: 'wrong-state', message: 'nothing is received under this report' },
  RECEIPT_ALREADY_INSPECTED: { kind: 'wrong-state', message: 'the receipt is inspected already' },
  RECEIPT_REJECTED: { kind: 'wrong-state', message: 'the inspection found that the receipt does not conform' },
  RECEIPT_ALREADY_ACCEPTED: { kind: 'wrong-state', message: 'the receipt is accepted already' },
  ACCEPTED_EXCEEDS_RECEIVED: { kind: 'wrong-state', message: 'more would be accepted than was received' },
  DISCREPANCY_OPEN: { kind: 'wrong-state', message: 'a discrepancy of the receipt is open' },
  DISCREPANCY_UNKNOWN: { kind: 'missing', message: 'the receiving report has no such discrepancy' },
  DISCREPANCY_CLOSED: { kind: 'wrong-state', message: 'the discrepancy is closed already' },
  RESULT_REQUIRED: { kind: 'wrong-state', message: 'a suspected counterfeit ends by a signed result only' },
  REQUISITION_EXISTS: { kind: 'exists', message: 'the requisition exists already' },
  REQUISITION_STATUS: { kind: 'wrong-state', message: 'the requisition has gone on, or ended' },
  REQUISITION_REVIEWED: { kind: 'wrong-state', message: 'the requisition is reviewed already' },
  REVIEW_REQUIRED: { kind: 'wrong-state', message: "this urgency needs a commander's review first" },
  EXPEDITE_NOT_ALLOWED: { kind: 'invalid', message: 'the priority does not allow expedited delivery' },

  // Identity
  ORGANISATION_EXISTS: { kind: 'exists', message: 'the organisation id is taken' },
  CODE_TAKEN: { kind: 'exists', message: 'a code belongs to another organisation' },
  CODE_NOT_HELD: { kind: 'wrong-state', message: 'a code is not one of the organisation' },
  PERSON_EXISTS: { kind: 'exists', message: 'the person id is taken' },
  APPOINTMENT_EXISTS: { kind: 'exists', message: 'the appointment id is taken' },
  APPOINTMENT_REVOKED: { kind: 'wrong-state', message: 'the appointment is revoked already' },
  APPOINTMENT_REQUIRED: { kind: 'wrong-state', message: 'one valid appointment has to be named' },
  SELF_DELEGATION: { kind: 'denied', message: 'nobody appoints himself' },
  ROLE_NOT_GRANTABLE: { kind: 'denied', message: 'this role cannot be granted here, or not by you' },
  PRINCIPAL_EXISTS: { kind: 'exists', message: 'the principal id is taken' },
  PRINCIPAL_REVOKED: { kind: 'wrong-state', message: 'the principal is revoked' },

  // Anchoring and the chain
  HEAD_EQUIVOCATION: { kind: 'broken-proof', message: 'another root was already signed for this log and size' },
  HEAD_NOT_ANCHORED: { kind: 'wrong-state', message: 'no head on the chain covers this entry yet' },
  CHAIN_REFUSED: { kind: 'wrong-state', message: 'the chain did not accept it' },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
