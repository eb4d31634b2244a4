"""Records of a log about itself (docs/record.md section 11)."""

import re
from collections.abc import Callable

from . import names
from .encoding import hex_bytes, require_time, utf16_length
from .errors import Malformed
from .event_data import Payload

LOG_OPENED = "countersign.log.LogOpened.v1"
KEY_ROTATED = "countersign.log.KeyRotated.v1"
ERASED = "countersign.log.Erased.v1"


def _bytes_of(length: int) -> Callable[[str], object]:
    return lambda text: hex_bytes(text, length)


def _text(text: str) -> None:
    if not 1 <= utf16_length(text) <= 256:
        raise Malformed("a text is empty or too long")


_KEY_USE = re.compile(r"[a-z-]{1,32}")

_NEEDED: dict[str, dict[str, Callable[[str], object]]] = {
    LOG_OPENED: {"logId": _bytes_of(32)},
    "countersign.log.LogClosed.v1": {"logId": _bytes_of(32), "reason": _text},
    KEY_ROTATED: {
        "keyUse": lambda text: names.require(_KEY_USE, text),
        "retiredKey": _bytes_of(32),
        "newKey": _bytes_of(32),
        "validFrom": require_time,
    },
    ERASED: {
        "recordDigest": _bytes_of(32),
        "sdDigest": _bytes_of(32),
        "keyId": _bytes_of(16),
        "ground": _text,
        "authority": _text,
    },
    "countersign.log.Cover.v1": {},
}
_OPTIONAL = {
    "countersign.log.LogClosed.v1": {"successorLogId": _bytes_of(32)},
    KEY_ROTATED: {"signature": _bytes_of(64)},
}
_IN_STREAM_OF_LOG = (LOG_OPENED, "countersign.log.LogClosed.v1")


def require_system_record(event_type: str, payload: Payload, header: dict) -> None:
    """A record of context ``log`` is one of the table, with its fields and nothing else."""
    if event_type not in _NEEDED:
        raise Malformed("no system record has this type", "type")
    if payload.digests:
        raise Malformed("a system record discloses nothing", "data._sd")
    needed, optional = _NEEDED[event_type], _OPTIONAL.get(event_type, {})
    if not set(payload.fields) <= {*needed, *optional}:
        raise Malformed("a field that the type does not have", "data")
    for name, rule in {**needed, **optional}.items():
        if name in payload.fields or name in needed:
            _require_field(name, payload.fields.get(name), rule)
    _require_place(event_type, header)


def _require_field(name: str, value: object, rule: Callable[[str], object]) -> None:
    try:
        if not isinstance(value, str):
            raise Malformed("it is no text")
        rule(value)
    except Malformed as error:
        raise Malformed(str(error), f"data.{name}") from error


def _require_place(event_type: str, header: dict) -> None:
    if event_type in _IN_STREAM_OF_LOG and header["subject"] != f"log/{header['source']}":
        raise Malformed("it stands in another stream", "subject")
    if event_type == LOG_OPENED and int(header["sequence"]) != 0:
        raise Malformed("it is not the first of its stream", "sequence")
