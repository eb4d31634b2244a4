"""Keys, signatures, notes and checkpoints against vectors/notes.json, and what only lax verifiers accept."""

import unittest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign_verifier import ed25519
from countersign_verifier.errors import Malformed
from countersign_verifier.notes import COSIGNATURE, open_checkpoint, open_note, read_checkpoint, read_verifier_key

from .test_formats import bit_flips
from .vectors import load

_P = 2**255 - 19


class Keys(unittest.TestCase):
    def test_reads_verifier_keys_and_nothing_else(self):
        for key in load("notes.json")["keys"]:
            read = read_verifier_key(key["verifierKey"])
            self.assertEqual((read.name, read.key.hex()), (key["name"], key["publicKey"]))
            for text in (key["verifierKey"] + "=", key["verifierKey"][:-1], "x" + key["verifierKey"]):
                with self.assertRaises(Malformed):
                    read_verifier_key(text)

    def test_refuses_points_of_small_order(self):
        # Orders 1, 2, 4, 4 and 8, each with both signs where they differ.
        for text in (
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        ):
            self.assertFalse(ed25519.is_acceptable_key(bytes.fromhex(text)), text)

    def test_refuses_encodings_that_are_not_canonical_and_points_off_the_curve(self):
        refused = [(y).to_bytes(32, "little") for y in range(_P, 2**255)]
        refused += [(y | 1 << 255).to_bytes(32, "little") for y in (1, _P - 1, _P, _P + 1)]  # The sign of x = 0, and y ≥ p.
        refused += [(2).to_bytes(32, "little"), bytes(31), bytes(33)]
        for key in refused:
            self.assertFalse(ed25519.is_acceptable_key(key), key.hex())


class Signatures(unittest.TestCase):
    def setUp(self):
        signer = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        self.key, self.message = signer.public_key().public_bytes_raw(), b"a message"
        self.signature = signer.sign(self.message)

    def test_accepts_the_one_signature_and_no_bit_of_another(self):
        self.assertTrue(ed25519.is_signature(self.key, self.message, self.signature))
        for changed in bit_flips(self.signature):
            self.assertFalse(ed25519.is_signature(self.key, self.message, changed))

    def test_refuses_s_beyond_the_group_order(self):
        order = 2**252 + 27742317777372353535851937790883648493
        beyond = (int.from_bytes(self.signature[32:], "little") + order).to_bytes(32, "little")
        self.assertFalse(ed25519.is_signature(self.key, self.message, self.signature[:32] + beyond))

    def test_refuses_what_holds_only_with_the_cofactor_or_a_small_key(self):
        # With A the identity any R = [S]B verifies; ZIP-215 accepts it for every message.
        identity = (1).to_bytes(32, "little")
        self.assertFalse(ed25519.is_signature(identity, self.message, identity + bytes(32)))


class Notes(unittest.TestCase):
    def setUp(self):
        self.vectors = load("notes.json")
        self.log, self.witness = (read_verifier_key(key["verifierKey"]) for key in self.vectors["keys"])

    def test_opens_signed_checkpoints(self):
        for vector in self.vectors["checkpoints"]:
            checkpoint = read_checkpoint(open_note(vector["note"], [self.log]).text)
            self.assertEqual((checkpoint.origin, checkpoint.size, checkpoint.root.hex()), (vector["origin"], vector["size"], vector["root"]))

    def test_counts_lines_of_other_keys_for_nothing(self):
        note = open_note(self.vectors["cosigned"], [self.log])
        self.assertEqual((note.signers, note.uncounted), ((self.log,), 1))
        both = open_note(self.vectors["cosigned"], [self.log, self.witness])
        self.assertEqual((both.signers, both.uncounted), ((self.log, self.witness), 0))

    def test_reads_cosignatures_and_their_times(self):
        for vector in load("cosignatures.json")["accepted"]:
            with self.subTest(vector["name"]):
                cosigners = [read_verifier_key(key, COSIGNATURE) for key in vector["cosignerKeys"]]
                note = open_note(vector["note"], [read_verifier_key(vector["logKey"])], cosigners)
                self.assertEqual([note.cosigned.get(key) for key in cosigners], vector["times"])

    def test_refuses_bad_cosignatures_of_pinned_cosigners(self):
        for vector in load("cosignatures.json")["refused"]:
            with self.subTest(vector["name"]), self.assertRaises(Malformed):
                cosigners = [read_verifier_key(key, COSIGNATURE) for key in vector["cosignerKeys"]]
                log = read_verifier_key(vector["logKey"])
                open_checkpoint(vector["note"], log.name, [log], cosigners)

    def test_refuses_no_line_a_second_line_or_a_bad_line_of_a_pinned_key(self):
        note = self.vectors["cosigned"]
        last = note[note.rindex("\u2014") :]
        for changed, pinned in (
            (self.vectors["foreign"]["note"], [self.log]),
            (note + last, [self.log, self.witness]),
            (note.replace("\n9\n", "\n8\n"), [self.log]),
        ):
            with self.assertRaises(Malformed):
                open_note(changed, pinned)

    def test_names_of_others_hold_no_white_space_and_no_plus(self):
        note = self.vectors["cosigned"]
        for character in "\x00\x1f\x85\xa0\u1680\u2003\u2028\u3000+":
            with self.subTest(repr(character)), self.assertRaises(Malformed):
                open_note(note.replace("witness.", f"witness{character}."), [self.log])
        for character in "\x7f\u180e\u200b\ufeffé😀":
            self.assertEqual(open_note(note.replace("witness.", f"witness{character}."), [self.log]).uncounted, 1)

    def test_refuses_what_is_no_note_and_no_checkpoint(self):
        for vector in self.vectors["refusedNotes"]:
            with self.subTest(vector["name"]), self.assertRaises(Malformed):
                open_note(vector["note"], [self.log])
        for vector in self.vectors["refusedCheckpoints"]:
            with self.subTest(vector["name"]), self.assertRaises(Malformed):
                read_checkpoint(vector["body"])


if __name__ == "__main__":
    unittest.main()
