"""The checks of one log: is it pinned, did it sign, who vouches for it, what does it say of its past and its items."""

from dataclasses import dataclass, field

from .bundle import LogEntry, StreamEntry
from .consistency import Consistency, judge_consistency
from .errors import Malformed
from .item_map import read_heads_entry
from .key_history import KeyHistory, follow_rotations, require_uncompromised
from .merkle import leaf_hash, verify_inclusion
from .notes import Checkpoint, SignedCheckpoint, VerifierKey, open_checkpoint
from .registration import Registration, log_id, read_registration
from .report import Report
from .trust import PinnedLog, Trust


@dataclass(frozen=True)
class EstablishedLog:
    """A pinned log, the checkpoint that it signed, and what stands on it."""

    subject: str
    log_id: bytes
    registration: Registration
    checkpoint: Checkpoint
    map_root: bytes | None
    map_is_vouched_for: bool
    is_vouched_for: bool


@dataclass(frozen=True)
class Judged:
    """What a bundle is judged by: the auditor's file, and the time, if he gave one."""

    trust: Trust
    at: int | None
    histories: dict[bytes, KeyHistory | Malformed] = field(default_factory=dict)
    """What was found once of a log need not be found again for a log that stands many times."""

    def subject_of(self, log: bytes) -> str:
        """How reports name a log."""
        pinned = self.trust.logs.get(log)
        return log.hex() if pinned is None else pinned.origin


def verify_log(entry: LogEntry, streams: list[StreamEntry], by: Judged, report: Report) -> EstablishedLog | None:
    """Establishes a log, or says why not."""
    subject, pinned = by.subject_of(entry.log_id), by.trust.logs.get(entry.log_id)
    try:
        if pinned is None:
            raise Malformed("the trust file does not pin this log")
        registration = _pinned_registration(entry, pinned)
    except Malformed as error:
        report.failed("log-pinned", subject, "UNKNOWN_KEY", str(error))
        return None
    report.passed("log-pinned", subject)
    history = _history(entry.log_id, registration, streams, by)
    if isinstance(history, Malformed):
        report.failed("key-history", subject, "BAD_SIG", str(history))
        return None
    return _verify_signed(entry, registration, history, pinned, by, report)


def _history(log: bytes, registration: Registration, streams: list[StreamEntry], by: Judged) -> KeyHistory | Malformed:
    if log not in by.histories:
        cosigners = {key.key for key in (*by.trust.witnesses, *by.trust.map_checkers)}
        try:
            by.histories[log] = follow_rotations(registration, log, streams, cosigners)
        except Malformed as error:
            by.histories[log] = error
    return by.histories[log]


def _pinned_registration(entry: LogEntry, pinned: PinnedLog) -> Registration:
    data = entry.registration.encode("utf-8")
    if log_id(data) != entry.log_id:
        raise Malformed("the registration does not hash to the log id")
    registration = read_registration(data)
    if registration.origin != pinned.origin:
        raise Malformed("the registration names another origin than the trust file")
    if (pinned.key.name, pinned.key.key) != (registration.origin, registration.log_key):
        raise Malformed("the pinned key is not the key of the registration")
    return registration


def _verify_signed(
    entry: LogEntry, registration: Registration, history: KeyHistory, pinned: PinnedLog, by: Judged, report: Report
) -> EstablishedLog | None:
    subject = pinned.origin
    keys = [VerifierKey(registration.origin, key) for key in history.log_keys]
    try:
        base = open_checkpoint(entry.checkpoint, registration.origin, keys[-1:], by.trust.witnesses)
    except Malformed as error:
        report.failed("checkpoint-signature", subject, "BAD_SIG", str(error))
        return None
    report.passed("checkpoint-signature", subject)
    _note_uncounted("checkpoint-signature", subject, base, report)
    is_vouched_for = _verify_witnesses(subject, base, by, report)
    _verify_freshness(subject, base, by, report)
    consistency = judge_consistency(entry, pinned, keys, base.checkpoint, by.trust)
    consistency.tell(subject, report)
    if not _verify_history(history, pinned, by, base, consistency, report):
        return None
    _verify_chain(subject, entry, base.checkpoint, by.trust, report)
    heads = _verify_heads(entry, registration, history, base.checkpoint, by, report)
    map_root, cosigned = (None, {}) if heads is None else heads
    map_is_vouched_for = heads is not None and _verify_map_quorum(subject, cosigned, by, report)
    return EstablishedLog(subject, entry.log_id, registration, base.checkpoint, map_root, map_is_vouched_for, is_vouched_for)


def _note_uncounted(check: str, subject: str, signed: SignedCheckpoint, report: Report) -> None:
    if signed.note.uncounted:
        report.not_checked(check, subject, f"{signed.note.uncounted} signature lines are of keys that count for nothing here")


def _verify_history(
    history: KeyHistory, pinned: PinnedLog, by: Judged, base: SignedCheckpoint, consistency: Consistency, report: Report
) -> bool:
    if not history.rotations and not pinned.compromised:
        return True
    try:
        require_uncompromised(history, pinned.compromised, by.trust.policy, base, consistency.consistent)
    except Malformed as error:
        report.failed("key-history", pinned.origin, "BAD_SIG", str(error))
        return False
    report.passed("key-history", pinned.origin)
    return True


def _verify_witnesses(subject: str, base: SignedCheckpoint, by: Judged, report: Report) -> bool:
    policy = by.trust.policy
    if policy.asks_for_nobody:
        report.not_checked("witness-quorum", subject, "the policy asks for no witnesses (quorum none)")
        return False
    if policy.is_met_by(base.note.cosigned):
        report.passed("witness-quorum", subject)
        return True
    words = f"the cosignatures of {len(base.note.cosigned)} witnesses do not meet the policy"
    report.failed("witness-quorum", subject, "BAD_SIG", words)
    return False


def _verify_freshness(subject: str, base: SignedCheckpoint, by: Judged, report: Report) -> None:
    bound = by.trust.max_age_seconds
    if bound is None or by.at is None:
        report.not_checked("freshness", subject, "there is no bound, or no time to judge by")
    elif any(by.at - time <= bound for time in base.note.cosigned.values()):
        report.passed("freshness", subject)
    else:
        report.failed("freshness", subject, "STALE", "no witness saw this checkpoint lately")


def _verify_chain(subject: str, entry: LogEntry, checkpoint: Checkpoint, trust: Trust, report: Report) -> None:
    head = entry.anchored
    if head is None:
        report.not_checked("chain-head", subject, "the bundle says nothing of the chain")
    elif head.chain != trust.chain_identity:
        report.failed("chain-head", subject, "FORKED", "the head is of another chain than the trust file pins")
    elif (head.size, head.root) != (checkpoint.size, checkpoint.root):
        report.failed("chain-head", subject, "FORKED", "the head on chain is not this checkpoint")
    else:
        words = f"the bundle asserts this head at height {head.height}; nothing in it proves that"
        report.not_checked("chain-head", subject, words)
    report.not_checked("chain-finality", subject, "no kind of evidence is known to this version")


def _verify_heads(
    entry: LogEntry, registration: Registration, history: KeyHistory, base: Checkpoint, by: Judged, report: Report
) -> tuple[bytes, dict[VerifierKey, int]] | None:
    subject, heads = registration.origin, entry.heads
    if heads is None:
        report.not_checked("item-heads", subject, "head not yet published: the bundle holds none for this checkpoint")
        return None
    key = history.heads_keys[-1]
    try:
        if key in by.trust.logs[entry.log_id].compromised:
            raise Malformed("a compromised key signed the heads checkpoint")
        pinned = [VerifierKey(registration.heads_origin, key)]
        opened = open_checkpoint(heads.checkpoint, registration.heads_origin, pinned, by.trust.map_checkers)
    except Malformed as error:
        report.failed("item-heads", subject, "BAD_SIG", str(error))
        return None
    verdict = "ALTERED"
    try:
        head = read_heads_entry(heads.entry)
        tree = opened.checkpoint
        verify_inclusion(heads.index, tree.size, leaf_hash(heads.entry), heads.path, tree.root)
        if head.base_size != base.size:
            raise Malformed("the heads entry is of another checkpoint")
        if head.base_root != base.root:
            verdict = "FORKED"
            raise Malformed("the heads entry names another root for this size")
    except Malformed as error:
        report.failed("item-heads", subject, verdict, str(error))
        return None
    report.passed("item-heads", subject)
    _note_uncounted("item-heads", subject, opened, report)
    return head.map_root, opened.note.cosigned


def _verify_map_quorum(subject: str, cosigned: dict[VerifierKey, int], by: Judged, report: Report) -> bool:
    policy = by.trust.map_policy
    if policy is None or policy.asks_for_nobody or not policy.is_met_by(cosigned):
        report.not_checked("map-quorum", subject, "no quorum of map checkers vouches for this item map")
        return False
    report.passed("map-quorum", subject)
    return True
