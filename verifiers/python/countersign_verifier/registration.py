"""Log registrations and log ids (docs/record.md section 9)."""

from dataclasses import dataclass

from . import names
from .ed25519 import require_key
from .encoding import base64url_bytes, decimal
from .errors import Malformed
from .hashing import digest_for
from .strict_json import parse_canonical

_MEMBERS = {"headsKey", "headsOrigin", "itemCommitment", "logKey", "organisation", "origin", "predecessor", "suite"}


@dataclass(frozen=True)
class Registration:
    """What a log is fixed to for its life."""

    origin: str
    log_key: bytes
    heads_key: bytes
    item_commitment: bytes
    organisation: str
    has_predecessor: bool

    @property
    def heads_origin(self) -> str:
        """The origin of the heads log."""
        return f"{self.origin}/heads"


def log_id(data: bytes) -> bytes:
    """The log id of a registration's bytes."""
    return digest_for("log", data)


def read_registration(data: bytes) -> Registration:
    """Reads a registration."""
    members = parse_canonical(data)
    if not isinstance(members, dict) or set(members) != _MEMBERS:
        raise Malformed("it has not the members of a registration")
    predecessor = members.pop("predecessor")
    if not all(isinstance(value, str) for value in members.values()):
        raise Malformed("a member is no text")
    if members["suite"] != "1" or members["headsOrigin"] != f"{members['origin']}/heads":
        raise Malformed("another suite or heads log")
    if predecessor is not None:
        _require_predecessor(predecessor)
    log_key, heads_key = (require_key(base64url_bytes(members[name], 32)) for name in ("logKey", "headsKey"))
    if log_key == heads_key:
        raise Malformed("one key for both logs")
    return Registration(
        names.require(names.ORIGIN, members["origin"]),
        log_key,
        heads_key,
        base64url_bytes(members["itemCommitment"], 32),
        names.require(names.VISIBLE_128, members["organisation"]),
        predecessor is not None,
    )


def _require_predecessor(predecessor: object) -> None:
    if not isinstance(predecessor, dict) or set(predecessor) != {"logId", "root", "size"}:
        raise Malformed("it is no predecessor")
    if not all(isinstance(value, str) for value in predecessor.values()):
        raise Malformed("a member of the predecessor is no text")
    base64url_bytes(predecessor["logId"], 32)
    base64url_bytes(predecessor["root"], 32)
    if decimal(predecessor["size"], 2**64 - 1) == 0:
        raise Malformed("an empty predecessor")
