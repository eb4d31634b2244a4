"""The command: exit codes, output, and never a trace of the stack."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from .builders import BUNDLE, TRUST

PACKAGE = Path(__file__).resolve().parents[1]


class Command(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_command(self, bundle: bytes | None, *more: str) -> subprocess.CompletedProcess:
        files = {"bundle": bundle, "trust": TRUST}
        for name, content in files.items():
            if content is not None:
                (self.folder / name).write_bytes(content)
        arguments = ["verify", str(self.folder / "bundle"), "--trust", str(self.folder / "trust"), *more]
        done = subprocess.run(
            [sys.executable, "-m", "countersign_verifier", *arguments], cwd=PACKAGE, capture_output=True, text=True, timeout=60
        )
        self.assertNotIn("Traceback", done.stderr)
        return done

    def test_exits_with_0_if_no_check_failed(self):
        done = self.run_command(BUNDLE)
        self.assertEqual(done.returncode, 0)
        self.assertIn("verdict PENDING: holds", done.stdout)
        self.assertEqual(json.loads(self.run_command(BUNDLE, "--json").stdout)["passed"], 25)

    def test_exits_with_1_if_one_failed(self):
        done = self.run_command(BUNDLE.replace(b"04a9ec48", b"04a9ec49"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("bundle-seal of bundle", done.stdout)

    def test_exits_with_2_if_there_is_no_bundle(self):
        for bundle in (None, b"", b"\xff", b"[" * 1_000_000, BUNDLE[:-1]):
            self.assertEqual(self.run_command(bundle).returncode, 2)


if __name__ == "__main__":
    unittest.main()
