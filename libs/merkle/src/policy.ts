import { DomainError } from '@countersign/kernel';
import { openCheckpoint, type OpenedCheckpoint } from './checkpoint.js';
import type { PolicyGroup, WitnessPolicy } from './policy-file.js';
import type { NoteKey } from './verifier-key.js';

export interface WitnessedCheckpoint extends OpenedCheckpoint {
  /** Witnesses of the policy, by the policy's names, whose cosignature verified, with the time each states. */
  readonly cosigned: ReadonlyMap<string, number>;
  /** Whether they meet the policy's quorum. */
  readonly isWitnessed: boolean;
}

/**
 * Opens a checkpoint that the log's pinned key signed, checks the cosignatures of the policy's witnesses, and says whether they meet
 * its quorum. Lines of other keys count for nothing. The log is the caller's; the policy's own log lines are not asked.
 *
 * @throws DomainError NOTE_MALFORMED; SIGNATURE_INVALID if the log did not sign, or a witness's line does not verify;
 *   POLICY_INVALID if the log's key is a witness's too
 */
export function openUnderPolicy(text: string, logKey: NoteKey, policy: WitnessPolicy): WitnessedCheckpoint {
  // Else the log could meet the quorum by itself.
  if (policy.witnesses.some(({ key }) => key.raw.equals(logKey.raw))) throw invalid("the log's own key is no witness");
  const opened = openCheckpoint(
    text,
    logKey,
    policy.witnesses.map(({ key }) => key),
  );
  const cosigned = new Map<string, number>();
  for (const { name, key } of policy.witnesses) {
    const line = opened.signatures.find((each) => each.verified && each.name === key.name && each.keyId === key.id);
    if (line?.time !== undefined) cosigned.set(name, line.time);
  }
  return { ...opened, cosigned, isWitnessed: meetsQuorum(policy, new Set(cosigned.keys())) };
}

/**
 * Whether the witnesses that cosigned meet the quorum: a witness counts if it cosigned, a group if at least its threshold of members
 * count (C2SP tlog-policy). `quorum none` is met by nobody having signed, since the file says so.
 *
 * @param cosigned witnesses by the policy's names; only verified cosignatures may be in it
 * @throws DomainError POLICY_INVALID if a name is no witness of the policy: whoever asks has mixed up two policies
 */
export function meetsQuorum(policy: WitnessPolicy, cosigned: ReadonlySet<string>): boolean {
  const witnesses = new Set(policy.witnesses.map(({ name }) => name));
  for (const name of cosigned) if (!witnesses.has(name)) throw invalid(`${name} is no witness of this policy`);
  if (policy.quorum === undefined) return true;
  return counts(policy.quorum);

  function counts(name: string): boolean {
    if (witnesses.has(name)) return cosigned.has(name);
    const { threshold, members } = groupOf(policy, name);
    return members.filter(counts).length >= threshold;
  }
}

/** The parser lets no group name itself, so this ends; a policy that did not come from it fails closed. */
function groupOf({ groups }: WitnessPolicy, name: string): PolicyGroup {
  const group = groups.find((each) => each.name === name);
  if (group === undefined) throw invalid(`${name} is not defined`);
  return group;
}

function invalid(rule: string): DomainError {
  return new DomainError('POLICY_INVALID', { field: 'policy', rule });
}
