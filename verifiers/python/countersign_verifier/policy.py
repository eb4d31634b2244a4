"""Which cosignatures a checkpoint needs (docs/record.md section 10, C2SP tlog-policy)."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from . import limits
from .encoding import utf16_length
from .errors import Malformed
from .hashing import digest
from .notes import COSIGNATURE, SIGNATURE, VerifierKey, read_verifier_key

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_WHITE_SPACE = re.compile(r"[ \t]+")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
_NOBODY = "none"


@dataclass
class Policy:
    """Witnesses and groups by their names in the file, in the order of its lines."""

    text: str
    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    quorum: str | None = None

    @property
    def id(self) -> str:
        """SHA-256 of the text, in hex."""
        return digest(self.text.encode("utf-8")).hex()

    @property
    def asks_for_nobody(self) -> bool:
        """Whether it says openly that no cosignature is asked for."""
        return self.quorum == _NOBODY

    def is_met_by(self, cosigners: Collection[VerifierKey]) -> bool:
        """Whether these cosigners are the quorum."""
        counts = {name for name, key in self.witnesses.items() if key in cosigners}
        for name, (needed, group) in self.groups.items():  # A group names earlier lines only.
            if sum(member in counts for member in group) >= needed:
                counts.add(name)
        return self.asks_for_nobody or self.quorum in counts


def read_policy(text: str) -> Policy:
    """Reads a policy file; what keeps none of its forms refuses it."""
    if utf16_length(text) > limits.POLICY_CHARACTERS or _CONTROL.search(text) or not text.endswith("\n"):
        raise Malformed("the policy is too long, holds a control character, or ends within a line")
    lines = text[:-1].split("\n")
    if len(lines) > limits.POLICY_LINES:
        raise Malformed("the policy has too many lines")
    policy = Policy(text)
    members: set[str] = set()
    for number, line in enumerate(lines, 1):
        words = [word for word in _WHITE_SPACE.split(line) if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            _read_line(words, policy, members)
        except Malformed as error:
            raise Malformed(f"line {number}: {error}", str(number)) from error
    if policy.quorum is None:
        raise Malformed("the policy has no quorum")
    return policy


def _read_line(words: list[str], policy: Policy, members: set[str]) -> None:
    if words[0] == "log" and 2 <= len(words) <= 3:
        policy.logs.append(_new_key(words[1], SIGNATURE, policy))
    elif words[0] == "witness" and 3 <= len(words) <= 4:
        _require_new_name(words[1], policy)
        policy.witnesses[words[1]] = _new_key(words[2], COSIGNATURE, policy)
    elif words[0] == "group" and len(words) >= 4:
        _read_group(words[1], words[2], words[3:], policy, members)
    elif words[0] == "quorum" and len(words) == 2 and policy.quorum is None:
        if words[1] != _NOBODY:
            _require_known(words[1], policy)
        policy.quorum = words[1]
    else:
        raise Malformed("it has none of the forms")


def _read_group(name: str, needed: str, group: list[str], policy: Policy, members: set[str]) -> None:
    _require_new_name(name, policy)
    for member in group:
        _require_known(member, policy)
        if member in members:
            raise Malformed("a name is a member twice")
        members.add(member)
    if needed not in ("all", "any") and (not _NUMBER.fullmatch(needed) or int(needed) > len(group)):
        raise Malformed("it is no number of the members")
    policy.groups[name] = ({"all": len(group), "any": 1}.get(needed) or int(needed), group)


def _require_known(name: str, policy: Policy) -> None:
    if name not in policy.witnesses and name not in policy.groups:
        raise Malformed("a name that no earlier line defines")


def _require_new_name(name: str, policy: Policy) -> None:
    if name == _NOBODY or name in policy.witnesses or name in policy.groups:
        raise Malformed("a name that stands already")


def _new_key(text: str, key_type: bytes, policy: Policy) -> VerifierKey:
    key = read_verifier_key(text, key_type)
    if any(key.key == other.key for other in (*policy.logs, *policy.witnesses.values())):
        raise Malformed("a key that stands already")
    return key
