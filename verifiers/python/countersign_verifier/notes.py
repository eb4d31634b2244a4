"""Verifier keys, signed notes and checkpoints (docs/record.md section 10)."""

import re
from dataclasses import dataclass

from . import limits, names
from .ed25519 import is_signature, require_key
from .encoding import base64_bytes, decimal
from .errors import Malformed
from .hashing import digest
from .merkle import EMPTY_ROOT

_ED25519 = b"\x01"
_VERIFIER_KEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_NAME = re.compile(r"[!-*,-~]{1,255}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE_LINE = re.compile(r"\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)")


@dataclass(frozen=True)
class VerifierKey:
    """A key under its name, as a reader pins it."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that a signature line names it by."""
        return digest(self.name.encode("utf-8") + b"\n" + _ED25519 + self.key)[:4]


@dataclass(frozen=True)
class Note:
    """A text, the pinned keys that signed it, and how many signature lines count for nothing."""

    text: str
    signers: tuple[VerifierKey, ...]
    uncounted: int


@dataclass(frozen=True)
class Checkpoint:
    """Origin, size and root of a tree."""

    origin: str
    size: int
    root: bytes


def read_verifier_key(text: str) -> VerifierKey:
    """Reads ``<name>+<key id>+<base64>``."""
    match = _VERIFIER_KEY.fullmatch(text)
    if not match or not _NAME.fullmatch(match[1]):
        raise Malformed("it is no verifier key")
    encoded = base64_bytes(match[3], 33)
    if encoded[:1] != _ED25519:
        raise Malformed("it is no Ed25519 key")
    pinned = VerifierKey(match[1], require_key(encoded[1:]))
    if pinned.key_id.hex() != match[2]:
        raise Malformed("the key id is not that of the key")
    return pinned


def open_note(note: str, pinned: list[VerifierKey]) -> Note:
    """Opens a note with the reader's keys; refuses it whole for one bad line of a pinned key."""
    text, lines = _split(note)
    keys = {(key.name, key.key_id): key for key in pinned}
    signers: list[VerifierKey] = []
    uncounted = 0
    for line in lines:
        name, key_id, signature = _signature_line(line)
        key = keys.get((name, key_id))
        if key is None:
            uncounted += 1
        elif key in signers:
            raise Malformed("a pinned key has a second line")
        elif not is_signature(key.key, text.encode("utf-8"), signature):
            raise Malformed("the signature of a pinned key does not verify")
        else:
            signers.append(key)
    if not signers:
        raise Malformed("no pinned key signed it")
    return Note(text, tuple(signers), uncounted)


def _split(note: str) -> tuple[str, list[str]]:
    if len(note.encode("utf-8")) > limits.NOTE_BYTES or _CONTROL.search(note):
        raise Malformed("it is too long, or holds a control character")
    head, separator, tail = note.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise Malformed("no empty line separates text and signatures")
    lines = tail[:-1].split("\n")
    if len(lines) > limits.NOTE_SIGNATURES:
        raise Malformed("too many signature lines")
    return head + "\n", lines


def _signature_line(line: str) -> tuple[str, bytes, bytes]:
    match = _SIGNATURE_LINE.fullmatch(line)
    if not match:
        raise Malformed("it is no signature line")
    signature = base64_bytes(match[2])
    if len(signature) < 5:
        raise Malformed("a signature line without signature")
    return match[1], signature[:4], signature[4:]


def read_checkpoint(text: str) -> Checkpoint:
    """Reads the three lines of a checkpoint."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise Malformed("it has not exactly three lines")
    size, root = decimal(lines[1]), base64_bytes(lines[2], 32)
    if size == 0 and root != EMPTY_ROOT:
        raise Malformed("an empty tree has another root")
    return Checkpoint(names.require(names.ORIGIN, lines[0]), size, root)
