"""Bundles and trust files: what holds, what does not and why, and what is none."""

import base64
import unittest

from countersign_verifier import limits
from countersign_verifier.errors import Unreadable
from countersign_verifier.report import CHECKS, FAIL, PASS
from countersign_verifier.verify_bundle import verify_bundle

from .builders import BUNDLE, TRUST, changed, changed_trust
from .vectors import load

LOG = "example.org/inventory"
STREAM = f"{LOG} asset/U1"
WITNESS = "witness w witness.example/w1+001287dc+BJvuOaQdpk+Ad5AaWZWZ9U9MJ9v8gFdVKyjGYDxJzb5M\nquorum w\n"


def failing(bundle: bytes, trust: bytes = TRUST):
    """The verdict and what failed."""
    report = verify_bundle(bundle, trust)
    return report.verdict, {(check.id, check.subject) for check in report.checks if check.result == FAIL}


def first(content: dict) -> dict:
    """The first stream."""
    return content["streams"][0]


class GoldenBundle(unittest.TestCase):
    def test_holds_and_is_pending(self):
        report = verify_bundle(BUNDLE, TRUST)
        self.assertEqual((report.verdict, report.holds), ("PENDING", True))
        self.assertEqual([record["index"] for record in report.records], [0, 1, 2, 4, 5, 6])
        self.assertEqual(report.records[0]["data"], {"ric": "Z9D", "quantity": 1})
        conditional = {"key-history", "map-quorum", "erasure", "absence"}
        self.assertEqual({check.id for check in report.checks}, set(CHECKS) - conditional)

    def test_passes_nothing_that_is_not_shown(self):
        passed = {check.id for check in verify_bundle(BUNDLE, TRUST).checks if check.result == PASS}
        reserved = {"witness-quorum", "freshness", "chain-head", "chain-finality", "item-heads", "author-signature", "completeness"}
        self.assertTrue(passed.isdisjoint(reserved))


class Vectors(unittest.TestCase):
    def test_says_of_every_case_what_must_be_said(self):
        vectors = load("bundle.json")
        self.assertGreater(len(vectors["cases"]), 50)
        for case in vectors["cases"]:
            bundle, trust = (vectors[files][case[file]].encode("utf-8") for files, file in (("bundles", "bundle"), ("trusts", "trust")))
            with self.subTest(case["name"]):
                if case["exitCode"] == 2:
                    with self.assertRaises(Unreadable):
                        verify_bundle(bundle, trust, case.get("at"))
                    continue
                report = verify_bundle(bundle, trust, case.get("at"))
                fails = {(check.id, check.subject, check.verdict) for check in report.checks if check.result == FAIL}
                self.assertEqual((report.verdict, report.holds), (case["verdict"], case["exitCode"] == 0))
                self.assertEqual(fails, {tuple(fail) for fail in case["fails"]})


class ChangedBundles(unittest.TestCase):
    def test_names_what_was_changed(self):
        other = "IHesKlRfWHM6Km0s9gY0kh0++riF1hi2GXycNSKSWbE="
        other_id = base64.b64decode(other).hex()
        cases = [
            ("seal", BUNDLE.replace(b"04a9ec48", b"04a9ec49"), "ALTERED", {("bundle-seal", "bundle")}),
            ("no stream", changed(lambda c: c.update(streams=[])), "MISSING", None),
            ("no record", changed(lambda c: first(c).update(records=[])), "MISSING", {("stream-order", STREAM)}),
            ("first record", changed(lambda c: first(c)["records"].pop(0)), "MISSING", {("stream-order", STREAM)}),
            ("a middle record", changed(lambda c: first(c)["records"].pop(1)), "MISSING", {("stream-order", STREAM)}),
            ("order", changed(lambda c: first(c)["records"].reverse()), "REORDERED", {("stream-order", STREAM)}),
            (
                "a record twice",
                changed(lambda c: first(c)["records"].append(first(c)["records"][1])),
                "INSERTED",
                {("stream-order", STREAM)},
            ),
            (
                "a stream twice",
                changed(lambda c: c["streams"].append(first(c))),
                "INSERTED",
                {("stream-order", STREAM)},
            ),
            ("a log twice", changed(lambda c: c["logs"].append(c["logs"][0])), "INSERTED", None),
            (
                "another log",
                changed(lambda c: first(c).update(logId=other)),
                "UNKNOWN_KEY",
                {("log-pinned", f"{other_id} asset/U1")},
            ),
            (
                "the index",
                changed(lambda c: first(c)["records"][1].update(index="3")),
                "ALTERED",
                {("inclusion", f"{LOG}#3")},
            ),
            ("a secret", changed(lambda c: first(c).update(bucketSecret=c["streams"][1]["bucketSecret"])), "ALTERED", {("item-key", STREAM)}),
            (
                "a disclosure twice",
                changed(lambda c: first(c)["records"][1]["disclosures"].append(first(c)["records"][1]["disclosures"][0])),
                "ALTERED",
                {("disclosures", f"{LOG}#2")},
            ),
            (
                "the last header",
                changed(lambda c: first(c)["records"][3].update(header="{}")),
                "ALTERED",
                {("record-header", f"{LOG}#6")},
            ),
            (
                "the head on chain",
                changed(lambda c: c["logs"][0]["anchored"].update(root=other)),
                "FORKED",
                {("chain-head", LOG)},
            ),
            (
                "the registration",
                changed(lambda c: c["logs"][0].update(registration="{}")),
                "UNKNOWN_KEY",
                {("log-pinned", LOG)},
            ),
            (
                "the checkpoint",
                changed(lambda c: c["logs"][0].update(checkpoint="")),
                "BAD_SIG",
                {("checkpoint-signature", LOG)},
            ),
        ]
        for name, bundle, verdict, checks in cases:
            with self.subTest(name):
                found = failing(bundle)
                self.assertEqual(found[0], verdict)
                if checks is not None:
                    self.assertEqual(found[1], checks)

    def test_a_withheld_disclosure_is_counted_and_passes(self):
        report = verify_bundle(changed(lambda c: first(c)["records"][0].update(disclosures=[])), TRUST)
        self.assertTrue(report.holds)
        self.assertEqual(report.records[0]["withheld"], 2)

    def test_no_byte_of_a_sample_can_be_changed(self):
        for at in range(0, len(BUNDLE), 11):
            bundle = bytearray(BUNDLE)
            bundle[at] ^= 1 + at % 127
            with self.subTest(at):
                try:
                    self.assertFalse(verify_bundle(bytes(bundle), TRUST).holds)
                except Unreadable:
                    pass


class NoBundles(unittest.TestCase):
    def test_refuses_what_is_none(self):
        deep = b'{"bundle":' + b"[" * 100_000
        for bundle in (
            b"",
            b"\xef\xbb\xbf" + BUNDLE,
            BUNDLE + b"\n",
            BUNDLE.replace(b'"version":1', b'"version":1.0'),
            BUNDLE.replace(b'"version":1', b'"version":NaN'),
            BUNDLE.replace(b'"version":1', b'"version":' + b"1" * 100_000),
            BUNDLE.replace(b'"version":1', b'"version":true'),
            BUNDLE.replace(b'"U1"', b'"\\ud800"'),
            BUNDLE.replace(b'"index":"0"', b'"index":"00"'),
            BUNDLE.replace(b'"index":"0"', b'"index":"9007199254740992"'),
            changed(lambda c: c.update(version=2)),
            changed(lambda c: c.update(more="")),
            changed(lambda c: c.update(logs=[])),
            changed(lambda c: c.update(logs=c["logs"] * 65)),
            changed(lambda c: first(c)["bucketProof"].pop()),
            changed(lambda c: first(c).update(streamId="a/" + "x" * 255)),
            deep,
            b"[" * limits.BUNDLE_TOKENS,
            b'"' + b"\\" * 1_000_000,
            b'["' * 1_000_000,
            b'""' * 3_000_000,
        ):
            with self.subTest(bundle[:40]), self.assertRaises(Unreadable):
                verify_bundle(bundle, TRUST)

    def test_refuses_too_large_a_file_before_it_is_parsed(self):
        with self.assertRaises(Unreadable):
            verify_bundle(bytes(limits.BUNDLE_BYTES + 1), TRUST)


class TrustFiles(unittest.TestCase):
    def test_reads_any_form(self):
        for trust in (TRUST.replace(b'"version": 1', b'"version": 1.0'), b" \n" + TRUST + b"\t"):
            self.assertEqual(failing(BUNDLE, trust), ("PENDING", set()))

    def test_refuses_what_is_none(self):
        log = {"origin": "o", "logId": "11" * 32, "verifierKey": "x"}
        for trust in (
            b"{}",
            b"\xef\xbb\xbf" + TRUST,
            TRUST.replace(b'"version": 1', b'"version": 1, "\\u0076ersion": 1'),
            TRUST.replace(b'"version": 1', b'"version": true'),
            TRUST.replace(b'"version": 1', b'"version": Infinity'),
            changed_trust(lambda t: t.update(policy="")),
            changed_trust(lambda t: t.update(mapPolicy="quorum a\n")),
            changed_trust(lambda t: t.update(policy=f"log {t['logs'][0]['verifierKey']}\nquorum none\n")),
            changed_trust(lambda t: t.update(policy=WITNESS, mapPolicy=WITNESS)),
            changed_trust(lambda t: t.update(maxAgeSeconds="-1")),
            changed_trust(lambda t: t["logs"][0].update(seen={"size": "0", "root": "00" * 32})),
            changed_trust(lambda t: t["logs"][0].update(compromised=[])),
            changed_trust(lambda t: t.update(logs=[])),
            changed_trust(lambda t: t["logs"].append(t["logs"][0])),
            changed_trust(lambda t: t["logs"].append(log)),
            changed_trust(lambda t: t["logs"][0].update(logId=t["logs"][0]["logId"].upper())),
            changed_trust(lambda t: t["chain"].update(identity="")),
            b" " * (limits.TRUST_BYTES + 1),
            b"[" * limits.TRUST_BYTES,
        ):
            with self.subTest(trust[:40]), self.assertRaises(Unreadable):
                verify_bundle(BUNDLE, trust)

    def test_another_pin_is_an_unknown_key(self):
        verdict, checks = failing(BUNDLE, changed_trust(lambda t: t["logs"][0].update(logId="00" * 32)))
        self.assertEqual((verdict, len(checks)), ("UNKNOWN_KEY", 1))

    def test_a_quorum_is_not_reached(self):
        trust = changed_trust(lambda t: t.update(policy=WITNESS))
        self.assertEqual(failing(BUNDLE, trust), ("BAD_SIG", {("witness-quorum", LOG)}))


if __name__ == "__main__":
    unittest.main()
