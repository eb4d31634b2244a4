"""Trees and proofs against vectors/trees.json, and every tree up to 40 leaves against a recursive reference."""

import unittest

from countersign_verifier.errors import Malformed
from countersign_verifier.merkle import leaf_hash, node_hash, root_of, verify_consistency, verify_inclusion

from .test_formats import bit_flips
from .vectors import load


def _hashes(texts):
    return [bytes.fromhex(text) for text in texts]


def _reference_root(leaves):
    """RFC 6962 section 2.1, as it is written there."""
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(_reference_root(leaves[:split]), _reference_root(leaves[split:]))


def _split(count):
    return 1 << (count - 1).bit_length() - 1


def _path(index, leaves):
    """RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*_path(index, leaves[:split]), _reference_root(leaves[split:])]
    return [*_path(index - split, leaves[split:]), _reference_root(leaves[:split])]


class Vectors(unittest.TestCase):
    def test_roots(self):
        trees = load("trees.json")
        leaves = [leaf_hash(bytes.fromhex(entry)) for entry in trees["entries"]]
        self.assertEqual([leaf.hex() for leaf in leaves], trees["leafHashes"])
        self.assertEqual([root_of(leaves[:size]).hex() for size in range(len(leaves) + 1)], trees["roots"])

    def test_inclusions_and_nothing_else(self):
        for proof in load("trees.json")["inclusions"]:
            leaf, root, path = bytes.fromhex(proof["leafHash"]), bytes.fromhex(proof["root"]), _hashes(proof["proof"])
            index, size = proof["index"], proof["size"]
            with self.subTest(index=index, size=size):
                verify_inclusion(index, size, leaf, path, root)
                changed = [(index + 1, size, leaf, path, root), (index, size, leaf, [*path, root], root)]
                changed += [(index, size, leaf, path[:at] + path[at + 1 :], root) for at in range(len(path))]
                changed += [(index, size, flipped, path, root) for flipped in bit_flips(leaf)]
                for arguments in changed:
                    with self.assertRaises(Malformed):
                        verify_inclusion(*arguments)

    def test_consistencies_and_nothing_else(self):
        for proof in load("trees.json")["consistencies"]:
            old, new = bytes.fromhex(proof["fromRoot"]), bytes.fromhex(proof["toRoot"])
            path, sizes = _hashes(proof["proof"]), (proof["fromSize"], proof["toSize"])
            with self.subTest(sizes=sizes):
                verify_consistency(sizes[0], old, sizes[1], new, path)
                changed = [(old, new, [*path, new])] + [(old, new, path[:at] + path[at + 1 :]) for at in range(len(path))]
                changed += [(flipped, new, path) for flipped in bit_flips(old)]
                for from_root, to_root, nodes in changed:
                    with self.assertRaises(Malformed):
                        verify_consistency(sizes[0], from_root, sizes[1], to_root, nodes)


class SmallTrees(unittest.TestCase):
    def test_every_leaf_of_every_tree_up_to_40_is_included_at_its_index_alone(self):
        leaves = [leaf_hash(bytes([at])) for at in range(40)]
        for size in range(1, 41):
            root = _reference_root(leaves[:size])
            self.assertEqual(root_of(leaves[:size]), root)
            for index in range(size):
                path = _path(index, leaves[:size])
                verify_inclusion(index, size, leaves[index], path, root)
                for other in {0, index + 1, index ^ 1, index * 2, size} - {index}:
                    with self.assertRaises(Malformed):
                        verify_inclusion(other, size, leaves[index], path, root)


if __name__ == "__main__":
    unittest.main()
