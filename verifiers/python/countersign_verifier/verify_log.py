"""The checks of one log: is it pinned, did it sign, what does the chain say of it."""

from dataclasses import dataclass

from .bundle import LogEntry
from .errors import Malformed
from .notes import Checkpoint, open_note, read_checkpoint
from .registration import Registration, log_id, read_registration
from .report import Report
from .trust import PinnedLog, Trust


@dataclass(frozen=True)
class EstablishedLog:
    """A pinned log and the checkpoint that it signed."""

    log_id: bytes
    registration: Registration
    checkpoint: Checkpoint


def verify_log(entry: LogEntry, trust: Trust, report: Report) -> EstablishedLog | None:
    """Establishes a log, or says why not."""
    pinned = trust.logs.get(entry.log_id)
    if pinned is None:
        report.failed("log-pinned", entry.log_id.hex(), "UNKNOWN_KEY", "the trust file does not pin this log")
        return None
    subject = pinned.origin
    try:
        registration = _pinned_registration(entry, pinned)
    except Malformed as error:
        report.failed("log-pinned", subject, "UNKNOWN_KEY", str(error))
        return None
    report.passed("log-pinned", subject)
    try:
        checkpoint, uncounted = _signed_checkpoint(entry.checkpoint, pinned)
    except Malformed as error:
        report.failed("checkpoint-signature", subject, "BAD_SIG", str(error))
        return None
    report.passed("checkpoint-signature", subject)
    if uncounted:
        report.not_checked("checkpoint-signature", subject, f"{uncounted} signature lines are of keys that count for nothing here")
    _witnesses(subject, trust, report)
    _chain(subject, entry, checkpoint, trust, report)
    return EstablishedLog(entry.log_id, registration, checkpoint)


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


def _signed_checkpoint(text: str, pinned: PinnedLog) -> tuple[Checkpoint, int]:
    note = open_note(text, [pinned.key])
    checkpoint = read_checkpoint(note.text)
    if checkpoint.origin != pinned.origin:
        raise Malformed("the checkpoint is of another origin")
    return checkpoint, note.uncounted


def _witnesses(subject: str, trust: Trust, report: Report) -> None:
    if trust.quorum == 0:
        report.not_checked("witness-quorum", subject, "the trust file asks for no witnesses")
    else:
        report.failed("witness-quorum", subject, "BAD_SIG", f"none of {trust.quorum} witnesses is read from a bundle of version 1")


def _chain(subject: str, entry: LogEntry, checkpoint: Checkpoint, trust: Trust, report: Report) -> None:
    head = entry.anchored
    if head is None:
        report.not_checked("chain-head", subject, "the bundle says nothing of the chain")
    elif head.chain != trust.chain_identity:
        report.failed("chain-head", subject, "FORKED", "the head is of another chain than the trust file pins")
    elif (head.size, head.root) != (checkpoint.size, checkpoint.root):
        report.failed("chain-head", subject, "FORKED", "the head on chain is not this checkpoint")
    else:
        report.not_checked("chain-head", subject, f"the bundle asserts this head at height {head.height}; nothing in it proves that")
    report.not_checked("chain-finality", subject, "no signatures of a chain travel in a bundle of version 1")
