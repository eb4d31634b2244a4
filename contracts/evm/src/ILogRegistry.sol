// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The chain rules of Countersign logs
/// @notice Per log: the latest size, and an append-only map from size to (root, height, block time) of every accepted head.
/// @dev Evidence of a head is the stored entry (`headAt`, or the `HeadAccepted` event of this contract), never the success of
///      a transaction. The Ed25519 checkpoint signature travels in calldata only and is NOT_CHECKED here: the EVM has no
///      Ed25519. What this contract does check is the sender, the RFC 6962 consistency proof and the secp256k1 attestations.
interface ILogRegistry {
    /// @notice What became of one commit of a batch. Values are append-only: a number never changes its meaning.
    enum Outcome {
        None, // never returned
        Accepted, // stored now, at this block
        Repeated, // this size was stored before with the same root; the first height is returned
        LogUnknown,
        LogIsClosed,
        NotPublisher,
        NamedTwice, // an earlier commit of the same batch names this log
        SizeNotAboveLatest, // a size at or below the latest that is not a repeat: another root, or a size never stored
        ProofInvalid, // the consistency proof from the latest head does not verify
        QuorumNotMet, // too few valid attestations of distinct registered members
        OtherEpoch // the commit names another epoch of the log's publisher keys than the present one
    }

    /// @notice One head that its publisher wants accepted.
    /// @param logId Log id (formats §6).
    /// @param epoch The epoch of the log's publisher keys in which this head is committed.
    /// @param size Tree size, at least 1.
    /// @param root RFC 6962 root of the first `size` leaves.
    /// @param proof RFC 6962 consistency proof from the latest head to this one; empty if the log has no head yet.
    /// @param checkpointSignature Signature of the C2SP checkpoint. NOT_CHECKED: kept in calldata for readers of the chain.
    /// @param attestations secp256k1 signatures (r ‖ s ‖ v, 65 bytes) over the attestation digest of this head.
    struct Commit {
        bytes32 logId;
        uint16 epoch;
        uint64 size;
        bytes32 root;
        bytes32[] proof;
        bytes checkpointSignature;
        bytes[] attestations;
    }

    /// @notice The outcome of one commit.
    /// @param outcome What became of it.
    /// @param height For Accepted and Repeated the block at which the head was first stored, else 0.
    struct Settlement {
        Outcome outcome;
        uint64 height;
    }

    /// @notice A stored head. `height` 0 means that there is none.
    struct Head {
        uint64 size;
        bytes32 root;
        uint64 height;
        uint64 time;
    }

    /// @notice A span in which one key committed a log's heads. The first epoch is 1, an epoch's number its place in the list.
    /// @param publisher The only account that could commit in this epoch. No account has two epochs of one log.
    /// @param fromHeight Block at which it began; it ended where the next began.
    /// @param fromSize The log's latest size then: what an earlier key committed is at or below it.
    struct Epoch {
        address publisher;
        uint64 fromHeight;
        uint64 fromSize;
    }

    /// @notice What is registered for a log. `openedHeight` 0 means that the log is unknown.
    /// @param attesters Member organisations of whose keys `threshold` must attest a head.
    struct LogView {
        address organisation;
        address publisher;
        uint16 epoch;
        address[] attesters;
        uint8 threshold;
        uint64 openedHeight;
        uint64 latestSize;
        uint64 closedHeight;
        uint64 closingSize;
        bytes32 closingRoot;
        bytes32 successor;
    }

    /// @notice A log was listed under its organisation. `threshold` 0 means that no other organisation attests its heads.
    event LogRegistered(
        bytes32 indexed logId, address indexed organisation, address publisher, address[] attesters, uint8 threshold
    );
    /// @notice A head was stored.
    event HeadAccepted(bytes32 indexed logId, uint64 size, bytes32 root);
    /// @notice A commit was refused; nothing of it was stored.
    event HeadRefused(bytes32 indexed logId, uint64 size, bytes32 root, Outcome outcome);
    /// @notice The publisher offered its log to another key. Nothing changes by that.
    event PublisherOffered(bytes32 indexed logId, uint16 epoch, address successor);
    /// @notice Another key commits the log's heads from now on.
    /// @param isHandedOver True if the old key had offered the log to this one, false if the members took it away.
    event PublisherReplaced(
        bytes32 indexed logId, uint16 epoch, address publisher, uint64 fromSize, bool isHandedOver
    );
    /// @notice Others attest the log's heads from now on.
    event QuorumChanged(bytes32 indexed logId, address[] attesters, uint8 threshold);
    /// @notice A log was closed at an accepted head. Its heads of a larger size are void to every verifier from now on.
    event LogClosed(bytes32 indexed logId, uint64 size, bytes32 root, bytes32 successor);

    /// @notice A log id is registered once, for ever.
    error LogAlreadyRegistered(bytes32 logId);
    /// @notice The log id or the publisher is zero.
    error RegistrationInvalid(bytes32 logId, address publisher);
    /// @notice The attesters are too many, repeated, no members, the log's own side, or fewer than the threshold; or the
    ///         threshold is below the least quorum.
    error AttestersInvalid(bytes32 logId, uint256 attesters, uint256 threshold);
    /// @notice Zero, no log, or a key that was this log's publisher before: a key that was replaced never comes back.
    error PublisherInvalid(bytes32 logId, address publisher);
    /// @notice Only the publisher of the log may do this.
    error NotLogPublisher(bytes32 logId, address sender);
    /// @notice Nobody listed this log.
    error LogUnlisted(bytes32 logId);
    /// @notice The batch names more logs than one transaction may settle.
    error BatchTooLarge(uint256 commits, uint256 limit);
    /// @notice There is no accepted head of this size, hence nothing to close at.
    error HeadUnknown(bytes32 logId, uint64 size);
    /// @notice A log is closed once, for ever.
    error LogAlreadyClosed(bytes32 logId);
    /// @notice A log cannot succeed itself.
    error SuccessorInvalid(bytes32 logId, bytes32 successor);

    /// @notice Lists a log under the calling member organisation.
    /// @dev First come, first served: a member who lists another's log id blocks it, in everybody's sight and under his name.
    /// @param logId Log id (formats §6).
    /// @param publisher The only account that may commit this log's heads.
    /// @param attesters Other member organisations whose attestations count.
    /// @param threshold How many of them a head needs, at least `quorumMin`. 0 on a development chain, which says so wherever it
    ///        shows: there the publisher's key alone extends the log.
    function registerLog(bytes32 logId, address publisher, address[] calldata attesters, uint8 threshold) external;

    /// @notice Settles each commit on its own. A refusal is a result; it reverts nothing and stops nobody else.
    /// @return settlements One per commit, in order.
    function commitHeads(Commit[] calldata batch) external returns (Settlement[] memory settlements);

    /// @notice The present publisher says to whom it hands the log over. It changes nothing until members replace the publisher;
    ///         then the chain shows that the old key agreed.
    function offerPublisher(bytes32 logId, address successor) external;

    /// @notice Proposes, and approves for the calling member, that another key commits the heads of these logs.
    function proposePublisher(bytes32[] calldata logIds, address publisher, uint64 expiry)
        external
        returns (bytes32 proposal);

    /// @notice Proposes, and approves for the calling member, whose attestations the heads of a log need.
    function proposeQuorum(bytes32 logId, address[] calldata attesters, uint8 threshold, uint64 expiry)
        external
        returns (bytes32 proposal);

    /// @notice Proposes, and approves for the calling member, to close a log at one of its accepted heads.
    /// @param successor Log id of the log that continues this one; zero if none does.
    function proposeClosing(bytes32 logId, uint64 size, bytes32 successor, uint64 expiry)
        external
        returns (bytes32 proposal);

    /// @notice The latest accepted head; `height` 0 if the log has none.
    function headOf(bytes32 logId) external view returns (Head memory);

    /// @notice The latest accepted heads of several logs, in the asked order.
    function headsOf(bytes32[] calldata logIds) external view returns (Head[] memory);

    /// @notice The accepted head of exactly this size; `height` 0 if there is none.
    function headAt(bytes32 logId, uint64 size) external view returns (Head memory);

    /// @notice What is registered for a log; `openedHeight` 0 if it is unknown.
    function logOf(bytes32 logId) external view returns (LogView memory);

    /// @notice Every log that an organisation ever listed, in order of listing.
    function logsOf(address organisation) external view returns (bytes32[] memory);

    /// @notice Every publisher key that a log ever had, in order; empty if the log is unknown.
    function epochsOf(bytes32 logId) external view returns (Epoch[] memory);
}
