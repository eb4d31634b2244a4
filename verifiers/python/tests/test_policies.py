"""Policies against vectors/policies.json."""

import unittest

from countersign_verifier.errors import Malformed
from countersign_verifier.policy import read_policy

from .vectors import load


class Policies(unittest.TestCase):
    def test_says_whether_a_quorum_is_met(self):
        for vector in load("policies.json")["accepted"]:
            policy = read_policy(vector["policy"])
            for case in vector["cases"]:
                with self.subTest(vector["name"], cosigned=case["cosigned"]):
                    cosigned = {policy.witnesses[name] for name in case["cosigned"]}
                    self.assertEqual(policy.is_met_by(cosigned), case["isMet"])

    def test_refuses_what_is_none_and_names_the_line(self):
        for vector in load("policies.json")["refused"]:
            with self.subTest(vector["name"]), self.assertRaises(Malformed) as caught:
                read_policy(vector["policy"])
            with self.subTest(vector["name"]):
                self.assertEqual(caught.exception.field, "" if vector["line"] is None else str(vector["line"]))


if __name__ == "__main__":
    unittest.main()
