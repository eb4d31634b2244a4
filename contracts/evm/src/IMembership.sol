// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who decides together
/// @notice The member organisations change the contract's affairs by proposals that k of n of them approve. There is no owner,
///         no pause and no upgrade: what is not a proposal here cannot be done by anybody.
/// @dev A proposal's id is the digest of its content, a nonce, the version of the membership, this contract and this chain:
///      whoever approves an id approves exactly that content, once, here. Approvals of two proposals never add up, also if
///      their content is the same. Every change of the membership raises its version, and voids what was proposed under an
///      earlier one: the approval of a member who left, or who left and came back, counts for nothing.
interface IMembership {
    /// @notice What a proposal changes. Values are append-only: a number never changes its meaning.
    enum Action {
        None, // never proposed
        ChangeMembership,
        ReplacePublisher,
        ChangeQuorum,
        CloseLog
    }

    /// @notice A proposal as it stands. `nonce` 0 means that there is none.
    /// @param arguments What the action is given, in the encoding of its `propose…` function without the expiry.
    /// @param version Version of the membership under which it was proposed; void under any other.
    /// @param expiry Last second, in chain time, in which it can be approved.
    struct Proposal {
        Action action;
        bool enacted;
        uint8 approvals;
        uint64 expiry;
        uint64 nonce;
        uint64 version;
        bytes arguments;
    }

    /// @notice The members changed, or the rules by which they decide. `version` 1 is the deployment.
    event MembershipChanged(uint64 indexed version, address[] members, uint8 approvalsNeeded, uint8 quorumMin);
    /// @notice A member attests heads with another key from now on.
    event AttesterChanged(address indexed member, address attester);
    /// @notice A member proposed a change. His own approval follows.
    event Proposed(
        bytes32 indexed proposal, address indexed member, Action action, bytes arguments, uint64 nonce, uint64 expiry
    );
    /// @notice A member approved a proposal; it takes effect when `approvals` reaches what the membership needs.
    event Approved(bytes32 indexed proposal, address indexed member, uint8 approvals);
    /// @notice A proposal took effect, in the same transaction as its last approval.
    event Enacted(bytes32 indexed proposal);

    /// @notice Only a member organisation may do this.
    error NotMember(address sender);
    /// @notice No members or too many, a zero, repeated or foreign one, or rules that would let one decide alone or lock all out.
    error MembershipInvalid(uint256 members, uint256 approvalsNeeded, uint256 quorumMin);
    /// @notice Zero, or an account or attester of another member.
    error AttesterInvalid(address attester);
    /// @notice The expiry has passed or is too far away.
    error ExpiryInvalid(uint64 expiry);
    /// @notice Nobody proposed this.
    error ProposalUnknown(bytes32 proposal);
    /// @notice It took effect before; it cannot again.
    error ProposalEnacted(bytes32 proposal);
    /// @notice The membership changed since: propose it again.
    error ProposalVoid(bytes32 proposal, uint64 version);
    /// @notice Its time is up.
    error ProposalExpired(bytes32 proposal, uint64 expiry);
    /// @notice The member approved it before.
    error ProposalAlreadyApproved(bytes32 proposal, address member);

    /// @notice Proposes, and approves for the caller, that members join and leave and what k is from then on.
    /// @dev Bounds that no proposal can pass: more than half must approve; of three or more members all but one always suffice,
    ///      so that one lost key locks nobody out; one or two members are how a deployment may start, never how it ends.
    /// @param joining Accounts of organisations that are no members; each attests with the same account until it says otherwise.
    /// @param leaving Accounts of members. Their logs stay listed, their attestations count no longer.
    /// @param approvalsNeeded k.
    /// @param quorumMin Least number of attestations for heads of a log that is listed or changed from then on.
    function proposeMembership(
        address[] calldata joining,
        address[] calldata leaving,
        uint8 approvalsNeeded,
        uint8 quorumMin,
        uint64 expiry
    ) external returns (bytes32 proposal);

    /// @notice Approves a proposal. The k-th approval enacts it; if that is impossible it reverts, and nothing is approved.
    function approve(bytes32 proposal) external;

    /// @notice Names the key whose signatures count as the calling member's attestations.
    /// @param attester Not zero, no member's account but the caller's own, and nobody's attester.
    function changeAttester(address attester) external;

    /// @notice A proposal as it stands; `nonce` 0 if there is none.
    function proposalOf(bytes32 proposal) external view returns (Proposal memory);

    /// @notice The member organisations, in no order; k; the least quorum of a log (0 on a development chain); the version.
    function membership()
        external
        view
        returns (address[] memory members, uint8 approvalsNeeded, uint8 quorumMin, uint64 version);

    /// @notice The key that attests for a member; zero if the account is none.
    function attesterOf(address member) external view returns (address);
}
