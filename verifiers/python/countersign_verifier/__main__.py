"""``python -m countersign_verifier verify <bundle> --trust <trust file> [--json]``."""

import argparse
import json
import sys

from . import limits
from .errors import Unreadable
from .table import verification_table, verdict_line
from .verify_bundle import verify_bundle


def read_up_to(path: str, most: int, what: str) -> bytes:
    """Reads a file, never more than a byte beyond the limit."""
    try:
        with open(path, "rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:
        raise Unreadable(f"cannot read {what}") from error


def main(arguments: list[str]) -> int:
    """Runs the command; 0 if no check failed, 1 if one did, 2 if a file could not be read as what it claims to be."""
    parser = argparse.ArgumentParser(prog="countersign_verifier", description="Verifies proof bundles from files alone.")
    verify = parser.add_subparsers(dest="command", required=True).add_parser("verify", help="verify a proof bundle")
    verify.add_argument("bundle")
    verify.add_argument("--trust", required=True, help="your own trust file")
    verify.add_argument("--at", help="the time by which to judge how old the evidence is (RFC 3339)")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    try:
        trust = read_up_to(options.trust, limits.TRUST_BYTES, "the trust file")
        report = verify_bundle(read_up_to(options.bundle, limits.BUNDLE_BYTES, "the bundle"), trust, options.at)
    except (Unreadable, MemoryError) as error:
        print(f"countersign_verifier: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        print(verification_table(report), verdict_line(report), sep="\n")
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
