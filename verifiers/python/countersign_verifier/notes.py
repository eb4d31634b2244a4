"""Verifier keys, signed notes, cosignatures and checkpoints (docs/record.md section 10)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from . import limits, names
from .ed25519 import is_signature, require_key
from .encoding import base64_bytes, decimal
from .errors import Malformed
from .hashing import digest
from .merkle import EMPTY_ROOT

SIGNATURE = b"\x01"
COSIGNATURE = b"\x04"
_VERIFIER_KEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_NAME = re.compile(r"[!-*,-~]{1,255}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
# ``\s`` is Unicode's White_Space here, and control characters that are refused anyway.
_SIGNATURE_LINE = re.compile(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)")


@dataclass(frozen=True)
class VerifierKey:
    """A key under its name, as a reader pins it."""

    name: str
    key: bytes
    type: bytes = SIGNATURE

    @property
    def key_id(self) -> bytes:
        """The four bytes that a signature line names it by."""
        return digest(self.name.encode("utf-8") + b"\n" + self.type + self.key)[:4]


@dataclass(frozen=True)
class Note:
    """A text, who signed it, who cosigned it and when, and how many signature lines count for nothing."""

    text: str
    signers: tuple[VerifierKey, ...]
    cosigned: dict[VerifierKey, int]
    uncounted: int


@dataclass(frozen=True)
class Checkpoint:
    """Origin, size and root of a tree."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True)
class SignedCheckpoint:
    """A checkpoint and its note."""

    checkpoint: Checkpoint
    note: Note


def read_verifier_key(text: str, key_type: bytes = SIGNATURE) -> VerifierKey:
    """Reads ``<name>+<key id>+<base64>`` of one type."""
    match = _VERIFIER_KEY.fullmatch(text)
    if not match or not _NAME.fullmatch(match[1]):
        raise Malformed("it is no verifier key")
    encoded = base64_bytes(match[3], 33)
    if encoded[:1] != key_type:
        raise Malformed("it is a key of another type")
    pinned = VerifierKey(match[1], require_key(encoded[1:]), key_type)
    if pinned.key_id.hex() != match[2]:
        raise Malformed("the key id is not that of the key")
    return pinned


def open_note(note: str, signers: Sequence[VerifierKey], cosigners: Sequence[VerifierKey] = ()) -> Note:
    """Opens a note with the reader's keys; one of the signers must have signed, and no line of a pinned key may be bad."""
    text, lines = _split(note)
    pinned = {(key.name, key.key_id): key for key in (*cosigners, *signers)}
    signed: list[VerifierKey] = []
    cosigned: dict[VerifierKey, int] = {}
    for name, key_id, signature in map(_signature_line, lines):
        key = pinned.get((name, key_id))
        if key is None:
            continue
        if key in signed or key in cosigned:
            raise Malformed("a pinned key has a second line")
        if key.type == SIGNATURE:
            _require_signature(key, text.encode("utf-8"), signature)
            signed.append(key)
        else:
            cosigned[key] = _cosigned_time(key, text, signature)
    if not signed:
        raise Malformed("no pinned key signed it")
    return Note(text, tuple(signed), cosigned, len(lines) - len(signed) - len(cosigned))


def signers_named_by(note: str) -> set[tuple[str, bytes]]:
    """Names and key ids of the lines of a note, of which none is verified: a log may have had many thousands of keys."""
    return {(name, key_id) for name, key_id, _ in map(_signature_line, _split(note)[1])}


def _require_signature(key: VerifierKey, message: bytes, signature: bytes) -> None:
    if not is_signature(key.key, message, signature):
        raise Malformed("the signature of a pinned key does not verify")


def _cosigned_time(key: VerifierKey, text: str, signature: bytes) -> int:
    time = int.from_bytes(signature[:8], "big")
    if len(signature) != 72 or time > limits.INTEGER:
        raise Malformed("a pinned cosigner's line is no cosignature")
    _require_signature(key, f"cosignature/v1\ntime {time}\n{text}".encode("utf-8"), signature[8:])
    return time


def open_checkpoint(
    note: str, origin: str, signers: Sequence[VerifierKey], cosigners: Sequence[VerifierKey] = ()
) -> SignedCheckpoint:
    """Opens the signed checkpoint of one log."""
    opened = open_note(note, signers, cosigners)
    checkpoint = read_checkpoint(opened.text)
    if checkpoint.origin != origin:
        raise Malformed("the checkpoint is of another origin")
    return SignedCheckpoint(checkpoint, opened)


def _split(note: str) -> tuple[str, list[str]]:
    if len(note.encode("utf-8")) > limits.NOTE_BYTES or _CONTROL.search(note):
        raise Malformed("it is too long, or holds a control character")
    head, separator, tail = note.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise Malformed("no empty line separates text and signatures")
    lines = tail[:-1].split("\n")
    if "\x7f" in head:
        raise Malformed("the text holds a control character")
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
