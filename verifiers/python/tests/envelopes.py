"""Disclosures at rest (docs/record.md section 5). A bundle carries opened ones, so only the tests decrypt."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from countersign_verifier.hashing import prefix
from countersign_verifier.header import Header


def open_envelope(envelope: bytes, key: bytes, header: Header) -> str:
    """The disclosure in one envelope of a record."""
    key_id, digest, sealed = envelope[1:17], envelope[17:49], envelope[49:]
    source, event_id = (header.members[name].encode("utf-8") for name in ("source", "id"))
    associated = prefix("disclosure") + source + b"\0" + event_id + b"\0" + key_id + digest
    return AESGCM(key).decrypt(digest[:12], sealed, associated).decode("ascii")


def listed(data: bytes) -> list[bytes]:
    """The envelopes of a list."""
    envelopes = []
    while data:
        length = int.from_bytes(data[:4], "big")
        envelopes.append(data[4 : 4 + length])
        data = data[4 + length :]
    return envelopes
