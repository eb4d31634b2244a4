"""SHA-256 with the prefixes of docs/record.md section 1."""

from hashlib import sha256

_USES = (
    "record disclosure author item bucket item-bucket claim leaves log "
    "map-leaf map-node map-value item-chain key-rotation bundle report"
).split()
_PREFIXES = {use: f"countersign/{use}/v1".encode("ascii") + b"\0" for use in _USES}


def prefix(use: str) -> bytes:
    """P(use)."""
    return _PREFIXES[use]


def digest(data: bytes) -> bytes:
    """Plain SHA-256."""
    return sha256(data).digest()


def digest_for(use: str, *parts: bytes) -> bytes:
    """SHA-256 over P(use) and the parts joined."""
    return sha256(prefix(use) + b"".join(parts)).digest()
