import { canonicalVectors, type CanonicalVectors } from './canonical-vectors.js';
import { cosignatureVectors, type CosignatureVectors } from './cosignature-vectors.js';
import { itemHeadVectors, type ItemHeadVectors } from './item-head-vectors.js';
import {
  authorVectors,
  claimVectors,
  itemKeyVectors,
  leavesVectors,
  registrationVectors,
  type AuthorVectors,
  type ClaimVector,
  type ItemKeyVectors,
  type LeavesVectors,
  type RegistrationVector,
} from './key-vectors.js';
import { labelVectors, type LabelVectors } from './label-vectors.js';
import { noteVectors, type NoteVectors } from './note-vectors.js';
import { policyVectors, type PolicyVectors } from './policy-vectors.js';
import { recordVectors, type RecordVector } from './record-vectors.js';
import { refusedHeaders, type RefusedHeaderVector } from './refused-headers.js';
import { treeVectors, type TreeVectors } from './tree-vectors.js';

/** The files of `vectors/` that this package makes, by name without `.json`. */
export interface VectorFiles {
  readonly 'canonical-json': CanonicalVectors;
  readonly labels: LabelVectors;
  readonly records: readonly RecordVector[];
  readonly 'refused-headers': readonly RefusedHeaderVector[];
  readonly claims: readonly ClaimVector[];
  readonly 'author-signatures': AuthorVectors;
  readonly 'item-keys': ItemKeyVectors;
  readonly registrations: readonly RegistrationVector[];
  readonly leaves: LeavesVectors;
  readonly trees: TreeVectors;
  readonly notes: NoteVectors;
  readonly cosignatures: CosignatureVectors;
  readonly policies: PolicyVectors;
  readonly 'item-heads': ItemHeadVectors;
}

/** Makes all vectors again, the same every time. */
export function vectorFiles(): VectorFiles {
  const records = recordVectors();
  const notes = noteVectors(records);
  return {
    'canonical-json': canonicalVectors(),
    labels: labelVectors(),
    records,
    'refused-headers': refusedHeaders(records),
    claims: claimVectors(),
    'author-signatures': authorVectors(),
    'item-keys': itemKeyVectors(),
    registrations: registrationVectors(),
    leaves: leavesVectors(records),
    trees: treeVectors(),
    notes,
    cosignatures: cosignatureVectors(notes),
    policies: policyVectors(),
    'item-heads': itemHeadVectors(records),
  };
}

/** The text of a vector file. */
export function vectorText(content: unknown): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
