export { SUITE, UNIT_KEY_SIZE, KEY_ID_SIZE } from './suite.js';
export { canonicalJson, canonicalText, parseCanonical } from './canonical-json.js';
export { isOrigin, isStreamId } from './origin.js';
export { isTimestamp } from './timestamp.js';
export { CLASSIFICATIONS, formatLabel, isLabel, parseLabel, type Classification, type Label } from './label.js';
export { HEADER_BYTES_MAX, parseHeader, recordDigest, type HeaderContext, type RecordHeader } from './header.js';
export { createDisclosure, disclosureDigest, parseDisclosure, type Disclosure } from './disclosure.js';
export { parseEnvelope, sealDisclosure, type Envelope, type EventAddress, type UnitKey } from './envelope.js';
export { decodeDisclosures, DISCLOSURES_BYTES_MAX, encodeDisclosures } from './disclosure-list.js';
export {
  mergeData,
  openDisclosure,
  openDisclosures,
  requireClaim,
  type DisclosingHeader,
  type DisclosureInput,
  type OpenedDisclosures,
} from './open-disclosures.js';
export { buildRecord, type RecordDraft, type RecordSalts, type SealedDisclosure, type SealedRecord } from './build-record.js';
export { CLAIM_GROUP, claimDigest, claimObject, parseClaim, type Claim } from './claim.js';
export { encodeEntry, ENTRY_SIZE, parseEntry, type Entry } from './entry.js';
export { bucketOf, BUCKETS, itemKeyOf, ItemKeys, verifyBucket, type BucketProof } from './item-keys.js';
export {
  encodeLeavesMessage,
  LEAVES_MAX,
  parseLeavesMessage,
  verifyLeavesMessage,
  type LeavesMessage,
} from './leaves-message.js';
export {
  headsLogIdOf,
  logIdOf,
  parseRegistration,
  registrationBytes,
  type LogRegistration,
  type Predecessor,
} from './registration.js';
export {
  encodeHeadsEntry,
  extendItemChain,
  itemMapRoot,
  itemValueDigest,
  mapLeafHash,
  mapNodeHash,
  parseHeadsEntry,
  ZERO_DIGEST,
  type HeadsEntry,
  type MapItem,
} from './item-heads.js';
export {
  decodeItemMapProof,
  encodeItemMapProof,
  itemHeadOf,
  MAP_DEPTH_MAX,
  proveInItems,
  verifyAbsence,
  verifyPresence,
  type AbsenceClaim,
  type AbsenceProof,
  type ItemEntry,
  type ItemHead,
  type ItemMapProof,
  type PresenceClaim,
  type PresenceProof,
} from './item-map-proof.js';
export { MapPage, mapItemOf, type ItemState } from './item-map-page.js';
export { MapPageLayer, MapPaths, NO_ENTRY, type MapGrowth, type MapPageSource } from './item-map.js';
export { ItemHeadsCheck, type HeadsCheckInput, type HeadsFinding } from './item-heads-check.js';
export { authorMessage, parseAuthorSignature, type AuthoredIntent, type AuthorSignature } from './author-signature.js';
export { keyRotationMessage, type KeyRotation } from './key-rotation.js';
export { COVER, ERASED, KEY_ROTATED, LOG_CLOSED, LOG_OPENED, logStreamId, SYSTEM_EVENTS } from './system-events.js';
