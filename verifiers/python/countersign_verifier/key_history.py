"""Keys of a log and of its heads log, from the registration's first to the current one (docs/bundle.md section 3.1)."""

from collections.abc import Collection
from dataclasses import dataclass

from .bundle import StreamEntry
from .ed25519 import is_acceptable_key, is_signature
from .errors import Malformed
from .hashing import prefix
from .header import Header, read_header
from .notes import SignedCheckpoint
from .policy import Policy
from .registration import Registration
from .strict_json import canonical
from .system_records import KEY_ROTATED

_SIGNED = ("keyUse", "newKey", "retiredKey", "validFrom")


@dataclass(frozen=True)
class Rotation:
    """A signed change of a key."""

    index: int
    retired: bytes
    new: bytes


@dataclass(frozen=True)
class KeyHistory:
    """The keys of the log and of its heads log, first to current, and what leads from one to the next."""

    log_keys: list[bytes]
    heads_keys: list[bytes]
    rotations: list[Rotation]


def follow_rotations(
    registration: Registration, log_id: bytes, streams: list[StreamEntry], cosigners: Collection[bytes]
) -> KeyHistory:
    """Follows the rotations among the records of a log; raises Malformed where one does not lead on."""
    keys = {"log": [registration.log_key], "heads": [registration.heads_key]}
    rotations: list[Rotation] = []
    for index, header in _rotation_records(registration, streams):
        fields = header.payload.fields
        use = fields["keyUse"]
        if use not in keys:
            continue
        rotation = Rotation(index, bytes.fromhex(fields["retiredKey"]), bytes.fromhex(fields["newKey"]))
        _require_signed(rotation, fields, log_id)
        if rotation.retired != keys[use][-1]:
            raise Malformed("a rotation retires another key than the current one")
        if not is_acceptable_key(rotation.new) or rotation.new in cosigners:
            raise Malformed("a rotation names a key that is none, or a cosigner's")
        keys[use].append(rotation.new)
        rotations.append(rotation)
    return KeyHistory(keys["log"], keys["heads"], rotations)


def _rotation_records(registration: Registration, streams: list[StreamEntry]) -> list[tuple[int, Header]]:
    own = next((stream for stream in streams if stream.name.stream_id == f"log/{registration.origin}"), None)
    found = []
    for record in [] if own is None else own.records:  # Of a stream that stands twice the first is read.
        if record.header is None or KEY_ROTATED not in record.header:
            continue
        try:
            header = read_header(record.header.encode("utf-8"), registration.has_predecessor)
        except Malformed:
            continue  # `record-header` says so.
        if header.members["type"] == KEY_ROTATED:
            found.append((record.index, header))
    return found


def _require_signed(rotation: Rotation, fields: dict, log_id: bytes) -> None:
    message = prefix("key-rotation") + log_id + canonical({name: fields[name] for name in _SIGNED})
    if not is_signature(rotation.retired, message, bytes.fromhex(fields.get("signature", ""))):
        raise Malformed("the retired key did not sign the new one")


def require_uncompromised(
    history: KeyHistory,
    compromised: dict[bytes, int],
    policy: Policy,
    base: SignedCheckpoint,
    earlier: list[SignedCheckpoint],
) -> None:
    """What a compromised key signed counts only if the witnesses saw it before others could use the key."""
    for key, since in compromised.items():
        seen = [head for head in (base, *earlier) if _was_seen_before(head, since, policy)]
        if key == history.log_keys[-1] and not _was_seen_before(base, since, policy):
            raise Malformed("a compromised key signed the checkpoint, and nobody saw it before")
        for rotation in history.rotations:
            if rotation.retired == key and not any(head.checkpoint.size > rotation.index for head in seen):
                raise Malformed("a compromised key signed a rotation, and nobody saw it before")


def _was_seen_before(head: SignedCheckpoint, since: int, policy: Policy) -> bool:
    if policy.asks_for_nobody:
        return False
    return policy.is_met_by({key for key, time in head.note.cosigned.items() if time < since})
