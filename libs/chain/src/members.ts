/** Something that the members of a chain's registry can decide. Accounts are addresses, 0x and 40 hex digits. */
export type MembersChange =
  | {
      readonly kind: 'membership';
      readonly joining: readonly string[];
      readonly leaving: readonly string[];
      /** k: more than half of the members, and of three or more not all. */
      readonly approvalsNeeded: number;
      /** Least number of attestations of logs that are listed or changed from then on. */
      readonly quorumMin: number;
    }
  | { readonly kind: 'publisher'; readonly logIds: readonly Uint8Array[]; readonly publisher: string }
  | {
      readonly kind: 'quorum';
      readonly logId: Uint8Array;
      readonly attesters: readonly string[];
      readonly threshold: number;
    }
  /** `successor` is 32 zero bytes if no log continues this one. */
  | { readonly kind: 'closing'; readonly logId: Uint8Array; readonly size: number; readonly successor: Uint8Array };

/** Who decides together, by which rules. */
export interface MembersListing {
  /** In no order, each with the key that attests for it. */
  readonly members: readonly { readonly account: string; readonly attester: string }[];
  readonly approvalsNeeded: number;
  readonly quorumMin: number;
  /** Rises with every change; what was proposed under an earlier one is void. */
  readonly version: bigint;
}

/** A proposal as the chain has it. */
export interface MembersProposal {
  /** 32 bytes: the digest of all that is proposed. */
  readonly id: Uint8Array;
  readonly change: MembersChange;
  readonly approvals: number;
  readonly enacted: boolean;
  readonly version: bigint;
  /** Last second, in chain time, in which it can be approved; seconds since 1970. */
  readonly expiry: bigint;
}

/**
 * What the member organisations of a registry decide together. A proposal's id is recomputed from its content before it is
 * believed: whoever approves an id approves what he was shown, whatever the node says.
 */
export interface RegistryMembers {
  /** E.g. `evm:31337:0x…`. @throws DomainError DEPENDENCY_UNAVAILABLE */
  identity(): Promise<string>;

  /** @throws DomainError DEPENDENCY_UNAVAILABLE */
  membership(): Promise<MembersListing>;

  /** Undefined if nobody proposed it. @throws DomainError DEPENDENCY_UNAVAILABLE, also if its content is not what its id says */
  proposal(id: Uint8Array): Promise<MembersProposal | undefined>;

  /**
   * Proposes, and approves for this member. Where one member decides, it takes effect at once.
   *
   * @param seconds for how long it can be approved, at most 30 days
   * @throws DomainError CHAIN_REFUSED if the contract does not take it; DEPENDENCY_UNAVAILABLE if the outcome is unknown
   */
  propose(change: MembersChange, seconds: number): Promise<MembersProposal>;

  /**
   * Approves for this member; the last approval that is needed enacts it.
   *
   * @throws DomainError CHAIN_REFUSED if it is unknown, void, expired, enacted or approved already, or cannot be enacted;
   * DEPENDENCY_UNAVAILABLE if the outcome is unknown: read the proposal, and its approvals, before doing so again
   */
  approve(id: Uint8Array): Promise<MembersProposal>;
}
