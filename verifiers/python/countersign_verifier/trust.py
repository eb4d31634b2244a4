"""The auditor's own trust file (docs/bundle.md section 2). Nothing of it is ever taken from a bundle."""

from dataclasses import dataclass

from . import limits, names
from .encoding import hex_bytes
from .errors import Malformed, Unreadable
from .notes import VerifierKey, read_verifier_key
from .shape import elements, form, members, text
from .strict_json import parse_any_form

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class PinnedLog:
    """A log that the auditor knows."""

    origin: str
    log_id: bytes
    key: VerifierKey


@dataclass(frozen=True)
class Trust:
    """What the auditor pins."""

    logs: dict[bytes, PinnedLog]
    quorum: int
    witnesses: list[VerifierKey]
    chain_identity: str
    chain_name: str


def read_trust(data: bytes) -> Trust:
    """Reads the bytes of a trust file; raises Unreadable if they are none."""
    if len(data) > limits.TRUST_BYTES:
        raise Unreadable("the trust file is too large")
    try:
        parsed = parse_any_form(data.removeprefix(_BYTE_ORDER_MARK))
    except Malformed as error:
        raise Unreadable(f"the trust file: {error}") from error
    file = members(parsed, "the trust file", ("version", "logs", "witnesses", "chain"))
    if _number(file["version"], "version") != 1:
        raise Unreadable("the trust file is of another version")
    logs = [_log(entry, f"logs.{at}") for at, entry in enumerate(elements(file["logs"], "logs", limits.PINNED_LOGS, 1))]
    _require_distinct([log.log_id for log in logs], "log id")
    _require_distinct([log.origin for log in logs], "origin")
    witnesses = members(file["witnesses"], "witnesses", ("quorum", "verifierKeys"))
    keys = elements(witnesses["verifierKeys"], "witnesses.verifierKeys", limits.WITNESSES)
    pinned = [form(key, "witnesses.verifierKeys", read_verifier_key) for key in keys]
    _require_distinct(pinned, "witness")
    chain = members(file["chain"], "chain", ("identity", "name"))
    return Trust(
        {log.log_id: log for log in logs},
        _quorum(witnesses["quorum"], len(pinned)),
        pinned,
        text(chain["identity"], "chain.identity", limits.CHAIN_IDENTITY_CHARACTERS, 1),
        text(chain["name"], "chain.name", limits.CHAIN_NAME_CHARACTERS, 1),
    )


def _log(value: object, where: str) -> PinnedLog:
    entry = members(value, where, ("origin", "logId", "verifierKey"))
    return PinnedLog(
        form(entry["origin"], f"{where}.origin", lambda words: names.require(names.ORIGIN, words)),
        form(entry["logId"], f"{where}.logId", lambda words: hex_bytes(words, 32)),
        form(entry["verifierKey"], f"{where}.verifierKey", read_verifier_key),
    )


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unreadable(f"{where} is no number")
    return value


def _quorum(value: object, witnesses: int) -> int:
    quorum = _number(value, "witnesses.quorum")
    if not 0 <= quorum <= witnesses or quorum != int(quorum):
        raise Unreadable("witnesses.quorum asks for more witnesses than are pinned, or is no number of them")
    return int(quorum)


def _require_distinct(values: list, what: str) -> None:
    if len(set(values)) != len(values):
        raise Unreadable(f"the trust file names one {what} twice")
