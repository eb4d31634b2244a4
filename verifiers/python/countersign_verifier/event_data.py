"""Event data: an SD-JWT payload with one level of disclosures (docs/record.md section 4)."""

from dataclasses import dataclass

from . import claims, names
from .encoding import base64url, base64url_bytes
from .errors import Malformed
from .hashing import digest
from .strict_json import parse_canonical

_RESERVED = frozenset(("_sd", "_sd_alg", "..."))


@dataclass(frozen=True)
class Payload:
    """The public fields, and the digests of everything else."""

    digests: tuple[str, ...]
    fields: dict


@dataclass(frozen=True)
class Disclosure:
    """One opened group of fields."""

    sd_digest: str
    group: str
    members: dict


def read_payload(data: object, where: str = "data") -> Payload:
    """Reads ``data`` or ``intent``."""
    if not isinstance(data, dict):
        raise Malformed("it is no object", where)
    if data.get("_sd_alg") != "sha-256":
        raise Malformed("another hash", f"{where}._sd_alg")
    fields = {name: value for name, value in data.items() if name not in ("_sd", "_sd_alg")}
    _require_fields(fields, where, allowed="intent" if where == "data" else "")
    return Payload(_digests(data.get("_sd"), f"{where}._sd"), fields)


def _digests(listed: object, where: str) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
        raise Malformed("it is no list of digests", where)
    for text in listed:
        try:
            base64url_bytes(text, 32)
        except Malformed as error:
            raise Malformed(str(error), where) from error
    if any(one >= next_one for one, next_one in zip(listed, listed[1:])):
        raise Malformed("the digests do not ascend", where)
    return tuple(listed)


def _require_fields(fields: dict, where: str, allowed: str = "") -> None:
    for name, value in fields.items():
        if name == allowed:
            continue  # `intent` is an SD-JWT payload of its own; its reader judges it.
        if name == "intent" or not names.FIELD_NAME.fullmatch(name):
            raise Malformed("no name of a field", where)
        if _holds_reserved(value):
            raise Malformed("a field holds a member of SD-JWT", where)


def _holds_reserved(value: object) -> bool:
    if isinstance(value, dict):
        return any(name in _RESERVED or _holds_reserved(inner) for name, inner in value.items())
    return isinstance(value, list) and any(_holds_reserved(inner) for inner in value)


def open_disclosure(text: str) -> Disclosure:
    """Reads one disclosure, which has exactly one form."""
    parts = parse_canonical(base64url_bytes(text))
    if not isinstance(parts, list) or len(parts) != 3:
        raise Malformed("it is no array of three")
    salt, group, members = parts
    if not isinstance(salt, str) or not isinstance(group, str) or not isinstance(members, dict):
        raise Malformed("it is not salt, group and object")
    base64url_bytes(salt, 32)
    if group == "intent" or not names.FIELD_NAME.fullmatch(group):
        raise Malformed("no name of a group")
    if not members:
        raise Malformed("a group without fields")
    _require_fields(members, "disclosure")
    return Disclosure(digest_of_disclosure(text), group, members)


def digest_of_disclosure(text: str) -> str:
    """The digest by which a header names a disclosure; of the text, whatever it holds."""
    return base64url(digest(text.encode("utf-8")))


def open_all(texts: list[str], payload: Payload, claim: str | None) -> list[Disclosure]:
    """Opens the disclosures of one record; each is named by the header, and no name stands in two places."""
    opened = [open_disclosure(text) for text in texts]
    taken = set(payload.fields)
    named, groups = set(payload.digests), set()
    for one in opened:
        if one.sd_digest not in named:
            raise Malformed("a disclosure is repeated, or not named by the header")
        named.remove(one.sd_digest)
        if one.group in groups or one.group in payload.fields:
            raise Malformed("a group has the name of another")
        groups.add(one.group)
        if one.group == "claim":
            claims.require_claim(one.members, claim)
            continue
        if not taken.isdisjoint(one.members):
            raise Malformed("a field stands in two places")
        taken.update(one.members)
    return opened
