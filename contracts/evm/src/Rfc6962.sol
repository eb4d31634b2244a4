// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title RFC 6962 consistency proofs over SHA-256
/// @dev Shape of RFC 9162 section 2.1.4.2. Sizes come from the caller, never from the proof, and every node of the proof must
///      be consumed exactly: there is one accepted encoding, so a proof cannot be padded, cut or re-ordered.
library Rfc6962 {
    /// @notice Whether the tree of `secondSize` leaves extends the tree of `firstSize` leaves.
    /// @dev Needs 0 < firstSize < secondSize; other sizes are false. From the empty tree every tree is an extension: that case
    ///      belongs to the caller. Terminates within 64 + proof.length steps, as every step shifts a 64-bit size.
    function verifyConsistency(
        uint64 firstSize,
        bytes32 firstRoot,
        uint64 secondSize,
        bytes32 secondRoot,
        bytes32[] calldata proof
    ) internal pure returns (bool) {
        if (firstSize == 0 || firstSize >= secondSize || proof.length == 0) return false;
        // Positions of the last leaf of either tree; the right edge of the first tree is walked up to the root.
        uint64 first = firstSize - 1;
        uint64 second = secondSize - 1;
        // Levels at which the first tree's edge is a right child add no node to the proof.
        while (first & 1 == 1) {
            first >>= 1;
            second >>= 1;
        }
        // `first == 0` here exactly when firstSize is a power of two: then its root is itself a node of the larger tree and
        // is left out of the proof (RFC 9162 section 2.1.4.2, step 2).
        uint256 next = first == 0 ? 0 : 1;
        bytes32 firstHash = first == 0 ? firstRoot : proof[0];
        bytes32 secondHash = firstHash;
        for (; next < proof.length; ++next) {
            // The larger tree has no more levels: the proof is too long.
            if (second == 0) return false;
            if (first & 1 == 1 || first == second) {
                firstHash = node(proof[next], firstHash);
                secondHash = node(proof[next], secondHash);
                // The edge is a left child without a right sibling on these levels: no node stands for them.
                while (first & 1 == 0 && first != 0) {
                    first >>= 1;
                    second >>= 1;
                }
            } else {
                secondHash = node(secondHash, proof[next]);
            }
            first >>= 1;
            second >>= 1;
        }
        // `second != 0` means that the proof is too short.
        return second == 0 && firstHash == firstRoot && secondHash == secondRoot;
    }

    /// @dev SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1, through the precompile at address 2.
    function node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(hex"01", left, right));
    }
}
