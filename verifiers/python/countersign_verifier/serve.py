"""Judges many bundles in one process: one JSON object a line in, one a line out, in order.

A line in is ``{"bundle": <base64>, "trust": <base64>}``, with ``at`` if a time is judged by. A line out is ``{"exit": 0 | 1 | 2}``, and for readable files also
``verdict`` and ``checks``, the distinct ``[id, subject, result]``, sorted.
"""

import json
import sys
from base64 import b64decode

from .errors import Unreadable
from .verify_bundle import verify_bundle


def judge(request: dict) -> dict:
    """What the command would say of these two files, and how it would exit."""
    try:
        report = verify_bundle(b64decode(request["bundle"]), b64decode(request["trust"]), request.get("at"))
    except Unreadable:
        return {"exit": 2}
    checks = sorted({(check.id, check.subject, check.result) for check in report.checks})
    return {"exit": 0 if report.holds else 1, "verdict": report.verdict, "checks": checks}


def main() -> None:
    """Serves until the input ends."""
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(judge(json.loads(line)), separators=(",", ":")) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
