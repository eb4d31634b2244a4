export { HASH_SIZE, sha256, sha256Into } from './sha256.js';
export { emptyRoot, leafHash, nodeHash, sameBytes } from './tree-hash.js';
export { CompactRange, rootFromLeaves, type CompactRangeState, type NodeListener, type NodeSink } from './compact-range.js';
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
export { earlierRoot, verifyConsistency, verifyInclusion, type ConsistencyClaim, type InclusionClaim } from './verify-proof.js';
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
export { formatForkProof, parseForkProof, proveFork, FORK_PROOF_BYTES_MAX, type Fork, type ForkProof } from './fork-proof.js';
export {
  formatTileIndex,
  formatTilePath,
  parseTilePath,
  TILE_LEVELS,
  TILE_WIDTH,
  tileCount,
  tileWidthAt,
  type TileAddress,
} from './tiles/tile-address.js';
export { decodeEntryBundle, ENTRY_BUNDLE_BYTES_MAX, encodeEntryBundle } from './tiles/entry-bundle.js';
export { TileBuilder, type BuiltTile } from './tiles/tile-builder.js';
