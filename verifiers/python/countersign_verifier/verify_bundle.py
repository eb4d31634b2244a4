"""Verifies one bundle with one trust file: bytes in, a report out."""

from functools import lru_cache

from .bundle import AbsenceEntry, Bundle, StreamEntry, read_bundle
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
    seen = set()
    for stream in bundle.streams:
        name = (stream.name.log_id, stream.name.stream_id)
        log = _established(stream, logs, by, report)
        if name in seen:
            subject = f"{by.subject_of(stream.name.log_id)} {stream.name.stream_id}"
            report.failed("stream-order", subject, "INSERTED", "the bundle holds this stream twice")
        elif log is not None:
            placed.extend(verify_stream(stream, log, report))
        seen.add(name)
    for absence in bundle.absences:
        log = _established(absence, logs, by, report)
        if log is not None:
            verify_absent(absence, log, report)
    verify_erasures(placed, report)
    for one in placed:
        note_withheld(one, report)
        if one.header is not None:
            report.records.append(described(one, one.header))
    report.records.sort(key=lambda record: (record["log"], record["index"]))
    report.not_checked("completeness", "bundle", "the item is a label: nothing proves that these are its streams, or all of them")


def _established(
    one: StreamEntry | AbsenceEntry, logs: dict[bytes, EstablishedLog | None], by: Judged, report: Report
) -> EstablishedLog | None:
    subject = f"{by.subject_of(one.name.log_id)} {one.name.stream_id}"
    if one.name.log_id not in logs:
        report.failed("log-pinned", subject, "UNKNOWN_KEY", "it names a log that is not in the bundle")
        return None
    if logs[one.name.log_id] is None:
        report.not_checked("inclusion", subject, "its log could not be established")
    return logs[one.name.log_id]
