// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "./IMembership.sol";

/// @title Proposals and approvals of member organisations
/// @notice Rules: IMembership.
/// @dev Invariants, fuzzed in the tests: the members and their rules change by `approvalsNeeded` approvals of distinct members
///      for one proposal, and by nothing else; at any time more than half of the members can decide, and less cannot.
abstract contract Membership is IMembership {
    /// @dev Bounds every search among the members.
    uint256 private constant MEMBERS_MAX = 64;
    /// @dev From here on no single lost key may lock the others out, and the membership never becomes smaller than this again.
    uint256 private constant MEMBERS_SAFE = 3;
    /// @dev An approval that lies around for longer was given in other circumstances.
    uint64 private constant EXPIRY_MAX = 30 days;

    address[] private _members;
    /// @dev Index into `_members` plus one; 0 for whoever is no member.
    mapping(address account => uint256) private _seats;
    mapping(address member => address) private _attesters;
    /// @dev The inverse of `_attesters`. One key attests for one member: two attestations are two organisations.
    mapping(address attester => address) private _attestsFor;

    uint8 private _approvalsNeeded;
    uint8 private _quorumMin;
    uint64 private _version;
    uint64 private _nonce;

    mapping(bytes32 proposal => Proposal) private _proposals;
    mapping(bytes32 proposal => mapping(address member => bool)) private _approved;

    constructor(address[] memory members, uint8 approvalsNeeded, uint8 quorumMin) {
        _changeMembership(members, new address[](0), approvalsNeeded, quorumMin);
    }

    modifier onlyMember() {
        if (!_isMember(msg.sender)) revert NotMember(msg.sender);
        _;
    }

    /// @inheritdoc IMembership
    function proposeMembership(
        address[] calldata joining,
        address[] calldata leaving,
        uint8 approvalsNeeded,
        uint8 quorumMin,
        uint64 expiry
    ) external returns (bytes32) {
        return
            _propose(Action.ChangeMembership, abi.encode(joining, leaving, approvalsNeeded, quorumMin), expiry);
    }

    /// @inheritdoc IMembership
    function approve(bytes32 proposal) external onlyMember {
        _approve(proposal);
    }

    /// @inheritdoc IMembership
    function changeAttester(address attester) external onlyMember {
        bool isOthers = _isMember(attester) && attester != msg.sender;
        if (attester == address(0) || isOthers || _attestsFor[attester] != address(0)) revert AttesterInvalid(attester);
        _attestsFor[_attesters[msg.sender]] = address(0);
        _appoint(msg.sender, attester);
    }

    /// @inheritdoc IMembership
    function proposalOf(bytes32 proposal) external view returns (Proposal memory) {
        return _proposals[proposal];
    }

    /// @inheritdoc IMembership
    function membership() external view returns (address[] memory, uint8, uint8, uint64) {
        return (_members, _approvalsNeeded, _quorumMin, _version);
    }

    /// @inheritdoc IMembership
    function attesterOf(address member) external view returns (address) {
        return _attesters[member];
    }

    /// @dev Stores a proposal and approves it for the caller, who must be a member.
    function _propose(Action action, bytes memory arguments, uint64 expiry) internal onlyMember returns (bytes32 id) {
        if (expiry <= block.timestamp || expiry > block.timestamp + EXPIRY_MAX) revert ExpiryInvalid(expiry);
        uint64 nonce = ++_nonce;
        // Chain and contract are part of it, so that an approval says nothing elsewhere; content, nonce and version are, so
        // that it says nothing of another proposal that got the same nonce on a chain that was rewound.
        id = keccak256(abi.encode(block.chainid, address(this), nonce, _version, action, arguments, expiry));
        _proposals[id] = Proposal(action, false, 0, expiry, nonce, _version, arguments);
        emit Proposed(id, msg.sender, action, arguments, nonce, expiry);
        _approve(id);
    }

    /// @dev The only place where approvals are counted. All of them were given under the present membership: any change of it
    ///      voids the proposal. Marked as enacted before it is, as whatever it does must not come back to it.
    function _approve(bytes32 id) private {
        Proposal storage proposal = _proposals[id];
        if (proposal.nonce == 0) revert ProposalUnknown(id);
        if (proposal.enacted) revert ProposalEnacted(id);
        if (proposal.version != _version) revert ProposalVoid(id, proposal.version);
        if (proposal.expiry < block.timestamp) revert ProposalExpired(id, proposal.expiry);
        if (_approved[id][msg.sender]) revert ProposalAlreadyApproved(id, msg.sender);
        _approved[id][msg.sender] = true;
        uint8 approvals = ++proposal.approvals;
        emit Approved(id, msg.sender, approvals);
        if (approvals < _approvalsNeeded) return;
        proposal.enacted = true;
        emit Enacted(id);
        if (proposal.action != Action.ChangeMembership) return _enact(proposal.action, proposal.arguments);
        (address[] memory joining, address[] memory leaving, uint8 approvalsNeeded, uint8 quorumMin) =
            abi.decode(proposal.arguments, (address[], address[], uint8, uint8));
        _changeMembership(joining, leaving, approvalsNeeded, quorumMin);
    }

    /// @dev Does what a proposal says, other than to the membership. Reverts if it is impossible.
    function _enact(Action action, bytes memory arguments) internal virtual;

    function _isMember(address account) internal view returns (bool) {
        return _seats[account] != 0;
    }

    /// @dev The member for whom a key attests now; zero if there is none.
    function _memberAttesting(address attester) internal view returns (address) {
        return _attestsFor[attester];
    }

    function _leastQuorum() internal view returns (uint8) {
        return _quorumMin;
    }

    function _changeMembership(
        address[] memory joining,
        address[] memory leaving,
        uint8 approvalsNeeded,
        uint8 quorumMin
    ) private {
        uint256 before = _members.length;
        bool areValid = true;
        for (uint256 i = 0; i < leaving.length && areValid; ++i) areValid = _leave(leaving[i]);
        for (uint256 i = 0; i < joining.length && areValid; ++i) areValid = _join(joining[i]);
        uint256 count = _members.length;
        if (!areValid || !_canDecide(before, count, approvalsNeeded) || quorumMin >= count) {
            revert MembershipInvalid(count, approvalsNeeded, quorumMin);
        }
        _approvalsNeeded = approvalsNeeded;
        _quorumMin = quorumMin;
        emit MembershipChanged(++_version, _members, approvalsNeeded, quorumMin);
    }

    /// @dev Two majorities share a member: no two groups can decide against each other, and nobody alone. Of three or more all
    ///      but one suffice: a lost key locks nobody out. Below three one of both is impossible, so nobody goes back there.
    function _canDecide(uint256 before, uint256 count, uint256 approvalsNeeded) private pure returns (bool) {
        if (count == 0 || count > MEMBERS_MAX) return false;
        if (count < before && count < MEMBERS_SAFE) return false;
        if (2 * approvalsNeeded <= count || approvalsNeeded > count) return false;
        return count < MEMBERS_SAFE || approvalsNeeded < count;
    }

    /// @dev The last member takes the seat that became free.
    function _leave(address member) private returns (bool) {
        uint256 seat = _seats[member];
        if (seat == 0) return false;
        address last = _members[_members.length - 1];
        _members[seat - 1] = last;
        _seats[last] = seat;
        _members.pop();
        _seats[member] = 0;
        _attestsFor[_attesters[member]] = address(0);
        _attesters[member] = address(0);
        return true;
    }

    function _join(address account) private returns (bool) {
        if (account == address(0) || _isMember(account) || _attestsFor[account] != address(0)) return false;
        _members.push(account);
        _seats[account] = _members.length;
        _appoint(account, account);
        return true;
    }

    function _appoint(address member, address attester) private {
        _attesters[member] = attester;
        _attestsFor[attester] = member;
        emit AttesterChanged(member, attester);
    }
}
