"""The auditor's own trust file (docs/bundle.md section 2). Nothing of it is ever taken from a bundle."""

from dataclasses import dataclass

from . import limits, names
from .ed25519 import require_key
from .encoding import decimal, hex_bytes, require_time, seconds_of
from .errors import Malformed, Unreadable
from .notes import VerifierKey, read_verifier_key
from .policy import Policy, read_policy
from .shape import elements, form, members, text
from .strict_json import parse_any_form


@dataclass(frozen=True)
class SeenHead:
    """A head that the auditor saw before."""

    size: int
    root: bytes


@dataclass(frozen=True)
class PinnedLog:
    """A log that the auditor knows."""

    origin: str
    log_id: bytes
    key: VerifierKey
    seen: SeenHead | None
    compromised: dict[bytes, int]
    """Seconds since the epoch at which others may have begun to use a key."""


@dataclass(frozen=True)
class Trust:
    """What the auditor pins."""

    logs: dict[bytes, PinnedLog]
    policy: Policy
    map_policy: Policy | None
    max_age_seconds: int | None
    chain_identity: str
    chain_name: str

    @property
    def witnesses(self) -> tuple[VerifierKey, ...]:
        """The cosigners of base checkpoints."""
        return tuple(self.policy.witnesses.values())

    @property
    def map_checkers(self) -> tuple[VerifierKey, ...]:
        """The cosigners of heads checkpoints."""
        return () if self.map_policy is None else tuple(self.map_policy.witnesses.values())


def read_trust(data: bytes) -> Trust:
    """Reads the bytes of a trust file; raises Unreadable if they are none."""
    if len(data) > limits.TRUST_BYTES:
        raise Unreadable("the trust file is too large")
    try:
        parsed = parse_any_form(data)
    except Malformed as error:
        raise Unreadable(f"the trust file: {error}") from error
    file = members(parsed, "the trust file", ("version", "logs", "policy", "chain"), ("mapPolicy", "maxAgeSeconds"))
    _require_version(file["version"])
    logs = [_log(entry, f"logs.{at}") for at, entry in enumerate(elements(file["logs"], "logs", limits.PINNED_LOGS, 1))]
    _require_distinct([log.log_id for log in logs], "log id")
    _require_distinct([log.origin for log in logs], "origin")
    chain = members(file["chain"], "chain", ("identity", "name"))
    trust = Trust(
        {log.log_id: log for log in logs},
        _policy(file["policy"], "policy"),
        _policy(file["mapPolicy"], "mapPolicy") if "mapPolicy" in file else None,
        form(file["maxAgeSeconds"], "maxAgeSeconds", decimal) if "maxAgeSeconds" in file else None,
        text(chain["identity"], "chain.identity", limits.CHAIN_IDENTITY_CHARACTERS, 1),
        text(chain["name"], "chain.name", limits.CHAIN_NAME_CHARACTERS, 1),
    )
    _require_separate_keys(logs, trust)
    return trust


def _require_version(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != 1:
        raise Unreadable("the trust file is of another version")


def _log(value: object, where: str) -> PinnedLog:
    entry = members(value, where, ("origin", "logId", "verifierKey"), ("seen", "compromised"))
    key = text(entry["verifierKey"], f"{where}.verifierKey", limits.VERIFIER_KEY_CHARACTERS)
    return PinnedLog(
        form(entry["origin"], f"{where}.origin", lambda words: names.require(names.ORIGIN, words)),
        form(entry["logId"], f"{where}.logId", lambda words: hex_bytes(words, 32)),
        form(key, f"{where}.verifierKey", read_verifier_key),
        _seen(entry["seen"], f"{where}.seen") if "seen" in entry else None,
        _compromised(entry["compromised"], f"{where}.compromised") if "compromised" in entry else {},
    )


def _seen(value: object, where: str) -> SeenHead:
    entry = members(value, where, ("size", "root"))
    size = form(entry["size"], f"{where}.size", decimal)
    if size == 0:
        raise Unreadable(f"{where}.size is 0")
    return SeenHead(size, form(entry["root"], f"{where}.root", lambda words: hex_bytes(words, 32)))


def _compromised(value: object, where: str) -> dict[bytes, int]:
    keys: dict[bytes, int] = {}
    for one in elements(value, where, limits.COMPROMISED_KEYS, 1):
        entry = members(one, where, ("key", "at"))
        key = form(entry["key"], f"{where}.key", lambda words: require_key(hex_bytes(words, 32)))
        if key in keys:
            raise Unreadable(f"{where} names one key twice")
        keys[key] = seconds_of(form(entry["at"], f"{where}.at", require_time))
    return keys


def _policy(value: object, where: str) -> Policy:
    policy = form(value, where, read_policy)
    if policy.logs:
        raise Unreadable(f"{where} lists logs")
    return policy


def _require_distinct(values: list, what: str) -> None:
    if len(set(values)) != len(values):
        raise Unreadable(f"the trust file names one {what} twice")


def _require_separate_keys(logs: list[PinnedLog], trust: Trust) -> None:
    groups = [{key.key for key in keys} for keys in ([log.key for log in logs], trust.witnesses, trust.map_checkers)]
    if any(not one.isdisjoint(other) for one, other in ((groups[0], groups[1]), (groups[0], groups[2]), (groups[1], groups[2]))):
        raise Unreadable("one key serves two purposes in the trust file")
