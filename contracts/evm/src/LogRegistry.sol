// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILogRegistry} from "./ILogRegistry.sol";
import {Rfc6962} from "./Rfc6962.sol";

/// @title The registry of logs and their accepted heads
/// @notice Rules: ILogRegistry. There is no owner, no pause and no upgrade path: new rules are a new contract, to which logs
///         are handed over by closing them here. Members are fixed when the contract is deployed, for the same reason.
/// @dev Invariants, fuzzed in the tests: a log's latest size only rises; a stored head never changes; whoever is neither a
///      member nor the publisher of a log changes nothing. Accepted heads are kept whole; thinning is not built in.
contract LogRegistry is ILogRegistry {
    /// @dev Bounds what one transaction can cost, and the search for a log that a batch names twice.
    uint256 private constant BATCH_MAX = 64;
    /// @dev A consistency proof between 64-bit sizes has at most 65 nodes; more are refused before any hashing.
    uint256 private constant PROOF_NODES_MAX = 65;
    /// @dev Fits the bitmap of attesters that were counted, and bounds the signatures looked at for one head.
    uint256 private constant ATTESTERS_MAX = 32;
    /// @dev Bounds the constructor's search for repeated members.
    uint256 private constant MEMBERS_MAX = 64;
    /// @dev Half of the order of secp256k1: a larger s is the malleable twin of a valid signature and counts for nothing.
    uint256 private constant S_MAX = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @dev What every commit reads stands in the first slot: publisher, latest size, threshold, closed (30 bytes).
    struct Log {
        address publisher;
        uint64 latestSize;
        uint8 threshold;
        bool closed;
        address organisation;
        uint64 openedHeight;
        uint64 closedHeight;
        uint64 closingSize;
        bytes32 successor;
        address[] attesters;
    }

    /// @dev Two slots a head: root; height and time.
    struct StoredHead {
        bytes32 root;
        uint64 height;
        uint64 time;
    }

    address[] private _members;
    mapping(address account => bool) private _isMember;
    /// @dev Set once, by the constructor. Not immutable, so that the code on chain equals the committed artifact byte for byte.
    uint256 private _closingThreshold;

    mapping(bytes32 logId => Log) private _logs;
    /// @dev Append-only: `_accept` is the only writer, and only where `height` is 0.
    mapping(bytes32 logId => mapping(uint64 size => StoredHead)) private _heads;
    /// @dev Append-only, never reordered: a reader's index into it stays valid.
    mapping(address organisation => bytes32[]) private _logsOf;

    /// @dev Approvals by closing, where a closing is the digest of (log id, size, successor): approvals of different
    ///      closings of one log never add up.
    mapping(bytes32 closing => uint256) private _approvals;
    mapping(bytes32 closing => mapping(address member => bool)) private _approved;

    /// @param members The organisations that may list logs and close them, distinct.
    /// @param closingThreshold k: how many of them close a log.
    constructor(address[] memory members, uint256 closingThreshold) {
        uint256 count = members.length;
        if (count == 0 || count > MEMBERS_MAX || closingThreshold == 0 || closingThreshold > count) {
            revert MembershipInvalid(count, closingThreshold);
        }
        for (uint256 i = 0; i < count; ++i) {
            if (members[i] == address(0) || _isMember[members[i]]) revert MembershipInvalid(count, closingThreshold);
            _isMember[members[i]] = true;
        }
        _members = members;
        _closingThreshold = closingThreshold;
    }

    modifier onlyMember() {
        if (!_isMember[msg.sender]) revert NotMember(msg.sender);
        _;
    }

    /// @inheritdoc ILogRegistry
    function registerLog(bytes32 logId, address publisher, address[] calldata attesters, uint8 threshold)
        external
        onlyMember
    {
        Log storage log = _logs[logId];
        if (log.openedHeight != 0) revert LogAlreadyRegistered(logId);
        if (logId == bytes32(0) || publisher == address(0)) revert RegistrationInvalid(logId, publisher);
        if (!_areAttesters(attesters, threshold, publisher)) {
            revert AttestersInvalid(logId, attesters.length, threshold);
        }
        log.publisher = publisher;
        log.threshold = threshold;
        log.organisation = msg.sender;
        log.openedHeight = uint64(block.number);
        log.attesters = attesters;
        _logsOf[msg.sender].push(logId);
        emit LogRegistered(logId, msg.sender, publisher, attesters, threshold);
    }

    /// @inheritdoc ILogRegistry
    function commitHeads(Commit[] calldata batch) external returns (Settlement[] memory settlements) {
        if (batch.length > BATCH_MAX) revert BatchTooLarge(batch.length, BATCH_MAX);
        settlements = new Settlement[](batch.length);
        for (uint256 i = 0; i < batch.length; ++i) {
            Commit calldata commit = batch[i];
            Outcome outcome = _isNamedBefore(batch, i) ? Outcome.NamedTwice : _judge(commit);
            if (outcome == Outcome.Accepted) {
                _accept(commit);
            } else if (outcome != Outcome.Repeated) {
                settlements[i].outcome = outcome;
                emit HeadRefused(commit.logId, commit.size, commit.root, outcome);
                continue;
            }
            settlements[i] = Settlement(outcome, _heads[commit.logId][commit.size].height);
        }
    }

    /// @inheritdoc ILogRegistry
    function close(bytes32 logId, uint64 size, bytes32 successor) external onlyMember {
        Log storage log = _logs[logId];
        StoredHead storage head = _heads[logId][size];
        if (head.height == 0) revert HeadUnknown(logId, size);
        if (log.closed) revert LogAlreadyClosed(logId);
        if (successor == logId) revert SuccessorInvalid(logId, successor);
        bytes32 closing = keccak256(abi.encode(logId, size, successor));
        if (_approved[closing][msg.sender]) revert CloseAlreadyApproved(logId, msg.sender);
        _approved[closing][msg.sender] = true;
        uint256 approvals = ++_approvals[closing];
        emit CloseApproved(logId, msg.sender, size, successor, approvals);
        if (approvals < _closingThreshold) return;
        log.closed = true;
        log.closedHeight = uint64(block.number);
        log.closingSize = size;
        log.successor = successor;
        emit LogClosed(logId, size, head.root, successor);
    }

    /// @inheritdoc ILogRegistry
    function headOf(bytes32 logId) external view returns (Head memory) {
        return _head(logId, _logs[logId].latestSize);
    }

    /// @inheritdoc ILogRegistry
    function headsOf(bytes32[] calldata logIds) external view returns (Head[] memory heads) {
        heads = new Head[](logIds.length);
        for (uint256 i = 0; i < logIds.length; ++i) {
            heads[i] = _head(logIds[i], _logs[logIds[i]].latestSize);
        }
    }

    /// @inheritdoc ILogRegistry
    function headAt(bytes32 logId, uint64 size) external view returns (Head memory) {
        return _head(logId, size);
    }

    /// @inheritdoc ILogRegistry
    function logOf(bytes32 logId) external view returns (LogView memory) {
        Log storage log = _logs[logId];
        return LogView({
            organisation: log.organisation,
            publisher: log.publisher,
            attesters: log.attesters,
            threshold: log.threshold,
            openedHeight: log.openedHeight,
            latestSize: log.latestSize,
            closedHeight: log.closedHeight,
            closingSize: log.closingSize,
            closingRoot: _heads[logId][log.closingSize].root,
            successor: log.successor
        });
    }

    /// @inheritdoc ILogRegistry
    function logsOf(address organisation) external view returns (bytes32[] memory) {
        return _logsOf[organisation];
    }

    /// @inheritdoc ILogRegistry
    function membership() external view returns (address[] memory members, uint256 closingThreshold) {
        return (_members, _closingThreshold);
    }

    /// @dev What a commit deserves. Changes nothing and never reverts, so that no commit can stop its neighbours. The sender
    ///      is judged before anything that costs gas to check, and a repeat before everything that a repeat need not bring:
    ///      neither proof nor attestations are looked at again for a head that is stored already.
    function _judge(Commit calldata commit) private view returns (Outcome) {
        Log storage log = _logs[commit.logId];
        address publisher = log.publisher;
        if (publisher == address(0)) return Outcome.LogUnknown;
        if (publisher != msg.sender) return Outcome.NotPublisher;
        StoredHead storage stored = _heads[commit.logId][commit.size];
        // A repeat stays a success after the log was closed: the head is what was accepted, and it does not change.
        if (stored.height != 0 && stored.root == commit.root) return Outcome.Repeated;
        if (log.closed) return Outcome.LogIsClosed;
        uint64 latestSize = log.latestSize;
        // Size 0 falls here too: the empty tree is where every log starts, not a head.
        if (commit.size <= latestSize) return Outcome.SizeNotAboveLatest;
        if (!_extendsLatest(commit, latestSize)) return Outcome.ProofInvalid;
        if (!_isAttested(commit, log)) return Outcome.QuorumNotMet;
        return Outcome.Accepted;
    }

    /// @dev The only place where heads are written. `_judge` made sure that the size is above the latest, hence free.
    function _accept(Commit calldata commit) private {
        _heads[commit.logId][commit.size] = StoredHead(commit.root, uint64(block.number), uint64(block.timestamp));
        _logs[commit.logId].latestSize = commit.size;
        emit HeadAccepted(commit.logId, commit.size, commit.root);
    }

    /// @dev From the empty tree there is nothing to prove, and nothing may be sent as a proof.
    function _extendsLatest(Commit calldata commit, uint64 latestSize) private view returns (bool) {
        if (latestSize == 0) return commit.proof.length == 0;
        if (commit.proof.length > PROOF_NODES_MAX) return false;
        bytes32 latestRoot = _heads[commit.logId][latestSize].root;
        return Rfc6962.verifyConsistency(latestSize, latestRoot, commit.size, commit.root, commit.proof);
    }

    /// @dev An attestation that is malformed, unknown or repeated counts zero and fails nothing (formats §8).
    function _isAttested(Commit calldata commit, Log storage log) private view returns (bool) {
        uint256 missing = log.threshold;
        if (missing == 0) return true;
        bytes32 digest = _attestationDigest(commit);
        address[] memory attesters = log.attesters;
        uint256 counted = 0;
        for (uint256 i = 0; i < commit.attestations.length && i < ATTESTERS_MAX; ++i) {
            address signer = _signerOf(digest, commit.attestations[i]);
            if (signer == address(0)) continue;
            for (uint256 j = 0; j < attesters.length; ++j) {
                uint256 bit = 1 << j;
                if (attesters[j] != signer || counted & bit != 0) continue;
                counted |= bit;
                if (--missing == 0) return true;
            }
        }
        return false;
    }

    /// @dev SHA-256("countersign/attestation/v1" ‖ 0x00 ‖ log id ‖ size, 8 bytes big endian ‖ root).
    function _attestationDigest(Commit calldata commit) private pure returns (bytes32) {
        return sha256(abi.encodePacked("countersign/attestation/v1\x00", commit.logId, commit.size, commit.root));
    }

    /// @dev The signer of r ‖ s ‖ v, or zero: wrong length, high s, or no point on the curve.
    function _signerOf(bytes32 digest, bytes calldata signature) private pure returns (address) {
        if (signature.length != 65) return address(0);
        uint256 s = uint256(bytes32(signature[32:64]));
        if (s > S_MAX) return address(0);
        return ecrecover(digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(s));
    }

    /// @dev Quadratic, hence BATCH_MAX. The first commit of a log is settled, every later one is refused.
    function _isNamedBefore(Commit[] calldata batch, uint256 index) private pure returns (bool) {
        for (uint256 i = 0; i < index; ++i) {
            if (batch[i].logId == batch[index].logId) return true;
        }
        return false;
    }

    /// @dev The log's own side cannot attest for itself; a repeated attester would count once but look like two.
    function _areAttesters(address[] calldata attesters, uint8 threshold, address publisher)
        private
        view
        returns (bool)
    {
        if (attesters.length > ATTESTERS_MAX || threshold > attesters.length) return false;
        for (uint256 i = 0; i < attesters.length; ++i) {
            if (attesters[i] == address(0) || attesters[i] == publisher || attesters[i] == msg.sender) return false;
            for (uint256 j = 0; j < i; ++j) {
                if (attesters[j] == attesters[i]) return false;
            }
        }
        return true;
    }

    /// @dev A head that is not stored reads as all zeros except its size.
    function _head(bytes32 logId, uint64 size) private view returns (Head memory) {
        StoredHead storage stored = _heads[logId][size];
        return Head(size, stored.root, stored.height, stored.time);
    }
}
