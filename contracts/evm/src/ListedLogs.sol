// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILogRegistry} from "./ILogRegistry.sol";
import {Membership} from "./Membership.sol";

/// @title The logs that members listed, and what members decide about them
/// @notice Rules: ILogRegistry.
/// @dev Heads are read here and written by LogRegistry only.
abstract contract ListedLogs is ILogRegistry, Membership {
    /// @dev Bounds what one transaction can cost, and the search for a log that a batch names twice.
    uint256 internal constant BATCH_MAX = 64;
    /// @dev Fits the bitmap of attesters that were counted, and bounds the signatures looked at for one head.
    uint256 internal constant ATTESTERS_MAX = 32;

    /// @dev What every commit reads stands in the first slot: publisher, latest size, threshold, closed, epoch (32 bytes).
    struct Log {
        address publisher;
        uint64 latestSize;
        uint8 threshold;
        bool closed;
        uint16 epoch;
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

    mapping(bytes32 logId => Log) internal _logs;
    /// @dev Append-only: `LogRegistry._accept` is the only writer, and only where `height` is 0.
    mapping(bytes32 logId => mapping(uint64 size => StoredHead)) internal _heads;
    /// @dev Append-only, never reordered: a reader's index into it stays valid.
    mapping(address organisation => bytes32[]) private _logsOf;

    /// @dev Append-only: `_beginEpoch` is the only writer.
    mapping(bytes32 logId => Epoch[]) private _epochs;
    /// @dev By digest of (log id, publisher): a key that was replaced, perhaps because it was stolen, never comes back.
    mapping(bytes32 logAndPublisher => bool) private _wasPublisher;
    /// @dev To whom a log's publisher offered it last, by log and epoch.
    mapping(bytes32 logId => mapping(uint16 epoch => address)) private _offers;

    /// @inheritdoc ILogRegistry
    function registerLog(bytes32 logId, address publisher, address[] calldata attesters, uint8 threshold)
        external
        onlyMember
    {
        Log storage log = _logs[logId];
        if (log.openedHeight != 0) revert LogAlreadyRegistered(logId);
        if (logId == bytes32(0) || publisher == address(0)) revert RegistrationInvalid(logId, publisher);
        log.organisation = msg.sender;
        log.openedHeight = uint64(block.number);
        _setQuorum(logId, attesters, threshold);
        _beginEpoch(logId, publisher);
        _logsOf[msg.sender].push(logId);
        emit LogRegistered(logId, msg.sender, publisher, attesters, threshold);
    }

    /// @inheritdoc ILogRegistry
    function offerPublisher(bytes32 logId, address successor) external {
        Log storage log = _logs[logId];
        if (log.publisher != msg.sender) revert NotLogPublisher(logId, msg.sender);
        _offers[logId][log.epoch] = successor;
        emit PublisherOffered(logId, log.epoch, successor);
    }

    /// @inheritdoc ILogRegistry
    function proposePublisher(bytes32[] calldata logIds, address publisher, uint64 expiry) external returns (bytes32) {
        if (logIds.length > BATCH_MAX) revert BatchTooLarge(logIds.length, BATCH_MAX);
        return _propose(Action.ReplacePublisher, abi.encode(logIds, publisher), expiry);
    }

    /// @inheritdoc ILogRegistry
    function proposeQuorum(bytes32 logId, address[] calldata attesters, uint8 threshold, uint64 expiry)
        external
        returns (bytes32)
    {
        return _propose(Action.ChangeQuorum, abi.encode(logId, attesters, threshold), expiry);
    }

    /// @inheritdoc ILogRegistry
    function proposeClosing(bytes32 logId, uint64 size, bytes32 successor, uint64 expiry) external returns (bytes32) {
        return _propose(Action.CloseLog, abi.encode(logId, size, successor), expiry);
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
            epoch: log.epoch,
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
    function epochsOf(bytes32 logId) external view returns (Epoch[] memory) {
        return _epochs[logId];
    }

    /// @dev What members decided about a log. Called by `_approve` only, with k approvals.
    function _enact(Action action, bytes memory arguments) internal override {
        if (action == Action.ReplacePublisher) {
            (bytes32[] memory logIds, address publisher) = abi.decode(arguments, (bytes32[], address));
            for (uint256 i = 0; i < logIds.length; ++i) {
                _replacePublisher(logIds[i], publisher);
            }
        } else if (action == Action.ChangeQuorum) {
            (bytes32 logId, address[] memory attesters, uint8 threshold) =
                abi.decode(arguments, (bytes32, address[], uint8));
            _requireOpen(logId);
            _setQuorum(logId, attesters, threshold);
            emit QuorumChanged(logId, attesters, threshold);
        } else {
            (bytes32 logId, uint64 size, bytes32 successor) = abi.decode(arguments, (bytes32, uint64, bytes32));
            _close(logId, size, successor);
        }
    }

    function _replacePublisher(bytes32 logId, address publisher) private {
        _requireOpen(logId);
        Log storage log = _logs[logId];
        bool isHandedOver = publisher != address(0) && _offers[logId][log.epoch] == publisher;
        _beginEpoch(logId, publisher);
        emit PublisherReplaced(logId, log.epoch, publisher, log.latestSize, isHandedOver);
    }

    function _close(bytes32 logId, uint64 size, bytes32 successor) private {
        _requireOpen(logId);
        StoredHead storage head = _heads[logId][size];
        if (head.height == 0) revert HeadUnknown(logId, size);
        if (successor == logId) revert SuccessorInvalid(logId, successor);
        Log storage log = _logs[logId];
        log.closed = true;
        log.closedHeight = uint64(block.number);
        log.closingSize = size;
        log.successor = successor;
        emit LogClosed(logId, size, head.root, successor);
    }

    /// @dev A log that is closed changes no more.
    function _requireOpen(bytes32 logId) private view {
        if (_logs[logId].openedHeight == 0) revert LogUnlisted(logId);
        if (_logs[logId].closed) revert LogAlreadyClosed(logId);
    }

    /// @dev The only place where publishers are written. The addition reverts after 65,535 keys; none is ever forgotten.
    function _beginEpoch(bytes32 logId, address publisher) private {
        Log storage log = _logs[logId];
        bytes32 logAndPublisher = keccak256(abi.encode(logId, publisher));
        if (publisher == address(0) || _wasPublisher[logAndPublisher]) revert PublisherInvalid(logId, publisher);
        _wasPublisher[logAndPublisher] = true;
        log.publisher = publisher;
        ++log.epoch;
        _epochs[logId].push(Epoch(publisher, uint64(block.number), log.latestSize));
    }

    /// @dev The log's own side cannot attest for itself. Only members can be named, each once, and each has one key: as many
    ///      attestations are as many organisations.
    function _setQuorum(bytes32 logId, address[] memory attesters, uint8 threshold) private {
        Log storage log = _logs[logId];
        bool isValid = attesters.length <= ATTESTERS_MAX && threshold <= attesters.length && threshold >= _leastQuorum();
        for (uint256 i = 0; i < attesters.length && isValid; ++i) {
            isValid = _isMember(attesters[i]) && attesters[i] != log.organisation;
            for (uint256 j = 0; j < i; ++j) {
                if (attesters[j] == attesters[i]) isValid = false;
            }
        }
        if (!isValid) revert AttestersInvalid(logId, attesters.length, threshold);
        log.attesters = attesters;
        log.threshold = threshold;
    }

    /// @dev A head that is not stored reads as all zeros except its size.
    function _head(bytes32 logId, uint64 size) private view returns (Head memory) {
        StoredHead storage stored = _heads[logId][size];
        return Head(size, stored.root, stored.height, stored.time);
    }
}
