"""Texts that stand for bytes, numbers and times. Each has exactly one accepted form (docs/record.md sections 1 and 3.3)."""

import base64
import binascii
import re
from datetime import date, datetime, timezone

from . import limits
from .errors import Malformed

_DECIMAL = re.compile(r"0|[1-9][0-9]*")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?(?:Z|[+-]([0-9]{2}):([0-9]{2}))"
)


def base64_bytes(text: str, length: int | None = None) -> bytes:
    """Padded base64 of RFC 4648 section 4 that re-encodes to the same text."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise Malformed("it is no base64") from error
    if base64.b64encode(data).decode("ascii") != text or (length is not None and len(data) != length):
        raise Malformed("it is not the base64 of so many bytes")
    return data


def base64url(data: bytes) -> str:
    """Unpadded base64url of RFC 4648 section 5."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def base64url_bytes(text: str, length: int | None = None) -> bytes:
    """Unpadded base64url that re-encodes to the same text."""
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        raise Malformed("it is no base64url") from error
    if base64url(data) != text or (length is not None and len(data) != length):
        raise Malformed("it is not the base64url of so many bytes")
    return data


def hex_bytes(text: str, length: int) -> bytes:
    """Lower-case hex of exactly so many bytes."""
    if len(text) != 2 * length or not _HEX.fullmatch(text):
        raise Malformed(f"it is not {length} bytes in lower-case hex")
    return bytes.fromhex(text)


def decimal(text: str, at_most: int = limits.INTEGER) -> int:
    """A number in decimal without leading zeros."""
    if len(text) > 20 or not _DECIMAL.fullmatch(text) or int(text) > at_most:
        raise Malformed("it is no number in decimal, or too large")
    return int(text)


def require_time(text: str) -> str:
    """A time of RFC 3339 with offset, as docs/record.md section 3.3 narrows it."""
    match = _TIME.fullmatch(text)
    if not match:
        raise Malformed("it is no time")
    year, month, day, hour, minute, second, offset_hour, offset_minute = (int(part or 0) for part in match.groups())
    try:
        date(year, month, day)  # Refuses year 0 and days that do not exist.
    except ValueError as error:
        raise Malformed("it is no day") from error
    if hour > 23 or minute > 59 or second > 59 or offset_hour > 23 or offset_minute > 59:
        raise Malformed("it is no time of a day")
    return text


def seconds_of(time: str) -> int:
    """Whole seconds from the epoch to a time, the fraction dropped. The offset is subtracted by hand: year 1 has no instant before it."""
    whole, offset = time[:19], time[19:].lstrip(".0123456789")
    seconds = int((datetime.fromisoformat(f"{whole}+00:00") - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds())
    if offset == "Z":
        return seconds
    ahead = int(offset[1:3]) * 3600 + int(offset[4:6]) * 60
    return seconds - ahead if offset[0] == "+" else seconds + ahead


def utf16_length(text: str) -> int:
    """Characters as the limits count them: UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
