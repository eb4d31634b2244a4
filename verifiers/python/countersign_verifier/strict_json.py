"""Canonical JSON as docs/record.md section 2 narrows RFC 8785, and JSON of any form without repeated members."""

import json
import re
from json.encoder import encode_basestring

from . import limits
from .errors import Malformed

# A text, also one that never ends, or one character that costs a parser memory.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_OPENING = (b"{", b"[")
_CLOSING = (b"}", b"]")


def _refuse_constant(name: str) -> None:
    raise Malformed(f"{name} is no JSON")


def _integer(digits: str) -> int:
    # Longer digits cannot be in range, and converting them would cost quadratic time.
    if len(digits) > 17 or abs(number := int(digits)) > limits.INTEGER:
        raise Malformed("a number is out of range")
    return number


def _float(_digits: str) -> None:
    raise Malformed("a number is no integer in decimal")


def _members(pairs: list) -> dict:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("a member stands twice")
    return members


def _loads(data: bytes, **hooks) -> object:
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_members, **hooks)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors.
        raise Malformed("it is no JSON in UTF-8") from error


def parse_any_form(data: bytes) -> object:
    """Parses JSON of any form, in which no object has one member twice."""
    return _loads(data, parse_int=_any_integer)


def _any_integer(digits: str) -> float:
    return int(digits) if len(digits) <= 17 else float(digits)


def parse_canonical(data: bytes) -> object:
    """Parses JSON and accepts it only in its one canonical form."""
    value = _loads(data, parse_int=_integer, parse_float=_float)
    if canonical(value) != data:
        raise Malformed("it is not in canonical form")
    return value


def canonical(value: object) -> bytes:
    """The RFC 8785 form; refuses what docs/record.md section 2 refuses."""
    pieces: list[str] = []
    _write(value, 0, pieces.append)
    try:
        return "".join(pieces).encode("utf-8")
    except UnicodeEncodeError as error:
        raise Malformed("a text holds a lone surrogate") from error


def _write(value: object, depth: int, put) -> None:
    if isinstance(value, str):
        put(encode_basestring(value))
    elif value is None or isinstance(value, bool):
        put({None: "null", True: "true", False: "false"}[value])
    elif isinstance(value, int):
        put(_in_range(value))
    elif depth == limits.JSON_DEPTH:
        raise Malformed(f"more than {limits.JSON_DEPTH} levels")
    elif isinstance(value, list):
        _write_list(value, depth, put)
    elif isinstance(value, dict):
        _write_object(value, depth, put)
    else:
        raise Malformed("a number is no integer")


def _in_range(value: int) -> str:
    if abs(value) > limits.INTEGER:
        raise Malformed("a number is out of range")
    return str(value)


def _write_list(values: list, depth: int, put) -> None:
    put("[")
    for at, element in enumerate(values):
        if at:
            put(",")
        _write(element, depth + 1, put)
    put("]")


def _write_object(members: dict, depth: int, put) -> None:
    put("{")
    for at, name in enumerate(sorted(members, key=_utf16)):
        if at:
            put(",")
        put(encode_basestring(name))
        put(":")
        _write(members[name], depth + 1, put)
    put("}")


def _utf16(name: str) -> bytes:
    """RFC 8785 section 3.2.3 sorts names by UTF-16 code units; UTF-8 and code points sort otherwise."""
    return name.encode("utf-16-be", "surrogatepass")


def refuse_costly(data: bytes) -> None:
    """Refuses JSON that would cost far more memory to parse than it has bytes, before it is parsed."""
    costly = depth = texts = 0
    for match in _TOKEN.finditer(data):
        token = match.group()
        if token[:1] == b'"':
            # In JSON every text follows one of `{`, `[`, `,`, or a colon that follows such a text: more are no JSON.
            texts += 1
        elif token in _CLOSING:
            depth -= 1
        else:
            costly += 1
            depth += token in _OPENING
        if costly > limits.BUNDLE_TOKENS or depth > limits.BUNDLE_DEPTH or texts > 2 * limits.BUNDLE_TOKENS + 1:
            raise Malformed("it has more parts or levels than any bundle")
