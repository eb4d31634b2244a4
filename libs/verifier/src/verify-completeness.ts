import { decodeItemMapProof, itemHeadOf, itemValueDigest, verifyAbsence, verifyPresence } from '@countersign/record';
import { sameBytes } from '@countersign/merkle';
import type { BundleAbsence, BundleStream } from './bundle.js';
import { decoded } from './fields.js';
import { Fault, type Checks } from './report.js';
import type { ItemMap } from './verify-heads.js';
import type { VerifiedRecord } from './verify-record.js';

type StreamHead = NonNullable<BundleStream['head']>;

/** What is known of a stream before its completeness is judged. */
export interface GivenStream {
  readonly subject: string;
  readonly itemKey: Uint8Array;
  readonly records: readonly VerifiedRecord[];
  readonly isOrdered: boolean;
}

const ASSERTED = 'asserted by the operator: no quorum of pinned map checkers recomputed the item map';

/** Whether the records given are all that the log holds of the stream (docs/bundle.md §3.4). */
export function verifyComplete(
  stream: GivenStream,
  head: StreamHead | undefined,
  map: ItemMap | undefined,
  checks: Checks,
): void {
  const { subject, records, isOrdered } = stream;
  if (head === undefined || map === undefined) {
    checks.notChecked('completeness', subject, 'head not yet published: the bundle holds no item head under this checkpoint');
    return;
  }
  let open: string | undefined;
  const test = (): void => {
    requirePresence(stream, head, map);
    requireCount(records, Number(head.count));
    const leaves = records.flatMap(({ index, leafHash }) =>
      leafHash === undefined ? [] : [{ leafIndex: BigInt(index), leafHash }],
    );
    if (leaves.length < records.length || !isOrdered) {
      open = 'not every record given stands where it belongs';
    } else if (!sameBytes(itemHeadOf(leaves).chain, decoded(head.chain))) {
      throw new Fault('MISSING', 'the item head is made of other records: at least one of them is not given');
    } else if (!map.isChecked) {
      open = ASSERTED;
    }
  };
  settle('completeness', subject, test, () => open, checks);
}

/** Whether the log holds no record of the stream at all. */
export function verifyAbsent(
  absence: BundleAbsence,
  itemKey: Uint8Array,
  map: ItemMap | undefined,
  subject: string,
  checks: Checks,
): void {
  if (map === undefined) {
    checks.notChecked('absence', subject, 'head not yet published: the bundle holds no heads entry for this checkpoint');
    return;
  }
  const test = (): void => {
    const proof = decodeItemMapProof(decoded(absence.proof));
    if (proof.kind === 'present') throw new Error('the proof is one of presence');
    verifyAbsence({ itemKey, proof, mapRoot: map.root });
  };
  settle('absence', subject, test, () => (map.isChecked ? undefined : ASSERTED), checks);
}

/** A test that may hold and still leave the check open. */
function settle(
  id: 'completeness' | 'absence',
  subject: string,
  test: () => void,
  leftOpen: () => string | undefined,
  checks: Checks,
): void {
  try {
    test();
  } catch (error) {
    checks.attempt(id, subject, 'ALTERED', () => {
      throw error;
    });
    return;
  }
  const open = leftOpen();
  if (open === undefined) checks.pass(id, subject);
  else checks.notChecked(id, subject, open);
}

function requirePresence({ itemKey }: GivenStream, head: StreamHead, map: ItemMap): void {
  const proof = decodeItemMapProof(decoded(head.proof));
  if (proof.kind !== 'present') throw new Error('the proof is one of absence');
  const valueDigest = itemValueDigest(BigInt(head.count), decoded(head.chain));
  verifyPresence({ itemKey, valueDigest, proof, mapRoot: map.root });
}

function requireCount(records: readonly VerifiedRecord[], count: number): void {
  const last = records.at(-1)?.index;
  if (records.length < count) {
    const after = last === undefined ? '' : ` after or before leaf ${last}`;
    throw new Fault('MISSING', `the log holds ${count} records of the stream, ${records.length} are given${after}`, last);
  }
  const extra = records[count]?.index;
  if (extra !== undefined)
    throw new Fault('INSERTED', `the item head is over ${count} records, leaf ${extra} is one too many`, extra);
}
