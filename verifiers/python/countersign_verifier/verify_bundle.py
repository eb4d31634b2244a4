"""Verifies one bundle with one trust file: bytes in, a report out."""

from functools import lru_cache

from .bundle import Bundle, StreamName, read_bundle
from .encoding import require_time, seconds_of
from .erasure import verify_erasures
from .errors import Malformed, Unreadable
from .hashing import digest
from .records import PlacedRecord, described, note_withheld
from .report import Report
from .trust import read_trust
from .verify_log import EstablishedLog, Judged, verify_log
from .verify_stream import verify_absent, verify_stream

_read_trust = lru_cache(maxsize=16)(read_trust)


def verify_bundle(bundle_bytes: bytes, trust_bytes: bytes, at: str | None = None) -> Report:
    """Checks everything by a time, if there is one; raises Unreadable if a file is not what it claims to be."""
    trust = _read_trust(trust_bytes)
    by = Judged(trust, None if at is None else _instant(at))
    bundle = read_bundle(bundle_bytes)
    report = Report(
        item=f"{bundle.kind} {bundle.value}",
        policy_id=trust.policy.id,
        map_policy_id=None if trust.map_policy is None else trust.map_policy.id,
        bundle=digest(bundle_bytes).hex(),
        trust=digest(trust_bytes).hex(),
        at=at,
    )
    if bundle.sealed:
        report.passed("bundle-seal", "bundle")
    else:
        report.failed("bundle-seal", "bundle", "ALTERED", "the seal does not match the content")
    logs = _verify_logs(bundle, by, report)
    _verify_streams(bundle, logs, by, report)
    report.is_vouched_for = all(log is not None and log.is_vouched_for for log in logs.values())
    return report


def _instant(at: str) -> int:
    try:
        return seconds_of(require_time(at))
    except Malformed as error:
        raise Unreadable(f"the time to judge by: {error}") from error


def _verify_logs(bundle: Bundle, by: Judged, report: Report) -> dict[bytes, EstablishedLog | None]:
    named = {one.name.log_id for one in (*bundle.streams, *bundle.absences)}
    logs: dict[bytes, EstablishedLog | None] = {}
    for entry in bundle.logs:
        subject = by.subject_of(entry.log_id)
        if entry.log_id in logs:
            report.failed("log-pinned", subject, "INSERTED", "the bundle holds this log twice")
        if entry.log_id not in named:
            report.failed("log-pinned", subject, "INSERTED", "nothing in the bundle names this log")
        streams = [stream for stream in bundle.streams if stream.name.log_id == entry.log_id]
        log = verify_log(entry, streams, by, report)
        logs.setdefault(entry.log_id, log)  # The first of an id counts.
    return logs


def _verify_streams(bundle: Bundle, logs: dict[bytes, EstablishedLog | None], by: Judged, report: Report) -> None:
    if not bundle.streams:
        report.failed("stream-order", "bundle", "MISSING", "the bundle holds no stream")
    placed: list[PlacedRecord] = []
    seen: set[str] = set()
    for stream in bundle.streams:
        log = _established(stream.name, logs, seen, by, report)
        if log is not None:
            placed.extend(verify_stream(stream, log, report))
    for absence in bundle.absences:
        log = _established(absence.name, logs, seen, by, report)
        if log is not None:
            verify_absent(absence, log, report)
    verify_erasures(placed, report)
    for one in placed:
        note_withheld(one, report)
        if one.header is not None:
            report.records.append(described(one, one.header))
    report.records.sort(key=lambda record: record["recordedTime"])
    report.not_checked("completeness", "bundle", "the item is a label: nothing proves that these are its streams, or all of them")


def _established(
    name: StreamName, logs: dict[bytes, EstablishedLog | None], seen: set[str], by: Judged, report: Report
) -> EstablishedLog | None:
    """The log of a stream or absence that is to be read; what is shown of a stream twice is read once."""
    subject = f"{by.subject_of(name.log_id)} {name.stream_id}"
    log = logs.get(name.log_id)
    if name.log_id not in logs:
        report.failed("log-pinned", subject, "UNKNOWN_KEY", "it names a log that is not in the bundle")
    elif log is None:
        report.not_checked("inclusion", subject, "its log could not be established")
    elif subject in seen:
        report.failed("stream-order", subject, "INSERTED", "the bundle holds this stream twice")
        log = None
    seen.add(subject)
    return log
