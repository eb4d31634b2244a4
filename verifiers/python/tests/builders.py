"""Variations of the golden bundle, sealed anew or not."""

import copy
import hashlib
import json

from countersign_verifier.strict_json import canonical

from .vectors import load

_VECTOR = load("bundle.json")
BUNDLE = _VECTOR["bundle"].encode("utf-8")
TRUST = json.dumps(_VECTOR["trust"]).encode("utf-8")


def sealed(content: dict) -> bytes:
    """A bundle file with the seal of its content."""
    seal = hashlib.sha256(b"countersign/bundle/v1\0" + canonical(content)).hexdigest()
    return canonical({"bundle": content, "sha256": seal})


def changed(change) -> bytes:
    """The golden bundle, changed and sealed."""
    content = copy.deepcopy(json.loads(BUNDLE)["bundle"])
    change(content)
    return sealed(content)


def changed_trust(change) -> bytes:
    """The golden trust file, changed."""
    trust = copy.deepcopy(_VECTOR["trust"])
    change(trust)
    return json.dumps(trust).encode("utf-8")
