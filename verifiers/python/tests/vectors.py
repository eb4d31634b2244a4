"""The golden vectors of the repository."""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "vectors"


def load(name: str):
    """The content of one file of vectors/."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))
