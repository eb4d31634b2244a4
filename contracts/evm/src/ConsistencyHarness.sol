// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rfc6962} from "./Rfc6962.sol";

/// @title Test harness: many consistency proofs in one call
/// @dev Never deployed outside the tests.
contract ConsistencyHarness {
    struct Case {
        uint64 firstSize;
        bytes32 firstRoot;
        uint64 secondSize;
        bytes32 secondRoot;
        bytes32[] proof;
    }

    /// @notice One verdict per case, in order.
    function verifyAll(Case[] calldata cases) external pure returns (bool[] memory verdicts) {
        verdicts = new bool[](cases.length);
        for (uint256 i = 0; i < cases.length; ++i) {
            Case calldata c = cases[i];
            verdicts[i] = Rfc6962.verifyConsistency(c.firstSize, c.firstRoot, c.secondSize, c.secondRoot, c.proof);
        }
    }
}
