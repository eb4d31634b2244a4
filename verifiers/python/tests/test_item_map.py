"""Item heads and proofs of the item map against vectors/item-heads.json, and against a map built as record.md says."""

import hashlib
import unittest

from countersign_verifier.errors import Malformed
from countersign_verifier.item_map import (
    NOTHING,
    bit_of,
    extended_chain,
    item_value,
    map_leaf,
    map_node,
    read_heads_entry,
    read_map_proof,
    verify_absence,
    verify_presence,
)

from .test_formats import bit_flips
from .vectors import load


def map_root(items: dict[bytes, bytes], depth: int = 0) -> bytes:
    """The root of a map, as docs/record.md section 14 defines it."""
    if not items:
        return NOTHING
    if len(items) == 1:
        return map_leaf(*next(iter(items.items())))
    sides = [{key: value for key, value in items.items() if bit_of(key, depth) == side} for side in (0, 1)]
    return map_node(*(map_root(side, depth + 1) for side in sides))


class Heads(unittest.TestCase):
    def setUp(self):
        self.vectors = load("item-heads.json")

    def test_gives_chains_values_and_roots(self):
        items = {}
        for at, vector in enumerate(self.vectors["items"]):
            chain = NOTHING
            for step in vector["steps"]:
                chain = extended_chain(chain, int(step["leafIndex"]), bytes.fromhex(step["leafHash"]))
                self.assertEqual(chain.hex(), step["chain"])
            key, value = bytes.fromhex(vector["itemKey"]), item_value(int(vector["count"]), chain)
            self.assertEqual((value.hex(), map_leaf(key, value).hex()), (vector["valueDigest"], vector["mapLeafHash"]))
            self.assertEqual(map_root(items).hex(), self.vectors["mapRoots"][at])
            items[key] = value
        self.assertEqual(map_root(items).hex(), self.vectors["mapRoots"][-1])

    def test_the_keys_that_part_last(self):
        adjacent = self.vectors["adjacentKeys"]
        items = {bytes.fromhex(item["itemKey"]): bytes.fromhex(item["valueDigest"]) for item in adjacent["items"]}
        self.assertEqual(map_root(items).hex(), adjacent["mapRoot"])

    def test_reads_an_entry_of_the_heads_log(self):
        vector = self.vectors["headsEntry"]
        entry = bytes.fromhex(vector["entry"])
        read = read_heads_entry(entry)
        self.assertEqual((str(read.base_size), read.base_root.hex(), read.map_root.hex()), (vector["baseSize"], vector["baseRoot"], vector["mapRoot"]))
        for changed in (entry[:-1], entry + b"\0", b"\2" + entry[1:]):
            with self.assertRaises(Malformed):
                read_heads_entry(changed)


class Proofs(unittest.TestCase):
    def setUp(self):
        self.vectors = load("item-heads.json")

    def verify(self, vector: dict, proof: bytes, key: bytes) -> None:
        root = bytes.fromhex(vector["mapRoot"])
        if vector["kind"] == "present":
            verify_presence(key, bytes.fromhex(vector["valueDigest"]), proof, root)
        else:
            verify_absence(key, proof, root)

    def test_accepts_proofs_and_no_bit_or_byte_of_others(self):
        for vector in self.vectors["proofs"]:
            proof, key = bytes.fromhex(vector["proof"]), bytes.fromhex(vector["itemKey"])
            self.verify(vector, proof, key)
            flips = list(bit_flips(proof)) if len(proof) < 1_000 else list(bit_flips(proof[:40]))
            for changed in (*flips, proof[:-1], proof + b"\0", proof + NOTHING):
                with self.subTest(vector["kind"]), self.assertRaises(Malformed):
                    self.verify(vector, changed, key)

    def test_refuses_every_other_encoding(self):
        for vector in self.vectors["refusedProofs"]:
            with self.subTest(vector["name"]), self.assertRaises(Malformed):
                read_map_proof(bytes.fromhex(vector["proof"]))

    def test_a_map_proves_nothing_of_a_present_item_absent(self):
        key = hashlib.sha256(b"one").digest()
        with self.assertRaises(Malformed):
            verify_absence(key, b"\3" + key + NOTHING + b"\0\0", map_leaf(key, NOTHING))
        verify_absence(hashlib.sha256(b"two").digest(), b"\3" + key + NOTHING + b"\0\0", map_leaf(key, NOTHING))


if __name__ == "__main__":
    unittest.main()
