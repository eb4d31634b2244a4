export { HASH_SIZE, sha256, sha256Into } from './sha256.js';
export { emptyRoot, leafHash, nodeHash, sameBytes } from './tree-hash.js';
export { CompactRange, rootFromLeaves, type CompactRangeState, type NodeListener } from './compact-range.js';
export { MemoryTree, subtreesOf, type HashSource, type SubtreeAddress, type SyncHashSource } from './hash-source.js';
export { consistencyPlan, inclusionPlan, type ProofNode } from './proof-plan.js';
export {
  consistencyProof,
  fetchRoot,
  inclusionProof,
  proveConsistency,
  proveInclusion,
  rootAt,
  type ProofSource,
} from './prove.js';
export { verifyConsistency, verifyInclusion, type ConsistencyClaim, type InclusionClaim } from './verify-proof.js';
export { asBuffer, decodeBase64, decodeBase64Url, encodeBase64Url } from './encoding.js';
export {
  pinPublicKey,
  privateKeyFromSeed,
  PUBLIC_KEY_SIZE,
  rawPublicKey,
  SIGNATURE_SIZE,
  signEd25519,
  verifyEd25519,
  verifyEd25519InPool,
  type PinnedPublicKey,
} from './ed25519.js';
export {
  cosignerKey,
  formatVerifierKey,
  isKeyName,
  keyId,
  noteKey,
  parseCosignerKey,
  parseVerifierKey,
  verifierKey,
  type CosignerKey,
  type NoteKey,
} from './verifier-key.js';
export { cosign, type Cosigner } from './cosignature.js';
export {
  openNote,
  parseNote,
  parseSignatureLine,
  signatureLine,
  signNote,
  type CheckedSignature,
  type NoteSignature,
  type NoteSigner,
  type OpenedNote,
} from './note.js';
export {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  type Checkpoint,
  type OpenedCheckpoint,
} from './checkpoint.js';
export { parsePolicy, type PolicyGroup, type PolicyLog, type PolicyWitness, type WitnessPolicy } from './policy-file.js';
export { meetsQuorum, openUnderPolicy, type WitnessedCheckpoint } from './policy.js';
