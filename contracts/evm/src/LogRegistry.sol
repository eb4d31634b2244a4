// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILogRegistry} from "./ILogRegistry.sol";
import {ListedLogs} from "./ListedLogs.sol";
import {Membership} from "./Membership.sol";
import {Rfc6962} from "./Rfc6962.sol";

/// @title The registry of logs and their accepted heads
/// @notice Rules: ILogRegistry, IMembership. There is no owner, no pause and no upgrade path: new rules are a new contract, to
///         which logs are handed over by closing them here.
/// @dev Invariants, fuzzed in the tests: a log's latest size only rises; a stored head never changes; whoever is neither a
///      member nor the publisher of a log changes nothing; no member changes anything but its own attester and its new logs
///      without the approvals of k. Accepted heads are kept whole; thinning is not built in.
contract LogRegistry is ListedLogs {
    /// @dev A consistency proof between 64-bit sizes has at most 65 nodes; more are refused before any hashing.
    uint256 private constant PROOF_NODES_MAX = 65;
    /// @dev Half of the order of secp256k1: a larger s is the malleable twin of a valid signature and counts for nothing.
    uint256 private constant S_MAX = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @param members The organisations that decide together, distinct.
    /// @param approvalsNeeded k: how many of them a change needs.
    /// @param quorumMin Least quorum of a log; 0 says that this is a development chain.
    constructor(address[] memory members, uint8 approvalsNeeded, uint8 quorumMin)
        Membership(members, approvalsNeeded, quorumMin)
    {}

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

    /// @dev What a commit deserves. Changes nothing and never reverts, so that no commit can stop its neighbours. The sender
    ///      is judged before anything that costs gas to check, and a repeat before everything that a repeat need not bring:
    ///      neither proof nor attestations are looked at again for a head that is stored already.
    function _judge(Commit calldata commit) private view returns (Outcome) {
        Log storage log = _logs[commit.logId];
        address publisher = log.publisher;
        if (publisher == address(0)) return Outcome.LogUnknown;
        if (publisher != msg.sender) return Outcome.NotPublisher;
        if (commit.epoch != log.epoch) return Outcome.OtherEpoch;
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

    /// @dev An attestation that is malformed, unknown, repeated or the publisher's own counts zero and fails nothing (formats
    ///      §8). Only who is a member now attests: whoever left counts no longer, although the log still names him.
    function _isAttested(Commit calldata commit, Log storage log) private view returns (bool) {
        uint256 missing = log.threshold;
        if (missing == 0) return true;
        bytes32 digest = _attestationDigest(commit);
        address[] memory attesters = log.attesters;
        uint256 counted = 0;
        for (uint256 i = 0; i < commit.attestations.length && i < ATTESTERS_MAX; ++i) {
            address signer = _signerOf(digest, commit.attestations[i]);
            if (signer == address(0) || signer == msg.sender) continue;
            // Zero if the signer attests for nobody; no log names zero.
            address member = _memberAttesting(signer);
            for (uint256 j = 0; j < attesters.length; ++j) {
                uint256 bit = 1 << j;
                if (attesters[j] != member || counted & bit != 0) continue;
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
}
