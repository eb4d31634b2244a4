"""Reading objects, lists and texts of a parsed file; what does not have the shape makes the file unreadable."""

from collections.abc import Callable
from typing import TypeVar

from .encoding import base64_bytes, utf16_length
from .errors import Malformed, Unreadable

Read = TypeVar("Read")


def members(value: object, where: str, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict:
    """An object with all that is needed and nothing that is not listed."""
    if not isinstance(value, dict):
        raise Unreadable(f"{where} is no object")
    for name in needed:
        if name not in value:
            raise Unreadable(f"{where} lacks {name}")
    for name in value:
        if name not in needed and name not in optional:
            raise Unreadable(f"{where} has a member that is not listed")
    return value


def elements(value: object, where: str, at_most: int, at_least: int = 0) -> list:
    """A list of so many elements."""
    if not isinstance(value, list) or not at_least <= len(value) <= at_most:
        raise Unreadable(f"{where} is no list of {at_least} to {at_most}")
    return value


def text(value: object, where: str, at_most: int, at_least: int = 0) -> str:
    """A text of so many UTF-16 code units."""
    if not isinstance(value, str) or not at_least <= utf16_length(value) <= at_most:
        raise Unreadable(f"{where} is no text of {at_least} to {at_most} characters")
    return value


def form(value: object, where: str, read: Callable[[str], Read]) -> Read:
    """A text that ``read`` accepts."""
    if not isinstance(value, str):
        raise Unreadable(f"{where} is no text")
    try:
        return read(value)
    except Malformed as error:
        raise Unreadable(f"{where}: {error}") from error


def hash_of(value: object, where: str) -> bytes:
    """A hash or secret."""
    return form(value, where, lambda words: base64_bytes(words, 32))
