"""Record headers (docs/record.md section 3)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from . import limits, names
from .author import read_author_signature
from .encoding import base64url_bytes, require_time
from .errors import Malformed
from .event_data import Payload, read_payload
from .hashing import digest_for
from .strict_json import parse_canonical
from .system_records import require_system_record

_SEQUENCE = re.compile(r"[0-9]{20}")


@dataclass(frozen=True)
class Header:
    """A header that keeps every rule, and the digest of its bytes."""

    members: dict
    payload: Payload
    sequence: int
    digest: bytes

    @property
    def claim(self) -> str | None:
        """The claim digest as it stands, or None."""
        return self.members.get("claim")


def record_digest(data: bytes) -> bytes:
    """The record digest of a header's bytes."""
    return digest_for("record", data)


def _exactly(wanted: str) -> Callable[[str], object]:
    def rule(text: str) -> None:
        if text != wanted:
            raise Malformed(f"it is not {wanted}")

    return rule


def _form(form: re.Pattern) -> Callable[[str], object]:
    return lambda text: names.require(form, text)


def _holds(test: Callable[[str], bool], what: str) -> Callable[[str], object]:
    def rule(text: str) -> None:
        if not test(text):
            raise Malformed(f"it is no {what}")

    return rule


def _sequence(text: str) -> None:
    if not _SEQUENCE.fullmatch(text) or int(text) >= 2**64:
        raise Malformed("it is no sequence")


def _claim(text: str) -> None:
    if not any(base64url_bytes(text, 32)):
        raise Malformed("a claim of zeros")


_NEEDED: dict[str, Callable[[str], object]] = {
    "actingfor": _form(names.VISIBLE_64),
    "actor": _form(names.VISIBLE_128),
    "correlationid": _form(names.VISIBLE_128),
    "datacontenttype": _exactly("application/json"),
    "id": _form(names.EVENT_ID),
    "label": _holds(names.is_label, "label"),
    "policy": _form(names.VISIBLE_64),
    "recordedtime": require_time,
    "salt": lambda text: base64url_bytes(text, 32),
    "sequence": _sequence,
    "source": _form(names.ORIGIN),
    "specversion": _exactly("1.0"),
    "subject": _holds(names.is_stream_id, "stream id"),
    "suite": _exactly("1"),
    "time": require_time,
    "type": _holds(names.is_event_type, "type"),
}
_OPTIONAL: dict[str, Callable[[str], object]] = {
    "authorsig": read_author_signature,
    "causationid": _form(names.VISIBLE_128),
    "claim": _claim,
    "prev": lambda text: base64url_bytes(text, 32),
}


def read_header(data: bytes, in_successor: bool) -> Header:
    """Reads a header; ``in_successor`` says that its log continues another, so that ``prev`` may stand at sequence 0."""
    members = _parsed(data)
    for name in members:
        if name != "data" and name not in _NEEDED and name not in _OPTIONAL:
            raise Malformed("a member that no header has", "header")
    for name, rule in _NEEDED.items():
        _require_member(name, members.get(name), rule)
    for name, rule in _OPTIONAL.items():
        if name in members:
            _require_member(name, members[name], rule)
    sequence = int(members["sequence"])
    _require_prev(sequence, "prev" in members, in_successor)
    payload = _payload(members)
    return Header(members, payload, sequence, record_digest(data))


def _parsed(data: bytes) -> dict:
    if len(data) > limits.HEADER_BYTES:
        raise Malformed("it is too long", "header")
    try:
        members = parse_canonical(data)
    except Malformed as error:
        raise Malformed(str(error), "json") from error
    if not isinstance(members, dict):
        raise Malformed("it is no object", "header")
    return members


def _require_member(name: str, value: object, rule: Callable[[str], object]) -> None:
    try:
        if not isinstance(value, str):
            raise Malformed("it is no text")
        rule(value)
    except Malformed as error:
        raise Malformed(f"{name}: {error}", name) from error


def _require_prev(sequence: int, has_prev: bool, in_successor: bool) -> None:
    if sequence > 0 and not has_prev:
        raise Malformed("it names no predecessor", "prev")
    if sequence == 0 and has_prev and not in_successor:
        raise Malformed("the first record of a stream names a predecessor", "prev")


def _payload(members: dict) -> Payload:
    payload = read_payload(members.get("data"))
    if ("authorsig" in members) != ("intent" in payload.fields):
        raise Malformed("intent and author signature stand together", "data.intent")
    if "intent" in payload.fields:
        read_payload(payload.fields["intent"], "data.intent")
    match = names.EVENT_TYPE.fullmatch(members["type"])
    if match and match[1] == "log":
        require_system_record(members["type"], payload, members)
    return payload
