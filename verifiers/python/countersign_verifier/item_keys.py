"""Item keys, buckets and entries (docs/record.md sections 6 and 7)."""

import hmac
from dataclasses import dataclass

from . import limits
from .errors import Malformed
from .hashing import digest_for, prefix
from .merkle import leaf_hash, verify_inclusion

_BUCKETS = 65_536
ENTRY_BYTES = 105


def bucket_of(stream_id: str) -> int:
    """The bucket that a stream falls into."""
    return int.from_bytes(digest_for("bucket", stream_id.encode("utf-8"))[:2], "big")


def item_key(stream_id: str, secret: bytes) -> bytes:
    """The item key of a stream under its bucket's secret."""
    return hmac.digest(secret, prefix("item") + stream_id.encode("utf-8"), "sha256")


def verify_bucket(stream_id: str, secret: bytes, proof: list[bytes], commitment: bytes) -> None:
    """The secret is the one that the log committed to for this stream's bucket."""
    if len(proof) != limits.BUCKET_HASHES:
        raise Malformed("a bucket proof has 16 hashes")
    verify_inclusion(bucket_of(stream_id), _BUCKETS, leaf_hash(secret), proof, commitment)


def entry(key: bytes, sequence: int, record_digest: bytes, claim: bytes | None) -> bytes:
    """An entry of version 1."""
    return b"\1" + key + sequence.to_bytes(8, "big") + record_digest + (claim or bytes(32))


@dataclass(frozen=True)
class Entry:
    """A read entry."""

    item_key: bytes
    sequence: int
    record_digest: bytes


def read_entry(data: bytes) -> Entry:
    """Reads an entry of version 1."""
    if len(data) != ENTRY_BYTES or data[0] != 1:
        raise Malformed("it is no entry of version 1")
    return Entry(data[1:33], int.from_bytes(data[33:41], "big"), data[41:73])
