"""The closed forms of names: origins, streams, types, labels, codes (docs/record.md sections 1, 3 and 3.2)."""

import re

from .errors import Malformed

ORIGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:/-]{0,199}")
EVENT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
EVENT_TYPE = re.compile(r"countersign\.([a-z][a-z0-9-]*)\.[A-Z][A-Za-z0-9]*\.v[1-9][0-9]{0,8}")
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
VISIBLE_64 = re.compile(r"[!-~]{1,64}")
VISIBLE_128 = re.compile(r"[!-~]{1,128}")
PRINTABLE_200 = re.compile(r"[ -~]{1,200}")
KIND = re.compile(r"[a-z][a-z0-9-]{0,31}")

_STREAM_ID = re.compile(r"[a-z][a-z0-9-]*/[!-~]+")
_LABEL = re.compile(
    r"(?:UNCLASSIFIED|NATO UNCLASSIFIED|NATO RESTRICTED|NATO CONFIDENTIAL|NATO SECRET|COSMIC TOP SECRET)"
    r"(?: REL TO((?: [A-Z]{3}){1,64}))?"
)


def is_stream_id(text: str) -> bool:
    """A category, a slash and a key, at most 256 characters together."""
    return len(text) <= 256 and _STREAM_ID.fullmatch(text) is not None


def is_event_type(text: str) -> bool:
    """A type of at most 128 characters."""
    return len(text) <= 128 and EVENT_TYPE.fullmatch(text) is not None


def is_label(text: str) -> bool:
    """A classification and its nations, ascending, each once."""
    match = _LABEL.fullmatch(text)
    if match is None:
        return False
    nations = (match[1] or "").split()
    return all(one < next_one for one, next_one in zip(nations, nations[1:]))


def require(form: re.Pattern, text: str) -> str:
    """The text, if all of it has the form."""
    if not form.fullmatch(text):
        raise Malformed("it does not have the form that is asked for")
    return text


def require_stream_id(text: str) -> str:
    """The text, if it is a stream id."""
    if not is_stream_id(text):
        raise Malformed("it is no stream id")
    return text
