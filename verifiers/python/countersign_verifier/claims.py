"""Claims (docs/record.md section 12)."""

from .encoding import base64url, base64url_bytes
from .errors import Malformed
from .hashing import digest, digest_for

_TEXTS = ("agreement", "chain", "condition", "contract", "line", "salt")


def claim_digest(claim: dict) -> bytes:
    """The digest of a claim's preimage."""
    if set(claim) != {*_TEXTS, "value"} or not isinstance(claim["value"], bool):
        raise Malformed("it is no claim")
    if not all(isinstance(claim[name], str) and claim[name] for name in _TEXTS):
        raise Malformed("a member of the claim is no text")
    return digest_for(
        "claim",
        base64url_bytes(claim["salt"], 32),
        digest(claim["chain"].encode("utf-8")),
        digest(claim["contract"].encode("utf-8")),
        base64url_bytes(claim["agreement"], 32),
        base64url_bytes(claim["line"], 32),
        base64url_bytes(claim["condition"], 32),
        b"\1" if claim["value"] else b"\0",
    )


def require_claim(claim: dict, named: str | None) -> None:
    """An opened claim is the one that the header names."""
    if named is None or base64url(claim_digest(claim)) != named:
        raise Malformed("the claim is not the header's")
