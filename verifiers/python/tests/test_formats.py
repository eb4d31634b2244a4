"""docs/record.md against vectors/: what must be accepted, and what must be refused."""

import unittest

from countersign_verifier import author, claims, ed25519, item_keys, merkle, names
from countersign_verifier.encoding import base64url, base64url_bytes
from countersign_verifier.errors import Malformed
from countersign_verifier.event_data import open_all
from countersign_verifier.header import read_header
from countersign_verifier.registration import log_id, read_registration
from countersign_verifier.strict_json import canonical, parse_any_form, parse_canonical

from .envelopes import listed, open_envelope
from .vectors import FOLDER, load


def bit_flips(data: bytes):
    """Every way to turn one bit."""
    for at in range(len(data) * 8):
        changed = bytearray(data)
        changed[at // 8] ^= 1 << at % 8
        yield bytes(changed)


class CanonicalJson(unittest.TestCase):
    def test_accepts_and_writes_the_canonical_form(self):
        for vector in load("canonical-json.json")["accepted"]:
            with self.subTest(vector["name"]):
                written = vector["canonical"].encode("utf-8")
                self.assertEqual(canonical(parse_any_form(vector["json"].encode("utf-8"))), written)
                self.assertEqual(canonical(parse_canonical(written)), written)

    def test_refuses_every_other_form(self):
        for vector in load("canonical-json.json")["refused"]:
            with self.subTest(vector["name"]), self.assertRaises(Malformed):
                parse_canonical(bytes.fromhex(vector["bytes"]))

    def test_refuses_what_only_python_reads(self):
        for text in ("NaN", "Infinity", "-Infinity", "1" * 5000, "[" * 100_000, '{"a":1,"\\u0061":2}'):
            with self.subTest(text[:12]), self.assertRaises(Malformed):
                parse_canonical(text.encode("utf-8"))


class Labels(unittest.TestCase):
    def test_accepts_labels_and_nothing_else(self):
        vectors = load("labels.json")
        for vector in vectors["accepted"]:
            self.assertTrue(names.is_label(vector["text"]), vector["text"])
        for text in vectors["refused"]:
            self.assertFalse(names.is_label(text), text)


class Headers(unittest.TestCase):
    def test_reads_decrypts_and_opens_every_golden_record(self):
        paths = sorted(FOLDER.glob("golden-records/*/*.json"))
        self.assertTrue(paths)
        for path in paths:
            golden = load(str(path.relative_to(FOLDER)))
            record, keys = golden["record"], {key["keyId"]: bytes.fromhex(key["key"]) for key in golden["unitKeys"]}
            with self.subTest(path.name):
                header = read_header(record["header"].encode("utf-8"), in_successor=False)
                self.assertEqual(header.members["type"], path.name.removesuffix(".json"))
                self.assertEqual(header.digest.hex(), record["digest"])
                self.assertEqual(merkle.leaf_hash(bytes.fromhex(record["entry"])).hex(), record["leaf"])
                envelopes = listed(bytes.fromhex(record["disclosures"]))
                texts = [open_envelope(one, keys[one[1:17].hex()], header) for one in envelopes]
                data = dict(header.payload.fields)
                for one in open_all(texts, header.payload, header.claim):
                    data.update(one.members)
                self.assertEqual(data, golden["data"])

    def test_gives_digest_entry_and_leaf_of_every_record(self):
        for vector in load("records.json"):
            with self.subTest(vector["name"]):
                header = read_header(vector["header"].encode("utf-8"), in_successor=False)
                self.assertEqual(header.digest.hex(), vector["recordDigest"])
                claim = None if header.claim is None else base64url_bytes(header.claim, 32)
                entry = item_keys.entry(bytes.fromhex(vector["itemKey"]), header.sequence, header.digest, claim)
                self.assertEqual(entry.hex(), vector["entry"])
                self.assertEqual(merkle.leaf_hash(entry).hex(), vector["leafHash"])

    def test_opens_the_disclosures_of_every_record(self):
        for vector in load("records.json"):
            with self.subTest(vector["name"]):
                header = read_header(vector["header"].encode("utf-8"), in_successor=False)
                texts = [one["encoded"] for one in vector["disclosures"]]
                opened = open_all(texts, header.payload, header.claim)
                self.assertEqual([one.sd_digest for one in opened], [one["sd"] for one in vector["disclosures"]])
                self.assertEqual(len(opened), len(header.payload.digests))
                for text in texts:
                    with self.assertRaises(Malformed):
                        open_all([*texts, text], header.payload, header.claim)

    def test_refuses_every_broken_rule_and_names_the_field(self):
        for vector in load("refused-headers.json"):
            with self.subTest(vector["name"]), self.assertRaises(Malformed) as caught:
                read_header(vector["header"].encode("utf-8"), in_successor=False)
            with self.subTest(vector["name"]):
                self.assertEqual(caught.exception.field, vector["field"])


class Claims(unittest.TestCase):
    def test_gives_the_digest_and_refuses_another_claim(self):
        for vector in load("claims.json"):
            named = base64url(bytes.fromhex(vector["digest"]))
            claims.require_claim(vector["claim"], named)
            for changed in ({**vector["claim"], "value": not vector["claim"]["value"]}, {**vector["claim"], "more": ""}):
                with self.assertRaises(Malformed):
                    claims.require_claim(changed, named)
            with self.assertRaises(Malformed):
                claims.require_claim(vector["claim"], None)


class AuthorSignatures(unittest.TestCase):
    def test_gives_the_message_that_was_signed(self):
        vector = load("author-signatures.json")
        message = author.author_message(vector["intent"])
        self.assertEqual(message.hex(), vector["message"])
        _, signature = author.read_author_signature(vector["authorsig"])
        key = _public_key(vector["seed"])
        self.assertTrue(ed25519.is_signature(key, message, signature))
        self.assertFalse(ed25519.is_signature(key, message + b"\0", signature))


class ItemKeys(unittest.TestCase):
    def test_gives_bucket_and_key_and_checks_the_proof(self):
        vectors = load("item-keys.json")
        commitment = bytes.fromhex(vectors["commitment"])
        for vector in vectors["items"]:
            secret, proof = bytes.fromhex(vector["secret"]), [bytes.fromhex(node) for node in vector["proof"]]
            self.assertEqual(item_keys.bucket_of(vector["streamId"]), vector["bucket"])
            self.assertEqual(item_keys.item_key(vector["streamId"], secret).hex(), vector["itemKey"])
            item_keys.verify_bucket(vector["streamId"], secret, proof, commitment)
            for changed in (proof[:-1], [*proof, proof[0]], proof[::-1]):
                with self.assertRaises(Malformed):
                    item_keys.verify_bucket(vector["streamId"], secret, changed, commitment)
            with self.assertRaises(Malformed):
                item_keys.verify_bucket(f"{vector['streamId']}x", secret, proof, commitment)


class Registrations(unittest.TestCase):
    def test_gives_the_log_id(self):
        for vector in load("registrations.json"):
            data = vector["registration"].encode("utf-8")
            self.assertEqual(log_id(data).hex(), vector["logId"])
            self.assertEqual(read_registration(data).has_predecessor, vector["name"] == "a successor")

    def test_refuses_what_is_none(self):
        text = load("registrations.json")[1]["registration"]
        for old, new in (
            ('"suite":"1"', '"suite":"2"'),
            ("/heads", "/head"),
            ('"9"', '"0"'),
            ('"9"', '"09"'),
            ('"9"', '"18446744073709551616"'),
            ("org-depot", ""),
            ("6g-KY2lfX6O7QtTTkmpsuWTHNuddG744qlq-i8PasDI", base64url(b"\1" + bytes(31))),
        ):
            with self.subTest(new), self.assertRaises(Malformed):
                read_registration(text.replace(old, new).encode("utf-8"))


class Leaves(unittest.TestCase):
    def test_the_signed_bytes_are_those_of_the_message(self):
        vectors = load("leaves.json")
        key = bytes.fromhex(vectors["publicKey"])
        for vector in vectors["messages"]:
            message, signed = bytes.fromhex(vector["message"]), bytes.fromhex(vector["signed"])
            self.assertEqual(signed, b"countersign/leaves/v1\0" + message[1:-64])
            self.assertTrue(ed25519.is_signature(key, signed, message[-64:]))


def _public_key(seed: str) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)).public_key().public_bytes_raw()


if __name__ == "__main__":
    unittest.main()
